import type { StateFolder } from '../../state/state-folder.js';
import type { RunRecord } from '../runs/run-record.js';
import { type DiskHistory, deltaHistories } from './delta-history.js';

export interface RunReport {
  readonly record: RunRecord;
  /** Path of its journal. */
  readonly journal: string;
  /** Deltas of its VMs until now, those of later runs as well. */
  readonly histories: readonly DiskHistory[];
}

/** A run with what the state knows of its VMs besides. Throws DiagnosticsError when a ledger cannot be read. */
export async function reportOfRun(record: RunRecord, state: StateFolder): Promise<RunReport> {
  const names = record.vms.map(({ address }) => address.replace(/^vm\//, ''));
  return { record, journal: state.journalPath(record.run), histories: await deltaHistories(state, names) };
}
