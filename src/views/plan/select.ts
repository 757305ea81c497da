import { selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';
import { HumanPlanView } from './human.js';
import { JsonPlanView } from './json.js';
import type { PlanView } from './view.js';

export const planView = (options: ViewOptions): PlanView =>
  selectView<PlanView>(options, { human: (to) => new HumanPlanView(to), json: (to) => new JsonPlanView(to) });
