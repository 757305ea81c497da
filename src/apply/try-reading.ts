import type { SourceSnapshot } from '../contracts/source-provider.js';
import { type Diagnostic, DiagnosticsError, invariant } from '../diag/diagnostic.js';
import { interruptible } from '../host/interruption.js';
import type { DesiredMigration } from '../model/desired.js';
import type { DiskKey } from '../model/ids.js';
import type { ObservedMigration } from '../model/observed.js';
import type { ObservedVm } from '../model/observed-source.js';
import type { CheckId } from '../plan/checks/check-table.js';
import { judgeMigration } from '../plan/checks/judge.js';
import { notFoundDiagnostic } from '../plan/checks/source-checks.js';
import { planContextOf } from '../plan/core/plan-context-of.js';
import type { StateFolder } from '../state/state-folder.js';
import { openVmLedger } from '../state/vm-ledger.js';
import { releaseSnapshot } from './actions/release.js';
import { describeUnread } from './describe-unproven.js';
import { errorDiagnostics, toldError } from './error-diagnostics.js';
import type { ApplyContext } from './handler.js';
import { readEnds } from './read-ends.js';
import type { ApplyTools } from './run-migration.js';
import { type SnapshotContext, withSnapshot } from './snapshot-cycle.js';

/** What became of reading one disk. */
export interface DiskRead {
  readonly disk: DiskKey;
  /** Of the whole disk. */
  readonly bytes: number;
  readonly seconds: number;
  /** Why it could not be read. Empty: it was. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadingTrial {
  readonly desired: DesiredMigration;
  readonly state: StateFolder;
  readonly tools: ApplyTools;
  readonly onRead: (read: DiskRead) => void;
}

/** No cycle of a sync has this number. */
const CYCLE = 0;

/** A VM of which no snapshot can be taken, or whose snapshots another place looks after, is left alone. */
const standsInTheWay: readonly CheckId[] = ['source-state', 'source-disks', 'foreign-runs'];

/**
 * Reads the first and the last sector of every disk of a VM from a snapshot that is taken for it and removed, holding the VM's lock
 * and with its name in the ledger, as apply does. What earlier runs have left of the VM's snapshots is removed first. LockHeldError
 * when somebody works on the VM.
 */
export async function tryReading(trial: ReadingTrial): Promise<void> {
  const { desired, state, tools } = trial;
  const lock = await state.vmLock(desired.name).take(`doctor ${tools.run}`, tools.clock.now());
  try {
    const observed = await tools.checking.observeAgain(desired);
    const context = await contextOf(trial, observed);
    await putAwaySnapshots(observed, context);
    await interruptible(context.signal, () => fromSnapshot(context, trial));
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

async function contextOf({ desired, state, tools }: ReadingTrial, observed: ObservedMigration): Promise<TrialContext> {
  if (observed.source.kind !== 'found') throw new DiagnosticsError([notFoundDiagnostic(desired, observed.source)]);
  const { vm } = observed.source;
  refuseUnfit(desired, observed, { vm, now: tools.clock.now() });
  const { providers, ...rest } = tools;
  return {
    ...rest,
    desired,
    vm,
    source: providers.source(desired.source.provider),
    ledger: await openVmLedger(state.ledger(desired.name)),
  };
}

type TrialContext = SnapshotContext & Pick<ApplyContext, 'dataPlane'>;

function refuseUnfit(
  desired: DesiredMigration,
  observed: ObservedMigration,
  options: { readonly vm: ObservedVm; readonly now: Date },
): void {
  const inTheWay: Diagnostic[] = [];
  judgeMigration(planContextOf(desired, observed, options), 'source', (id, found) => {
    // A run elsewhere is no more than a warning for an apply; this can wait until that has ended.
    if (standsInTheWay.includes(id)) inTheWay.push(...found.map((one): Diagnostic => ({ ...one, severity: 'error' })));
  });
  if (inTheWay.length > 0) throw new DiagnosticsError(inTheWay);
}

async function putAwaySnapshots({ local }: ObservedMigration, context: TrialContext): Promise<void> {
  const { vm, desired, emit } = context;
  for (const { ref, name } of vm.snapshots.filter((one) => local.ownSnapshots.includes(one.ref))) {
    emit({ type: 'note', address: desired.address, note: { kind: 'removes-snapshot', name } });
    await releaseSnapshot({ snapshot: ref }, context);
  }
}

async function fromSnapshot(context: TrialContext, trial: ReadingTrial): Promise<void> {
  let isRead = false;
  try {
    await withSnapshot(CYCLE, context, async (snapshot) => {
      await readAll(snapshot, context, trial);
      isRead = true;
    });
  } catch (error) {
    throw isRead ? stillThere(error, trial.desired) : error;
  }
}

/** All is read, and then the snapshot could not be removed. */
function stillThere(error: unknown, { address, name }: DesiredMigration): unknown {
  const told = errorDiagnostics(error, address)?.map(
    (one): Diagnostic => ({
      ...one,
      detail: `the snapshot is still there: ${one.detail}`,
      nextSteps: [runAgain(name), ...(one.nextSteps ?? [])],
    }),
  );
  return told === undefined ? error : new DiagnosticsError(told, { cause: error });
}

/** One that cannot be read says nothing of the others. */
async function readAll(snapshot: SourceSnapshot, context: TrialContext, { onRead }: ReadingTrial): Promise<void> {
  const { clock, desired, signal } = context;
  for (const { key, capacity } of snapshot.disks) {
    const began = clock.monotonicMs();
    const diagnostics = await whyUnread(() => readEnds(snapshot, key, context), { desired, disk: key, signal });
    onRead({ disk: key, bytes: capacity, seconds: (clock.monotonicMs() - began) / 1000, diagnostics });
  }
}

async function whyUnread(
  read: () => Promise<void>,
  { desired: { address, name }, disk, signal }: Pick<TrialContext, 'desired' | 'signal'> & { readonly disk: DiskKey },
): Promise<readonly Diagnostic[]> {
  try {
    await read();
    return [];
  } catch (error) {
    const { isAborted, diagnostics, bug } = toldError(error, `${address}/disk/${disk}`, { signal, putAway: runAgain(name) });
    if (isAborted || bug !== undefined) throw error;
    invariant(diagnostics.length > 0, 'what is no bug is told');
    return diagnostics.map(describeUnread);
  }
}

/** What to do about a snapshot that is still there. */
export const runAgain = (name: string): string =>
  `run migplan doctor --vm ${name} again: it removes what is left, and so does the next apply`;
