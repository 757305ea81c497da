import { applyPlan } from '../../apply/apply-plan.js';
import { causesOf } from '../../apply/error-causes.js';
import { errorDiagnostics } from '../../apply/error-diagnostics.js';
import { exitOfError } from '../../apply/error-exit.js';
import type { MigrationOutcome } from '../../apply/migration-outcome.js';
import { isInterruption } from '../../host/interruption.js';
import { loggedIn } from '../../host/program-logs.js';
import { type Journal, noteIn } from '../../state/journal.js';
import { RunLogs } from '../../state/run-logs.js';
import type { Stopping } from '../exit-of-outcomes.js';
import type { RunNote } from './note-run.js';

/** What programs say is kept as long as that is possible; that it is not is told, and ends nothing. */
export async function applyKeepingLogs(folder: string, work: Parameters<typeof applyPlan>[0]): Promise<MigrationOutcome[]> {
  const { clock, emit } = work.tools;
  const onTrouble = (error: Error): void =>
    emit({ type: 'note', address: 'logs', note: { kind: 'logs-lost', why: error.message } });
  const logs = RunLogs.open({ folder, clock, onTrouble });
  try {
    return await loggedIn(logs, () => applyPlan(work));
  } finally {
    await logs.settled();
  }
}

/** What ended the run as a whole, before or beside its VMs. */
export async function journalFailure(
  { journal, note }: { readonly journal: Journal; readonly note: RunNote },
  { signal, stoppedExit }: Stopping,
  error: unknown,
): Promise<never> {
  const exit = isInterruption(error, signal) ? stoppedExit() : exitOfError(error);
  await noteIn(journal, 'run-end', { exit, diagnostics: errorDiagnostics(error, '') ?? [], causes: causesOf(error) });
  await note.end({ exit });
  throw error;
}
