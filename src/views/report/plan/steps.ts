import type { PlanFile } from '../../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../../plan/file/planned-entry.js';
import { blockText } from '../../plan/block.js';
import { entryBlocks } from '../../plan/entry-blocks.js';
import { stepLines } from '../../plan/step-lines.js';
import { style } from '../../style.js';
import { folded, foldedOnPaper } from '../figure.js';
import { type Html, html, name } from '../html.js';
import type { Section } from '../page.js';

/** What every one of so many VMs changes is more than anybody opens, and makes a file that no browser likes. */
const VMS_MAX = 300;

/** Of more, all are folded once more. */
const VMS_OPEN_MAX = 20;

/** Every change and every step, a VM at a time, in the words of the plan's text. */
export function stepsSection({ migrations }: PlanFile): Section[] {
  const changing = migrations.filter(({ actions }) => actions.length > 0);
  if (changing.length === 0) return [];
  return [{ id: 'steps', title: 'All steps', content: contentOf(changing) }];
}

function contentOf(changing: readonly PlannedEntry[]): Html {
  if (changing.length > VMS_MAX)
    return html`<p>Of ${changing.length} VMs they have no room here: <code>migplan show --detail step</code> of the saved plan tells them.</p>`;
  const all = html`${changing.map((entry) => folded(name(entry.address), entryText(entry)))}`;
  return changing.length > VMS_OPEN_MAX ? foldedOnPaper(`Of ${changing.length} VMs`, all) : all;
}

const plain = style({ isTerminal: false, off: true, env: {} });

function entryText(entry: PlannedEntry): Html {
  const text = [...entryBlocks(entry).map((block) => blockText(block, plain)), stepLines(entry, plain)].join('\n');
  return html`<pre>${text
    .trimEnd()
    .split('\n')
    .map(
      (line) => html`${line}
`,
    )}</pre>
${leftText(entry)}`;
}

function leftText({ notCarried = [] }: PlannedEntry): Html {
  if (notCarried.length === 0) return html``;
  const items = notCarried.map(
    ({ of, property, value, note }) => html`<li>${of}: ${property} = "${value}"${note === undefined ? '' : ` (${note})`}</li>`,
  );
  return html`<p>Not carried over:</p><ul>${items}</ul>
`;
}
