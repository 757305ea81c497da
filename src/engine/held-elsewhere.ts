import { type HeldElsewhere, LockWait, type LockWaiting } from '../apply/lock-wait.js';
import type { MigrationOutcome } from '../apply/migration-outcome.js';
import { lockedOutcome } from '../apply/plan-locks.js';
import { LockHeldError } from '../state/lock.js';
import type { StateFolder } from '../state/state-folder.js';

interface Named {
  readonly address: string;
  readonly name: string;
}

/**
 * Outcomes of those VMs that another run works on, by address. What is seen of them is that run's work in the middle: their volumes are
 * in use, their records dirty. It says nothing about the plan.
 */
export async function heldElsewhere(vms: readonly Named[], state: StateFolder): Promise<ReadonlyMap<string, MigrationOutcome>> {
  const held = await locksHeld(vms, state);
  return new Map(held.map(({ address, error }) => [address, lockedOutcome(error, address)]));
}

async function locksHeld(vms: readonly Named[], state: StateFolder): Promise<HeldElsewhere[]> {
  const held: HeldElsewhere[] = [];
  for (const { address, name } of vms) {
    const { place, holder: whoHas } = state.vmLock(name);
    const holder = await whoHas();
    if (holder !== undefined) held.push({ address, error: new LockHeldError(place, holder) });
  }
  return held;
}

/**
 * Until no run works on one of these VMs, or the time is over: what is planned meanwhile is that run's work in the middle. Resolves with
 * the milliseconds that are left of the time.
 */
export async function waitForRuns(vms: readonly Named[], state: StateFolder, waiting: LockWaiting): Promise<number> {
  const wait = new LockWait(waiting);
  while (!wait.isOver) {
    const held = await locksHeld(vms, state);
    if (held.length === 0) return wait.leftMs;
    await wait.pass(held);
  }
  return 0;
}
