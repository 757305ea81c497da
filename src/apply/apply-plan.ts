import pLimit from 'p-limit';
import { type Diagnostic, hasErrors } from '../diag/diagnostic.js';
import { interruptible } from '../host/interruption.js';
import { loggedAs, programLogs } from '../host/program-logs.js';
import { trace } from '../host/trace.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import { windowState } from '../plan/core/window.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import type { MigrationPlan } from '../plan/plan-migration.js';
import { judgeTogether } from '../plan/together/judge-together.js';
import { planAlone } from '../plan/together/plan-alone.js';
import { noteIn } from '../state/journal.js';
import type { PlanProgress, StateFolder } from '../state/state-folder.js';
import { openVmLedger } from '../state/vm-ledger.js';
import { type HeldLock, LockHeldError, removeDeadLocks, takeLock } from '../state/vm-lock.js';
import { checkActions, checkEntry, goneFromManifests } from './check-plan.js';
import { checkWindows } from './check-windows.js';
import { causesOf } from './error-causes.js';
import { errorDiagnostics, toldError } from './error-diagnostics.js';
import { LookAhead } from './look-ahead.js';
import { look } from './looks.js';
import type { MigrationResult } from './migration-result.js';
import { type ApplyTools, runMigration } from './run-migration.js';

export interface MigrationOutcome {
  readonly address: string;
  readonly result: MigrationResult;
  readonly diagnostics: readonly Diagnostic[];
  /** Set when the failure is a bug of ours: the stack is all there is. */
  readonly bug?: unknown;
  /** Of a failure: paths of what the programs said. Absent: none complained. */
  readonly logs?: readonly string[];
}

export interface ApplyRequest {
  readonly plan: PlanFile;
  /** By address. */
  readonly desired: ReadonlyMap<string, DesiredMigration>;
  readonly state: StateFolder;
  readonly tools: ApplyTools;
  /** Migrations worked on at the same time. */
  readonly parallelism: number;
  readonly onOutcome?: (outcome: MigrationOutcome) => void;
}

/**
 * Applies what is left of a plan. All locks are taken before anything is touched; a VM whose lock another run holds is left to that
 * run. LockHeldError where another run applies this very plan: each would write over how far the other has come. Then each
 * migration is observed and planned once more, and only what the reviewed actions cover is done.
 */
export async function applyPlan(request: ApplyRequest): Promise<MigrationOutcome[]> {
  const { plan, state, tools } = request;
  await using _only = await takeLock(state.planLockPath(plan.plan.id), `apply ${tools.run}`, tools.clock.now());
  // Read under the lock: another run of the same plan may have finished meanwhile.
  const before = await state.readPlanProgress(plan.plan.id);
  const left = plan.migrations.filter(({ address, actions }) => actions.length > 0 && before?.done.includes(address) !== true);
  const { locks, locked } = await takeLocks(left, request);
  try {
    for (const folder of state.lockFolders()) await removeDeadLocks(folder, tools.clock.now());
    for (const outcome of locked) {
      await journalEnd(outcome, tools);
      request.onOutcome?.(outcome);
    }
    const entries = left.filter(({ address }) => locks.has(address));
    const progress = new Progress(request, before);
    const queue = entries.flatMap(({ address }) => request.desired.get(address) ?? []);
    const ahead = new LookAhead(queue, { providers: tools.providers, state, clock: tools.clock });
    const outcomes = [...(await applyAll(entries, { request, progress, locks, ahead })), ...locked];
    if (outcomes.every(({ result }) => result === 'done')) await progress.complete();
    return outcomes;
  } finally {
    await releaseLocks(locks.values());
  }
}

interface Applying {
  readonly request: ApplyRequest;
  readonly progress: Progress;
  readonly locks: ReadonlyMap<string, HeldLock>;
  readonly ahead: LookAhead;
}

/** Nothing rejects before all have ended: the caller gives back what the others still work on. */
async function applyAll(entries: readonly PlannedEntry[], applying: Applying): Promise<MigrationOutcome[]> {
  const { request, locks } = applying;
  const slots = pLimit(request.parallelism);
  const ends = await Promise.allSettled(
    entries.map((entry) =>
      slots(async () => {
        const outcome = await loggedAs(entry.name, () => applyEntry(entry, applying));
        await journalEnd(outcome, request.tools);
        await locks.get(entry.address)?.[Symbol.asyncDispose]();
        request.onOutcome?.(outcome);
        return outcome;
      }),
    ),
  );
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

/** While the lock is held: whoever looks at the VM next finds how this ended. */
const journalEnd = ({ address, result, diagnostics, logs }: MigrationOutcome, { journal }: ApplyTools): Promise<void> =>
  noteIn(journal, 'vm-end', { address, result, diagnostics, logs });

async function releaseLocks(locks: Iterable<HeldLock>): Promise<void> {
  for (const lock of locks) await lock[Symbol.asyncDispose]();
}

interface TakenLocks {
  readonly locks: ReadonlyMap<string, HeldLock>;
  /** VMs that another run works on. */
  readonly locked: readonly MigrationOutcome[];
}

async function takeLocks(entries: readonly PlannedEntry[], { state, tools }: ApplyRequest): Promise<TakenLocks> {
  const locks = new Map<string, HeldLock>();
  const locked: MigrationOutcome[] = [];
  try {
    for (const { address, name } of entries) {
      const lock = await takeLock(state.lockPath(name), `apply ${tools.run}`, tools.clock.now()).catch(heldElsewhere);
      if (lock instanceof LockHeldError) locked.push(lockedOutcome(lock, address));
      else locks.set(address, lock);
    }
    return { locks, locked };
  } catch (error) {
    await releaseLocks(locks.values());
    throw error;
  }
}

function heldElsewhere(error: unknown): LockHeldError {
  if (error instanceof LockHeldError) return error;
  throw error;
}

export const lockedOutcome = (held: LockHeldError, address: string): MigrationOutcome => ({
  address,
  result: 'locked',
  diagnostics: errorDiagnostics(held, address) ?? [],
});

async function applyEntry(entry: PlannedEntry, applying: Applying): Promise<MigrationOutcome> {
  const { request, progress } = applying;
  const { address } = entry;
  if (request.tools.signal.aborted) return { address, result: 'not-started', diagnostics: [] };
  const closed = outOfWindow(request.desired.get(address), request.tools.clock.now());
  if (closed.length > 0) return { address, result: 'not-started', diagnostics: closed };
  try {
    const { result, diagnostics } = await interruptible(request.tools.signal, () => workOn(entry, applying));
    if (result === 'done') await progress.finished(address);
    return { address, result, diagnostics };
  } catch (error) {
    // Only the abort itself: what goes wrong while stopping must be told.
    const { isAborted, ...told } = toldError(error, address, request.tools);
    if (!isAborted) await noteIn(request.tools.journal, 'vm-error', { address, causes: causesOf(error) });
    const logs = isAborted ? [] : (programLogs()?.telling() ?? []);
    return { address, result: isAborted ? 'interrupted' : 'failed', ...told, ...(logs.length > 0 && { logs }) };
  }
}

/** How long there is, for whoever looks on. */
function tellWindow({ address, window }: DesiredMigration, { clock, emit }: ApplyTools): void {
  if (window === undefined) return;
  const { closesAt } = windowState(window, clock.now());
  const name = window.name === undefined ? 'the window' : `window "${window.name}"`;
  if (closesAt !== undefined) emit({ type: 'note', address, text: `${name} closes at ${closesAt.toISOString()}` });
}

/** A VM whose window is closed waits for it; the others go on. */
const outOfWindow = (desired: DesiredMigration | undefined, now: Date): Diagnostic[] =>
  desired === undefined ? [] : checkWindows([desired], now);

type Worked = Pick<MigrationOutcome, 'result' | 'diagnostics'>;

const refused = (diagnostics: readonly Diagnostic[]): Worked => ({ result: 'refused', diagnostics });

async function workOn(entry: PlannedEntry, { request, progress, ahead }: Applying): Promise<Worked> {
  const { plan, desired, state, tools } = request;
  const { address } = entry;
  const migration = desired.get(address);
  if (migration === undefined) return refused([goneFromManifests(address)]);
  const observed = await ahead.observe(migration);
  // Once more, now that nobody else may touch the VM: others may have kept this run busy for hours since the first look.
  const stale = checkEntry(plan, entry, { desired: migration, observed, hasBegun: progress.hasBegun(address) });
  if (stale.length > 0) return refused(stale);
  const fresh = await planAgain(migration, observed, tools);
  if (hasErrors(fresh.diagnostics)) return { result: 'failed', diagnostics: fresh.diagnostics };
  const extra = checkActions(entry, fresh.actions);
  if (extra.length > 0) return refused(extra);
  trace('info', 'apply', () => `${address}: ${fresh.actions.map(({ kind }) => kind).join(', ')}`);
  await progress.began(address);
  await tools.journal.write('vm-start', { address, actions: fresh.actions.map(({ kind }) => kind) });
  tellWindow(migration, tools);
  const ledger = await openVmLedger(state.ledgerPath(migration.name));
  await runMigration({ desired: migration, observed, actions: fresh.actions, ledger }, tools);
  return { result: 'done', diagnostics: [] };
}

/** All checks of one VM, right before its first action. */
async function planAgain(
  desired: DesiredMigration,
  observed: ObservedMigration,
  { providers, clock, settings, checking: { looks, ran } }: ApplyTools,
): Promise<MigrationPlan> {
  const alone = planAlone(desired, observed, { now: clock.now(), ...(ran === undefined ? {} : { ran }) });
  if (observed.source.kind !== 'found' || alone.plan.actions.length === 0) return alone.plan;
  const [plan] = judgeTogether([alone], { transfers: settings.transfersMax }, ran);
  const { actions, diagnostics } = plan!;
  if (hasErrors(diagnostics)) return plan!;
  const source = providers.source(desired.source.provider);
  const target = providers.target(desired.target.provider);
  const looked = await look(looks, { desired, vm: observed.source.vm.ref, actions, source, target, station: 'begin' }, ran);
  return { ...plan!, diagnostics: [...diagnostics, ...looked] };
}

/** The durable note of how far a plan has come; what makes a second run of it continue and a third do nothing. */
class Progress {
  private current: PlanProgress | undefined;
  private writes: Promise<void> = Promise.resolve();
  constructor(
    private readonly request: ApplyRequest,
    before: PlanProgress | undefined,
  ) {
    this.current = before;
  }

  hasBegun(address: string): boolean {
    return this.current?.begun.includes(address) === true;
  }

  private change(edit: (progress: PlanProgress) => PlanProgress): Promise<void> {
    const { plan, state, tools } = this.request;
    const next = this.writes.then(async () => {
      const before = this.current ?? {
        plan: plan.plan.id,
        startedAt: tools.clock.now().toISOString(),
        begun: [],
        done: [],
        by: tools.hostName,
      };
      this.current = edit(before);
      await state.writePlanProgress(this.current);
    });
    this.writes = next.catch(() => undefined);
    return next;
  }

  began(address: string): Promise<void> {
    return this.change((progress) => ({ ...progress, begun: [...new Set([...progress.begun, address])] }));
  }
  finished(address: string): Promise<void> {
    return this.change((progress) => ({ ...progress, done: [...new Set([...progress.done, address])] }));
  }
  complete(): Promise<void> {
    return this.change((progress) => ({ ...progress, completedAt: this.request.tools.clock.now().toISOString() }));
  }
}
