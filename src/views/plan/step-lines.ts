import { isIrreversible } from '../../plan/core/action-table.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import { startText } from '../action-words.js';
import type { Style } from '../style.js';

/** What apply does for one VM, step by step in its order, in the words that apply tells it with. */
export function stepLines({ address, actions }: PlannedEntry, paint: Style): string {
  if (actions.length === 0) return '';
  const lines = actions.map((action, index) => {
    const mark = isIrreversible(action) ? paint.danger('!') : ' ';
    return `  ${mark} ${String(index + 1).padStart(2)}. ${startText(address, action).replace(/\.\.\.$/, '')}`;
  });
  return `${[paint.strong(`  # ${address}`), ...lines].join('\n')}\n\n`;
}
