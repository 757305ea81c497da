import { catalog } from '../../diag/catalog.js';
import { formatBytes } from '../../model/format.js';
import { isIrreversible, wordsOf } from '../../plan/core/action-table.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import type { Style } from '../style.js';
import { tableLines } from '../table.js';
import { type ChangeSymbol, symbolStyle } from './change-symbol.js';

const HEADINGS = ['VM', 'phase', 'disks', 'transfer', 'note'] as const;

/** One line a VM, for plans that are too long disk by disk. */
export function planTable(entries: readonly PlannedEntry[], paint: Style): string {
  const shown = entries.filter(isShown);
  const rows = shown.map((entry) => ({ symbol: symbolOf(entry), cells: cellsOf(entry) }));
  const [headings, ...lines] = tableLines([HEADINGS, ...rows.map(({ cells }) => cells)]);
  const quiet = entries.length - shown.length;
  return [
    `  ${headings}`,
    ...rows.map(({ symbol }, index) => `${symbolStyle(symbol, paint)(symbol)} ${lines[index]}`),
    ...(quiet > 0 ? [`. ${quiet} VM${quiet === 1 ? '' : 's'} unchanged`] : []),
    '',
  ].join('\n');
}

function symbolOf({ actions, diagnostics }: PlannedEntry): ChangeSymbol | ' ' {
  if (diagnostics.some(({ severity }) => severity === 'error')) return 'x';
  if (actions.length === 0) return ' ';
  if (actions.some(isIrreversible)) return '!';
  return actions.some(({ kind }) => kind === 'create-volume') ? '+' : '~';
}

function cellsOf(entry: PlannedEntry): string[] {
  return [entry.address, entry.phase, String(entry.disks.length), transferText(entry), noteText(entry)];
}

function transferText({ actions }: PlannedEntry): string {
  const disks = actions
    .flatMap((action) => (action.kind === 'sync' ? action.disks : []))
    .filter((disk) => disk.mode === 'full' || disk.since !== 'live-sync');
  if (disks.length === 0) return '-';
  const bytes = disks.reduce((sum, { forecast }) => sum + ('bytes' in forecast ? forecast.bytes : 0), 0);
  if (disks.some(({ mode }) => mode === 'full')) return `up to ${formatBytes(bytes)}`;
  return disks.some(({ forecast }) => forecast.confidence === 'unknown') ? 'unknown' : `about ${formatBytes(bytes)}`;
}

function noteText({ actions, diagnostics }: PlannedEntry): string {
  const copies = actions.flatMap((action) => (action.kind === 'sync' ? action.disks : []));
  const repairs = copies.some((disk) => disk.mode === 'full' && disk.repair === true);
  const reseeds = copies.some((disk) => disk.mode === 'full' && disk.reason === 'reseed' && disk.repair !== true);
  const words = wordsOf(actions);
  const first = diagnostics[0];
  return [
    ...words.filter((word) => word === 'powered off'),
    reseeds ? 'volume is written over' : '',
    repairs ? 'volume is compared, differences are written' : '',
    ...words.filter((word) => word !== 'powered off'),
    first === undefined ? '' : `${catalog[first.code]} [${first.code}]`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** The symbols that the table shows. */
export const tableSymbols = (entries: readonly PlannedEntry[]): Set<ChangeSymbol> =>
  new Set(
    entries
      .filter(isShown)
      .map(symbolOf)
      .filter((symbol) => symbol !== ' '),
  );

const isShown = ({ actions, diagnostics }: PlannedEntry): boolean => actions.length > 0 || diagnostics.length > 0;
