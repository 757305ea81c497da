import pLimit from 'p-limit';
import { loggedAs } from '../host/program-logs.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import { noteIn } from '../state/journal.js';
import type { HeldLock } from '../state/lock.js';
import { type Applying, applyEntry } from './apply-entry.js';
import type { ApplyRequest } from './apply-request.js';
import { LookAhead } from './look-ahead.js';
import type { MigrationOutcome } from './migration-outcome.js';
import { lockedOutcome, lockWaitOf, releaseLocks, takeFreeLocks, takePlanLock } from './plan-locks.js';
import { PlanRecord } from './plan-record.js';
import type { ApplyTools } from './run-migration.js';

/**
 * Applies what is left of a plan. All locks are taken before anything is touched; a VM whose lock another run holds is left to that
 * run. LockHeldError where another run applies this very plan: each would write over how far the other has come. Then each
 * migration is observed and planned once more, and only what the reviewed actions cover is done.
 */
export async function applyPlan(request: ApplyRequest): Promise<MigrationOutcome[]> {
  const { plan, state, tools } = request;
  const wait = lockWaitOf(request);
  await using _only = await takePlanLock(request, wait);
  // Read under the lock: another run of the same plan may have finished meanwhile.
  const before = await state.readPlanProgress(plan.plan.id);
  const done = new Set(before?.done);
  const left = plan.migrations.filter(({ address, actions }) => actions.length > 0 && !done.has(address));
  const { locks, held } = await takeFreeLocks(left, request, wait);
  const locked = held.map(({ address, error }) => lockedOutcome(error, address));
  try {
    await state.backend.removeDeadLocks(tools.clock.now());
    for (const outcome of locked) {
      await journalEnd(outcome, tools);
      request.onOutcome?.(outcome);
    }
    const entries = left.filter(({ address }) => locks.has(address));
    const progress = new PlanRecord(request, before);
    const queue = entries.flatMap(({ address }) => request.desired.get(address) ?? []);
    const ahead = new LookAhead(queue, { providers: tools.providers, state, clock: tools.clock });
    const outcomes = [...(await applyAll(entries, { request, progress, ahead }, locks)), ...locked];
    if (outcomes.every(({ result }) => result === 'done')) await progress.complete();
    return outcomes;
  } finally {
    await releaseLocks(locks.values());
  }
}

/** Nothing rejects before all have ended: the caller gives back what the others still work on. */
async function applyAll(
  entries: readonly PlannedEntry[],
  applying: Applying,
  locks: ReadonlyMap<string, HeldLock>,
): Promise<MigrationOutcome[]> {
  const { request } = applying;
  const slots = pLimit(request.parallelism);
  const ends = await Promise.allSettled(
    entries.map((entry) =>
      slots(async () => {
        const lock = locks.get(entry.address)!;
        const outcome = await loggedAs(entry.name, () => applyEntry(entry, lock, applying));
        await journalEnd(outcome, request.tools);
        await lock[Symbol.asyncDispose]();
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
