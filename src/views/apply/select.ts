import type { ViewOptions } from '../view-options.js';
import { HumanApplyView } from './human.js';
import { JsonApplyView } from './json.js';
import type { ApplyView } from './view.js';

export function applyView(options: ViewOptions): ApplyView {
  switch (options.format) {
    case 'human':
      return new HumanApplyView(options);
    case 'json':
      return new JsonApplyView(options);
  }
}
