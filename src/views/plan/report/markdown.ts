import { createHash } from 'node:crypto';
import { plural } from '../../../model/format.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { isQuiet } from '../../../plan/file/summary.js';
import { jsonText } from '../../printable.js';
import { style } from '../../style.js';
import { blockText } from '../block.js';
import { entryBlocks } from '../entry-blocks.js';
import { headingText, verdictLines } from '../verdict.js';
import { timeText } from '../when-text.js';
import { blockedText, violationsText, warningsText } from './markdown-diagnostics.js';
import { namesText, type Room } from './markdown-names.js';
import { tablesOf } from './markdown-table.js';
import { code, fenced, folded } from './markdown-words.js';
import { type Rung, rungs } from './rungs.js';

/** GitHub takes 65,536 characters of four bytes at most; a wrapper may put something before and behind. */
export const CHARACTERS_MAX = 60_000;
export const BYTES_MAX = 240_000;

const FULL_TEXT_VMS_MAX = 300;

/** A comment on a pull request: the verdict first, details folded, always whole: what is too long says less, and says so. */
export function markdownReport(plan: PlanFile): string {
  let text = '';
  const changing = plan.migrations.filter(({ actions }) => actions.length > 0).length;
  for (const rung of rungs) {
    // Every step of so many VMs never has room, and takes long to write.
    if (rung.fullText && changing > FULL_TEXT_VMS_MAX) continue;
    text = atRung(plan, rung);
    if (text.length <= CHARACTERS_MAX && Buffer.byteLength(text) <= BYTES_MAX) break;
  }
  return text;
}

function atRung(plan: PlanFile, rung: Rung): string {
  const { text: tables, left } = tablesOf(plan, rung);
  const head = [
    `${marker(plan)}\n### ${headingText(plan)}${rung.isShort ? ' (shortened)' : ''}`,
    verdictText(plan, rung),
    ...tables,
  ];
  const tail = [
    ...violationsText(plan, rung),
    ...blockedText(plan, rung),
    ...warningsText(plan, rung),
    ...notesText(plan, rung),
    ...(rung.fullText ? fullText(plan) : []),
    ...(rung.isShort ? ['Not all of it has room here; `migplan show` of the saved plan tells the rest.'] : []),
    footer(plan),
  ];
  return whole([...head, ...namesText(left, rung.namesCut ? roomBeside(whole([...head, ...tail])) : endless), ...tail]);
}

const whole = (parts: readonly string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`;

const roomBeside = (text: string): Room => ({
  characters: CHARACTERS_MAX - text.length,
  bytes: BYTES_MAX - Buffer.byteLength(text),
});

const endless: Room = { characters: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

/** What comes before the names is what the eye looks for. */
const verdictText = (plan: PlanFile, { characters }: Rung): string =>
  verdictLines(plan, (name) => code(name, characters))
    .map((line) => line.replace(/^[^:`]+(?=:)/, (head) => `**${head}**`))
    .join('  \n');

/** By this line a pipeline finds the comment that it wrote before: the same for every plan of the same VMs for the same clouds. */
function marker({ targets, inputs }: PlanFile): string {
  const identity = jsonText([targets.map(({ provider, id }) => [provider, id]), inputs.selected]);
  return `<!-- migplan-plan ${createHash('sha256').update(identity).digest('hex').slice(0, 16)} -->`;
}

function notesText({ notes = [] }: PlanFile, { groups, characters }: Rung): string[] {
  return notes.length === 0
    ? []
    : [
        notes
          .slice(0, groups)
          .map((note) => `- ${code(note, characters * 4)}`)
          .join('\n'),
      ];
}

function fullText({ migrations, summary }: PlanFile): string[] {
  const blocks = migrations.flatMap(entryBlocks).map((block) => blockText(block, style({ isTerminal: false, off: true })));
  if (blocks.length === 0) return [];
  const text = [...blocks, ...summary].join('\n').split('\n').map(markFirst).join('\n');
  return [folded('All steps', fenced(text, 'diff'))];
}

/** Marks at the start of a line are what `diff` is coloured by. */
const markFirst = (line: string): string =>
  line.replace(/^(\s*)([-+!]) /, (_, space: string, mark: string) => `${mark} ${space}`);

function footer({ digest, plan, migrations, inputs }: PlanFile): string {
  const unchanged = migrations.filter(isQuiet).length;
  const quiet = unchanged === 0 ? '' : `${plural(unchanged, 'VM')} unchanged. `;
  const flag =
    inputs.trust === undefined ? ' Applying it needs `--allow-cutover`.' : ' Applying it needs what the trust policy asks for.';
  const approval = plan.irreversible ? flag : '';
  return `<sub>${quiet}Plan <code>${digest}</code>, may be applied until ${timeText(plan.expires_at)}.${approval}</sub>`;
}
