import type { PlannedEntry } from '../plan/file/planned-entry.js';
import { type HeldLock, LockHeldError, takeLock } from '../state/vm-lock.js';
import type { ApplyRequest } from './apply-request.js';
import { errorDiagnostics } from './error-diagnostics.js';
import type { MigrationOutcome } from './migration-outcome.js';

/** Those that are released already stay so. */
export async function releaseLocks(locks: Iterable<HeldLock>): Promise<void> {
  for (const lock of locks) await lock[Symbol.asyncDispose]();
}

export interface TakenLocks {
  readonly locks: ReadonlyMap<string, HeldLock>;
  /** VMs that another run works on. */
  readonly locked: readonly MigrationOutcome[];
}

/** The lock of every VM before anything is touched; none is held when it throws. */
export async function takeLocks(entries: readonly PlannedEntry[], { state, tools }: ApplyRequest): Promise<TakenLocks> {
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

/** What becomes of a VM that another run works on. */
export const lockedOutcome = (held: LockHeldError, address: string): MigrationOutcome => ({
  address,
  result: 'locked',
  diagnostics: errorDiagnostics(held, address) ?? [],
});
