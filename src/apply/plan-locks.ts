import pLimit from 'p-limit';
import { interruptible } from '../host/interruption.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import type { StateLock } from '../state/backend/state-backend.js';
import { type HeldLock, LockHeldError } from '../state/lock.js';
import type { ApplyRequest } from './apply-request.js';
import { errorDiagnostics } from './error-diagnostics.js';
import { type HeldElsewhere, LockWait } from './lock-wait.js';
import type { MigrationOutcome } from './migration-outcome.js';

/** A server is asked for so many at once. */
const LOCKS_AT_ONCE = 100;

/** Those that are released already stay so. */
export async function releaseLocks(locks: Iterable<HeldLock>): Promise<void> {
  const slots = pLimit(LOCKS_AT_ONCE);
  await Promise.all([...locks].map((lock) => slots(() => lock[Symbol.asyncDispose]())));
}

export interface TakenLocks {
  readonly locks: ReadonlyMap<string, HeldLock>;
  /** VMs that another run works on. */
  readonly held: readonly HeldElsewhere[];
}

/** Nobody is waited for until the plan is too old to be begun. */
export const lockWaitOf = ({ plan, lockTimeoutMs = 0, tools: { clock, emit } }: ApplyRequest): LockWait =>
  new LockWait({
    timeoutMs: Math.min(lockTimeoutMs, leftOfPlanMs(plan, clock)),
    clock,
    tell: ({ address }, note) => emit({ type: 'note', address, note }),
  });

const leftOfPlanMs = ({ plan: { expires_at: expires } }: ApplyRequest['plan'], clock: ApplyRequest['tools']['clock']): number =>
  Math.max(0, Date.parse(expires) - clock.now().getTime());

/** Throws LockHeldError when another run still applies this plan after the time to wait. */
export async function takePlanLock({ plan, state, tools }: ApplyRequest, wait: LockWait): Promise<HeldLock> {
  for (;;) {
    const lock = await tryLock(state.planLock(plan.plan.id), tools);
    if (!(lock instanceof LockHeldError)) return lock;
    const held = [{ address: 'plan', error: lock }];
    if (!wait.goesOn(held)) throw lock;
    await interruptible(tools.signal, () => wait.pass(held));
  }
}

/**
 * The lock of every VM before anything is touched; none is held when it throws. While it waits for others it holds no VM: two runs that
 * wait for each other would only end with their time.
 */
export async function takeFreeLocks(
  entries: readonly PlannedEntry[],
  request: ApplyRequest,
  wait: LockWait,
): Promise<TakenLocks> {
  for (;;) {
    const taken = await takeLocks(entries, request);
    if (taken.held.length === 0 || !wait.goesOn(taken.held)) return taken;
    await releaseLocks(taken.locks.values());
    await interruptible(request.tools.signal, () => wait.pass(taken.held));
  }
}

const tryLock = (lock: StateLock, { run, clock }: ApplyRequest['tools']): Promise<HeldLock | LockHeldError> =>
  lock.take(`apply ${run}`, clock.now()).catch(heldElsewhere);

async function takeLocks(entries: readonly PlannedEntry[], { state, tools }: ApplyRequest): Promise<TakenLocks> {
  const slots = pLimit(LOCKS_AT_ONCE);
  const taking = entries.map(({ address, name }) =>
    slots(async () => ({ address, lock: await tryLock(state.vmLock(name), tools) })),
  );
  const ends = await Promise.allSettled(taking);
  const taken = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  const locks = new Map(taken.flatMap(({ address, lock }) => (lock instanceof LockHeldError ? [] : [[address, lock] as const])));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed === undefined) return { locks, held: taken.flatMap(heldOf) };
  await releaseLocks(locks.values());
  throw failed.reason;
}

const heldOf = ({ address, lock }: { readonly address: string; readonly lock: HeldLock | LockHeldError }): HeldElsewhere[] =>
  lock instanceof LockHeldError ? [{ address, error: lock }] : [];

function heldElsewhere(error: unknown): LockHeldError {
  if (error instanceof LockHeldError) return error;
  throw error;
}

/** What becomes of a VM that another run works on. */
export const lockedOutcome = (held: LockHeldError, address: string): MigrationOutcome => ({
  address,
  result: 'locked',
  diagnostics: errorDiagnostics(held, address) ?? [],
});
