import { stat } from 'node:fs/promises';
import pLimit from 'p-limit';
import { isMissing, readIfThere } from '../../host/files.js';
import { livenessOf } from '../../state/process-identity.js';
import { inState } from '../../state/state-errors.js';
import type { StateFolder } from '../../state/state-folder.js';
import { type JournalRecord, readJournal } from './read-journal.js';
import type { RunRecord, RunStatus } from './run-record.js';

/** Files read at a time: thousands of runs may be there. */
const READS_MAX = 16;

/** All runs that have a journal, newest first. DiagnosticsError MP3013 when the state folder cannot be read. */
export const listRuns = async (state: StateFolder): Promise<RunRecord[]> =>
  newestFirst(await ofEach(await state.runs(), (run) => readRun(state, run)));

async function ofEach<T, U>(runs: readonly T[], look: (run: T) => Promise<U | undefined>): Promise<U[]> {
  const slots = pLimit(READS_MAX);
  const found = await Promise.all(runs.map((run) => slots(() => look(run))));
  return found.filter((one) => one !== undefined);
}

const newestFirst = (records: readonly RunRecord[]): RunRecord[] => records.toSorted((a, b) => compare(b, a));

const compare = (a: RunRecord, b: RunRecord): number =>
  a.startedAt === b.startedAt ? (a.run < b.run ? -1 : 1) : a.startedAt < b.startedAt ? -1 : 1;

export interface NewestRuns {
  /** Newest first. */
  readonly runs: readonly RunRecord[];
  /** Runs that have a journal besides. */
  readonly more: number;
}

/** The clock of a file server and that of the machine that wrote the journal may differ by less. */
const CLOCK_SKEW_MAX_MS = 3_600_000;

/**
 * The `most` runs that began last, as listRuns has them. Journals of years may be there: one that was last written before those began is not
 * read. DiagnosticsError MP3013 when one that is read, or the state folder, cannot be.
 */
export async function newestRuns(state: StateFolder, most: number): Promise<NewestRuns> {
  const journals = (await ofEach(await state.runs(), (run) => writtenAt(state, run))).sort((a, b) => b.atMs - a.atMs);
  let runs: readonly RunRecord[] = [];
  for (const journal of journals) {
    if (!mayBeNewer(journal, runs[most - 1])) break;
    const record = await readRun(state, journal.run);
    if (record !== undefined) runs = newestFirst([...runs, record]).slice(0, most);
  }
  return { runs, more: journals.length - runs.length };
}

interface Written {
  readonly run: string;
  /** When the last line of its journal was written: the run began before. */
  readonly atMs: number;
}

/** A run whose journal says no time is older than all that do. */
const mayBeNewer = ({ atMs }: Written, than: RunRecord | undefined): boolean =>
  than === undefined || than.startedAt === '' || atMs + CLOCK_SKEW_MAX_MS >= Date.parse(than.startedAt);

/** undefined: it has no journal. */
function writtenAt(state: StateFolder, run: string): Promise<Written | undefined> {
  const path = state.journalPath(run);
  return inState(path, async () => {
    try {
      return { run, atMs: (await stat(path)).mtimeMs };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  });
}

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
  const isOver = liveness === 'dead' || liveness === 'restarted';
  return liveness === 'alive' ? 'running' : isOver ? 'killed' : 'unknown';
}
