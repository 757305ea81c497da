import { type Diagnostic, hasErrors } from '../diag/diagnostic.js';
import { interruptible } from '../host/interruption.js';
import { programLogs } from '../host/program-logs.js';
import { trace } from '../host/trace.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import { windowState } from '../plan/core/window.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import { noteIn } from '../state/journal.js';
import type { HeldLock } from '../state/lock.js';
import { openVmLedger } from '../state/vm-ledger.js';
import type { ApplyRequest } from './apply-request.js';
import { checkActions, checkEntry, goneFromManifests } from './check-plan.js';
import { againstRules, checkWindows } from './check-windows.js';
import { causesOf } from './error-causes.js';
import { formerText, toldError } from './error-diagnostics.js';
import type { LookAhead } from './look-ahead.js';
import type { MigrationOutcome } from './migration-outcome.js';
import { planAgain } from './plan-again.js';
import type { PlanRecord } from './plan-record.js';
import { type ApplyTools, runMigration } from './run-migration.js';

/** What every VM of a plan is applied with. */
export interface Applying {
  readonly request: ApplyRequest;
  readonly progress: PlanRecord;
  readonly ahead: LookAhead;
}

/** One VM, whose lock is held, and which ends when that is lost: looked at and planned once more, and only what the reviewed actions cover is done. Never throws. */
export async function applyEntry(entry: PlannedEntry, lock: HeldLock, applying: Applying): Promise<MigrationOutcome> {
  const { request, progress } = applying;
  const { address } = entry;
  if (request.tools.signal.aborted) return { address, result: 'not-started', diagnostics: [] };
  const closed = outOfWindow(request.desired.get(address), request.tools.clock.now());
  if (closed.length > 0) return { address, result: 'not-started', diagnostics: closed };
  const warnings: Diagnostic[] = [];
  try {
    const signal = lock.lost === undefined ? request.tools.signal : AbortSignal.any([request.tools.signal, lock.lost]);
    const { result, diagnostics } = await interruptible(signal, () => workOn(entry, lock, { ...applying, warnings }));
    if (result === 'done') await progress.finished(address);
    return { address, result, diagnostics: [...diagnostics, ...warnings] };
  } catch (caught) {
    const error = lock.lost?.aborted === true ? lock.lost.reason : caught;
    // Only the abort itself: what goes wrong while stopping must be told.
    const { isAborted, diagnostics, ...bug } = toldError(error, address, request.tools);
    if (!isAborted) await noteIn(request.tools.journal, 'vm-error', { address, causes: causesOf(error) });
    const logs = isAborted ? [] : (programLogs()?.telling() ?? []);
    const result = isAborted ? 'interrupted' : 'failed';
    return { address, result, diagnostics: [...diagnostics, ...warnings], ...bug, ...(logs.length > 0 && { logs }) };
  }
}

/** How long there is, for whoever looks on. */
function tellWindow({ address, window }: DesiredMigration, { clock, emit }: ApplyTools): void {
  if (window === undefined) return;
  const { closesAt } = windowState(window, clock.now());
  if (closesAt === undefined) return;
  const name = window.name === undefined ? {} : { name: window.name };
  emit({ type: 'note', address, note: { kind: 'window-closes', ...name, at: closesAt.toISOString() } });
}

/** A VM whose window is closed waits for it; the others go on. */
const outOfWindow = (desired: DesiredMigration | undefined, now: Date): Diagnostic[] =>
  desired === undefined ? [] : checkWindows([desired], now);

type Worked = Pick<MigrationOutcome, 'result' | 'diagnostics'>;

const refused = (diagnostics: readonly Diagnostic[]): Worked => ({ result: 'refused', diagnostics });

/**
 * Rules and approvals that hold a VM back now, whatever they said when the run began. What this plan has begun needs no approval any
 * more, and where it is off it is not left so.
 */
function heldBack(
  migration: DesiredMigration,
  { source }: ObservedMigration,
  { request: { tools, approvalRules }, progress }: Pick<Applying, 'request' | 'progress'>,
): readonly Diagnostic[] {
  const { address } = migration;
  const now = tools.clock.now();
  if (!progress.hasBegun(address)) {
    return [...againstRules(migration, tools.timeRules(now)), ...(approvalRules?.(address, now) ?? [])];
  }
  const isOff = source.kind === 'found' && source.vm.power !== 'on';
  return isOff ? [] : againstRules(migration, tools.timeRules(now));
}

async function workOn(
  entry: PlannedEntry,
  lock: HeldLock,
  { request, progress, ahead, warnings }: Applying & { readonly warnings: Diagnostic[] },
): Promise<Worked> {
  const { plan, desired, state, tools } = request;
  const { address } = entry;
  const migration = desired.get(address);
  if (migration === undefined) return refused([goneFromManifests(address)]);
  const observed = await ahead.observe(migration);
  const forbidden = heldBack(migration, observed, { request, progress });
  if (forbidden.length > 0) return { result: 'not-started', diagnostics: forbidden };
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
  if (lock.former !== undefined)
    tools.emit({ type: 'note', address, note: { kind: 'taken-over', who: formerText(lock.former) } });
  const ledger = await openVmLedger(state.ledger(migration.name));
  await runMigration({ desired: migration, observed, actions: fresh.actions, ledger, lock, warnings }, tools);
  return { result: 'done', diagnostics: [] };
}
