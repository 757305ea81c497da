import type { StateFolder } from '../../state/state-folder.js';
import { listRuns, newestRuns } from './read-runs.js';
import type { RunRecord } from './run-record.js';
import type { RunElsewhere } from './runs-elsewhere.js';

/** A run as a list has it: `more_vms` is there where its journal is not. */
export type ListedRun = RunRecord | RunElsewhere;

export const isElsewhere = (run: ListedRun): run is RunElsewhere => 'more_vms' in run;

export interface ListedRuns {
  /** Newest first. */
  readonly runs: readonly ListedRun[];
  /** Older ones besides. */
  readonly more: number;
}

/** The `most` newest (0: all) of those whose journal is here, and of others. DiagnosticsError MP3013 as newestRuns has it. */
export async function listedTogether(state: StateFolder, others: readonly RunElsewhere[], most: number): Promise<ListedRuns> {
  const { runs: here, more } = most === 0 ? { runs: await listRuns(state), more: 0 } : await newestRuns(state, most);
  const all = [...here, ...others].toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0));
  const runs = most === 0 ? all : all.slice(0, most);
  return { runs, more: more + all.length - runs.length };
}
