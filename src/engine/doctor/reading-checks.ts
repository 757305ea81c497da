import { toldError } from '../../apply/error-diagnostics.js';
import type { ApplyEvent } from '../../apply/handler.js';
import { lookAt } from '../../apply/looks.js';
import type { Note } from '../../apply/note.js';
import { type DiskRead, runAgain, tryReading } from '../../apply/try-reading.js';
import { DiagnosticsError, hasErrors } from '../../diag/diagnostic.js';
import { interruptible, isInterruption } from '../../host/interruption.js';
import { newRunId } from '../../host/random.js';
import { selectMigrations } from '../../manifest/migration/select-migrations.js';
import type { DesiredMigration } from '../../model/desired.js';
import { formatBytes } from '../../model/format.js';
import type { Runtime } from '../../runtime.js';
import { LockHeldError } from '../../state/lock.js';
import type { AttemptOptions, AttemptReport } from './attempt.js';
import type { Check } from './check.js';

export interface ReadingOptions extends AttemptOptions {
  /** Names of migrations, as of --target. */
  readonly patterns: readonly string[];
  readonly wordsOf: (note: Note) => string;
}

/** Reads from the disks of these VMs, each from a snapshot of its own. DiagnosticsError when none answers to a name. */
export async function readingChecks(runtime: Runtime, options: ReadingOptions): Promise<AttemptReport> {
  const { selected, diagnostics } = selectMigrations(runtime.loaded.migrations, options.patterns, '--vm');
  if (hasErrors(diagnostics)) throw new DiagnosticsError(diagnostics);
  const checks: Check[] = [];
  const failures = new Set<'held' | 'other'>();
  for (const desired of selected) {
    const { rows, failure } = await untilStopped(options.signal, () => readingOf(desired, runtime, options));
    checks.push(...rows);
    if (failure === 'aborted') return { checks, isAborted: true, isHeld: false };
    if (failure !== undefined) failures.add(failure);
  }
  return { checks, isAborted: false, isHeld: failures.size === 1 && failures.has('held') };
}

interface Reading {
  readonly rows: Check[];
  readonly failure?: 'aborted' | 'held' | 'other';
}

/** Before a snapshot is taken there is nothing to tell of an interruption. */
async function untilStopped(signal: AbortSignal, read: () => Promise<Reading>): Promise<Reading> {
  try {
    return await interruptible(signal, read);
  } catch (error) {
    if (!isInterruption(error, signal)) throw error;
    return { rows: [], failure: 'aborted' };
  }
}

async function readingOf(desired: DesiredMigration, runtime: Runtime, options: ReadingOptions): Promise<Reading> {
  const { address, name } = desired;
  const { note, signal, wordsOf } = options;
  const unfit = await unfitMachine(desired, runtime);
  if (unfit !== undefined) return { rows: [unfit], failure: 'other' };
  const providers = await runtime.providers([desired]);
  const state = await (await runtime.state()).prepare();
  const tools = await runtime.tools(state, providers, { id: newRunId(), plan: '' });
  const rows: Check[] = [];
  const onRead = (read: DiskRead): void => void rows.push(rowOf(address, read));
  note(`${address}: takes a snapshot of the VM now, reads the first and the last sector of each disk, and removes the snapshot.`);
  try {
    const emit = (event: ApplyEvent): void => {
      if (event.type === 'note') note(`${address}: ${wordsOf(event.note)}`);
    };
    await tryReading({ desired, state, onRead, tools: { ...tools, emit, signal, timeRules: () => [] } });
    rows.push({ name: `${address}: snapshot`, found: 'taken, and removed', diagnostics: [] });
    return rows.some(({ diagnostics }) => hasErrors(diagnostics)) ? { rows, failure: 'other' } : { rows };
  } catch (error) {
    const { isAborted, diagnostics, bug } = toldError(error, address, { signal, putAway: runAgain(name) });
    if (bug !== undefined) throw bug;
    rows.push({ name: `${address}: snapshot`, found: isAborted ? 'interrupted' : '', diagnostics });
    return { rows, failure: isAborted ? 'aborted' : error instanceof LockHeldError ? 'held' : 'other' };
  }
}

/** What cannot read needs no snapshot to find that out. */
async function unfitMachine({ address, source: { provider } }: DesiredMigration, runtime: Runtime): Promise<Check | undefined> {
  const source = await runtime.source(provider);
  const subject = { address, source, station: 'doctor', work: { moves: true, converts: false } } as const;
  const diagnostics = [
    ...(await lookAt(runtime.looks, 'programs', subject)),
    ...(await lookAt(runtime.looks, 'reader', subject)),
  ];
  return hasErrors(diagnostics) ? { name: `${address}: reader`, found: '', diagnostics } : undefined;
}

const rowOf = (address: string, { disk, bytes, seconds, diagnostics }: DiskRead): Check => ({
  name: `${address}: disk ${disk}`,
  found: diagnostics.length === 0 ? `first and last sector of ${formatBytes(bytes)} read in ${seconds.toFixed(1)} s` : '',
  diagnostics,
});
