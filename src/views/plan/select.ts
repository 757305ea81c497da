import type { ViewOptions } from '../view-options.js';
import { HumanPlanView } from './human.js';
import { JsonPlanView } from './json.js';
import type { PlanView } from './view.js';

export function planView(options: ViewOptions): PlanView {
  switch (options.format) {
    case 'human':
      return new HumanPlanView(options);
    case 'json':
      return new JsonPlanView(options);
  }
}
