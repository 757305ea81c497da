import { selectView } from '../printable.js';
import type { ViewOptions } from '../view-options.js';
import { HumanApplyView } from './human.js';
import { JsonApplyView } from './json.js';
import type { ApplyView } from './view.js';

export const applyView = (options: ViewOptions): ApplyView =>
  selectView<ApplyView>(options, { human: (to) => new HumanApplyView(to), json: (to) => new JsonApplyView(to) });
