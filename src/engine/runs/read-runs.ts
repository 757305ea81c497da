import pLimit from 'p-limit';
import { readIfThere } from '../../host/files.js';
import { livenessOf } from '../../state/process-identity.js';
import { inState } from '../../state/state-errors.js';
import type { StateFolder } from '../../state/state-folder.js';
import { type JournalRecord, readJournal } from './read-journal.js';
import type { RunRecord, RunStatus } from './run-record.js';

/** Files read at a time: thousands of runs may be there. */
const READS_MAX = 16;

/** All runs that have a journal, newest first. DiagnosticsError MP3013 when the state folder cannot be read. */
export async function listRuns(state: StateFolder): Promise<RunRecord[]> {
  const slots = pLimit(READS_MAX);
  const records = await Promise.all((await state.runs()).map((run) => slots(() => readRun(state, run))));
  return records.filter((record) => record !== undefined).sort((a, b) => compare(b, a));
}

const compare = (a: RunRecord, b: RunRecord): number =>
  a.startedAt === b.startedAt ? (a.run < b.run ? -1 : 1) : a.startedAt < b.startedAt ? -1 : 1;

/**
 * One run, as far as its journal tells it; a run that goes on may be read at any time. undefined: there is no such run.
 * DiagnosticsError MP3013 when its journal cannot be read.
 */
export async function readRun(state: StateFolder, run: string): Promise<RunRecord | undefined> {
  const path = state.journalPath(run);
  const text = await inState(path, () => readIfThere(path));
  if (text === undefined) return undefined;
  const record = readJournal(run, text);
  return { ...record, status: await statusOf(record, state) };
}

/** A folder that was copied from another place says nothing about processes of here. */
async function statusOf({ endedAt, process }: JournalRecord, state: StateFolder): Promise<RunStatus> {
  if (endedAt !== undefined) return 'ended';
  if (process === undefined || state.copied !== undefined) return 'unknown';
  const liveness = await livenessOf(process);
  return liveness === 'alive' ? 'running' : liveness === 'dead' ? 'killed' : 'unknown';
}
