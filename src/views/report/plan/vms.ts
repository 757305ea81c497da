import { plural } from '../../../model/format.js';
import { grouped } from '../../../model/grouped.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import type { PlannedEntry } from '../../../plan/file/planned-entry.js';
import { isQuiet } from '../../../plan/file/summary.js';
import { type ChangeSymbol, symbolMeanings } from '../../plan/change-symbol.js';
import { isShown, type Row, rowsOf } from '../../plan/table.js';
import { wavesOf } from '../../plan/waves.js';
import { folded, ROWS_OPEN_MAX, table } from '../figure.js';
import { type Html, html, name, when } from '../html.js';
import type { Section } from '../page.js';

/** A table a wave, as in the comment; VMs without one come last. Blocked VMs first, then those that are cut over. */
export function vmsSection({ migrations, plan }: PlanFile): Section {
  const shown = migrations.filter(isShown);
  const all = rowsOf(shown, new Date(plan.created_at));
  const waves = wavesOf(shown);
  const ofWave = grouped(all, ({ entry }) => [entry.wave]);
  const hasTitles = waves.length > 1 || waves.some((wave) => wave !== undefined);
  let room = ROWS_OPEN_MAX;
  const tables = waves.map((wave) => {
    const rows = ofWave.get(wave) ?? [];
    const text = waveText({ wave, hasTitle: hasTitles, rows, room });
    room = Math.max(0, room - rows.length);
    return text;
  });
  const nothing = when(shown.length === 0, () => html`<p>Nothing changes.</p>`);
  const content = html`${nothing}${legend(all)}${tables}${quietText(migrations.filter(isQuiet))}`;
  return { id: 'vms', title: 'What changes, and when', content };
}

function legend(rows: readonly Row[]): Html {
  const used = (Object.keys(symbolMeanings) as ChangeSymbol[]).filter((one) => rows.some(({ symbol }) => symbol === one));
  return when(
    used.length > 0 && used,
    (symbols) => html`<p class="legend">${symbols.map((one) => html`<span>${mark(one)} ${symbolMeanings[one]}</span>`)}</p>
`,
  );
}

const CLASSES: Readonly<Record<ChangeSymbol, string>> = {
  '+': 'create',
  '~': 'update',
  '-': 'remove',
  '!': 'danger',
  x: 'blocked',
};

const mark = (symbol: ChangeSymbol | ' '): Html =>
  symbol === ' ' ? html`` : html`<b class="${CLASSES[symbol]}" title="${symbolMeanings[symbol]}">${symbol}</b>`;

interface WaveRows {
  readonly wave: PlannedEntry['wave'];
  readonly hasTitle: boolean;
  readonly rows: readonly Row[];
  /** Rows of it that are not folded. */
  readonly room: number;
}

function waveText({ wave, hasTitle, rows, room }: WaveRows): Html {
  const label = wave === undefined ? 'VMs without a wave' : `Wave ${wave}`;
  const heading = html`${wave === undefined ? label : html`Wave ${name(wave)}`}, ${plural(rows.length, 'VM')}`;
  if (room === 0) return folded(heading, rowsTable(label, rows));
  const title = when(
    hasTitle,
    () => html`<h3>${heading}</h3>
`,
  );
  const rest = rows.slice(room);
  const more = when(rest.length > 0 && rest, (some) => folded(`${plural(some.length, 'VM')} more`, rowsTable(label, some)));
  return html`${title}${rowsTable(hasTitle ? label : 'VMs', rows.slice(0, room))}${more}`;
}

const HEADINGS = ['change', 'VM', 'phase', 'disks', 'copied', 'downtime', 'when', 'note'];

/** A few words, which are read faster on one line. */
const SHORT = new Set(['phase', 'copied', 'downtime']);

function rowsTable(label: string, rows: readonly Row[]): Html {
  const lines = rows.map(({ symbol, entry, disks, transfer, downtime, when: opens, words, told }) => [
    mark(symbol),
    name(entry.name),
    entry.phase,
    disks,
    transfer,
    downtime,
    opens,
    [...words, ...told].join(', '),
  ]);
  // A column that nobody fills takes room from those that are read.
  const used = HEADINGS.map((_, column) => column < 4 || lines.some((line) => line[column] !== '' && line[column] !== '-'));
  const isUsed = (_: unknown, column: number): boolean => used[column]!;
  const headings = HEADINGS.filter(isUsed);
  const cell = (text: Html | string | undefined, column: number): Html =>
    SHORT.has(headings[column + 2]!) ? html`<td class="short">${text}</td>` : html`<td>${text}</td>`;
  const row = (line: (typeof lines)[number]): Html => {
    const [symbol, vm, ...others] = line.filter(isUsed);
    return html`<tr><td>${symbol}</td><th scope="row">${vm}</th>${others.map(cell)}</tr>
`;
  };
  return table(label, headings, lines.map(row));
}

function quietText(quiet: readonly PlannedEntry[]): Html {
  if (quiet.length === 0) return html``;
  return folded(
    `${plural(quiet.length, 'VM')} unchanged`,
    html`<p class="names">${quiet.map((entry) => html`<span>${name(entry.name)}</span> `)}</p>`,
  );
}
