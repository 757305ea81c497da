import { catalog } from '../../diag/catalog.js';
import { formatBytes } from '../../model/format.js';
import { copiesOf, isIrreversible, makesVolume, powersOff, wordsOf } from '../../plan/core/action-table.js';
import { isAdopted } from '../../plan/core/adoption.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { type ChangeSymbol, symbolStyle } from './change-symbol.js';
import { downtimeBrief, windowTexts } from './when-text.js';

/** What a table says of one VM, cell by cell. */
export interface Row {
  readonly symbol: ChangeSymbol | ' ';
  readonly entry: PlannedEntry;
  readonly disks: string;
  readonly transfer: string;
  readonly downtime: string;
  readonly when: string;
  /** What happens to it that a reviewer must not miss. */
  readonly words: readonly string[];
  /** The first that is wrong with it. */
  readonly told: readonly string[];
}

const RANKS: readonly (ChangeSymbol | ' ')[] = ['x', '!'];
const rankOf = ({ symbol }: Row): number => (RANKS.includes(symbol) ? RANKS.indexOf(symbol) : RANKS.length);

/** Blocked VMs first, then what cannot be undone; else in the order of the plan. `at`: when the plan was made. */
export function rowsOf(entries: readonly PlannedEntry[], at: Date): Row[] {
  const whenOf = windowTexts(at);
  const rows = entries.map((entry): Row => {
    const { downtime, window } = entry;
    return {
      symbol: symbolOf(entry),
      entry,
      disks: String(entry.disks.length),
      transfer: transferText(entry),
      downtime: downtime === undefined ? '-' : downtimeBrief(downtime),
      when: window === undefined ? '-' : whenOf(window),
      words: happens(entry),
      told: firstTold(entry),
    };
  });
  return rows.sort((a, b) => rankOf(a) - rankOf(b));
}

const HEADINGS = ['VM', 'phase', 'disks', 'transfer', 'downtime', 'when', 'note'] as const;

/** One line a VM, for plans that are too long disk by disk. */
export function planTable(entries: readonly PlannedEntry[], at: Date, paint: Style): string {
  const shown = entries.filter(isShown);
  const rows = rowsOf(shown, at).map(({ symbol, entry, disks, transfer, downtime, when, words, told }) => ({
    symbol,
    cells: [entry.address, entry.phase, disks, transfer, downtime, when, [...words, ...told].join(', ')],
  }));
  // Most plans cut nothing over: two columns of dashes would only make them wide.
  const used = HEADINGS.map((name, column) => !isOptional(name) || rows.some(({ cells }) => cells[column] !== '-'));
  const isUsed = (_: unknown, column: number): boolean => used[column]!;
  const [headings, ...lines] = tableLines([HEADINGS, ...rows.map(({ cells }) => cells)].map((cells) => cells.filter(isUsed)));
  const quiet = entries.length - shown.length;
  return [
    `  ${headings}`,
    ...rows.map(({ symbol }, index) => `${symbolStyle(symbol, paint)(symbol)} ${lines[index]}`),
    ...(quiet > 0 ? [`. ${quiet} VM${quiet === 1 ? '' : 's'} unchanged`] : []),
    '',
  ].join('\n');
}

const isOptional = (name: (typeof HEADINGS)[number]): boolean => name === 'downtime' || name === 'when';

function symbolOf({ actions, diagnostics }: PlannedEntry): ChangeSymbol | ' ' {
  if (diagnostics.some(({ severity }) => severity === 'error')) return 'x';
  if (actions.length === 0) return ' ';
  if (actions.some(isIrreversible)) return '!';
  return actions.some(makesVolume) ? '+' : '~';
}

/** What is copied of one VM. */
export interface Transfer {
  /** Disks that are copied or compared whole, and their bytes at most. */
  readonly whole: number;
  readonly wholeBytes: number;
  /** Bytes of deltas by an estimate, and disks of which nobody knows how much. */
  readonly deltaBytes: number;
  readonly unknown: number;
}

/** undefined: nothing is copied. What a live sync of the same plan leaves for after it is not counted. */
export function transferOf({ actions }: PlannedEntry): Transfer | undefined {
  const disks = actions.flatMap(copiesOf).filter((disk) => disk.mode === 'full' || disk.since !== 'live-sync');
  if (disks.length === 0) return undefined;
  const sum = (of: typeof disks): number =>
    of.reduce((total, { forecast }) => total + ('bytes' in forecast ? forecast.bytes : 0), 0);
  const whole = disks.filter(({ mode }) => mode === 'full');
  return {
    whole: whole.length,
    wholeBytes: sum(whole),
    deltaBytes: sum(disks.filter(({ mode }) => mode === 'delta')),
    unknown: disks.filter(({ forecast }) => forecast.confidence === 'unknown').length,
  };
}

function transferText(entry: PlannedEntry): string {
  const transfer = transferOf(entry);
  if (transfer === undefined) return '-';
  const { whole, wholeBytes, deltaBytes, unknown } = transfer;
  if (whole > 0) return `up to ${formatBytes(wholeBytes + deltaBytes)}`;
  return unknown > 0 ? 'unknown' : `about ${formatBytes(deltaBytes)}`;
}

function happens({ actions }: PlannedEntry): string[] {
  const copies = actions.flatMap(copiesOf);
  const adopts = copies.some(isAdopted);
  const repairs = copies.some((disk) => disk.mode === 'full' && disk.repair === true && !isAdopted(disk));
  const reseeds = copies.some((disk) => disk.mode === 'full' && disk.reason === 'reseed' && disk.repair !== true);
  return [
    ...wordsOf(actions.filter(powersOff)),
    ...(reseeds ? ['volume is written over'] : []),
    ...(adopts ? ['volume of another tool is taken over: compared, differences are written'] : []),
    ...(repairs ? ['volume is compared, differences are written'] : []),
    ...wordsOf(actions.filter((action) => !powersOff(action))),
  ];
}

function firstTold({ diagnostics }: PlannedEntry): string[] {
  const first = diagnostics.find(({ severity }) => severity === 'error') ?? diagnostics[0];
  return first === undefined ? [] : [`${catalog[first.code]} [${first.code}]`];
}

/** The symbols that the table shows. */
export const tableSymbols = (entries: readonly PlannedEntry[]): Set<ChangeSymbol> =>
  new Set(
    entries
      .filter(isShown)
      .map(symbolOf)
      .filter((symbol) => symbol !== ' '),
  );

export const isShown = ({ actions, diagnostics }: PlannedEntry): boolean => actions.length > 0 || diagnostics.length > 0;
