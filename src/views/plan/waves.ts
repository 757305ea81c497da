import type { PlannedEntry } from '../../plan/file/planned-entry.js';

type Wave = PlannedEntry['wave'];

/** Every wave that one of them is in, in the order in which they are moved; undefined, the VMs without one, comes last. */
export const wavesOf = (entries: readonly PlannedEntry[]): Wave[] =>
  [...new Set(entries.map(({ wave }) => wave))].sort(byNumberThenName);

/** Waves are mostly numbers: 2 comes before 10. */
function byNumberThenName(a: Wave, b: Wave): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return a.localeCompare(b, 'en', { numeric: true });
}
