type Counts = Record<string, number>;

/** What a campaign has seen. */
export interface Figures {
  worlds: number;
  readonly steps: Counts;
  /** By how commands ended. */
  readonly runs: Counts;
  readonly faults: Counts;
  /** Diagnostic codes by how often a command told them. */
  readonly codes: Counts;
  /** How worlds ended: converged, or blocked by which codes. */
  readonly ends: Counts;
}

export const noFigures = (): Figures => ({ worlds: 0, steps: {}, runs: {}, faults: {}, codes: {}, ends: {} });

export function tally(counts: Counts, what: string, by = 1): void {
  counts[what] = (counts[what] ?? 0) + by;
}

export const total = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

export const listed = (counts: Counts): string =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
