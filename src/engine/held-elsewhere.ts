import pLimit from 'p-limit';
import { type HeldElsewhere, LockWait, type LockWaiting } from '../apply/lock-wait.js';
import type { MigrationOutcome } from '../apply/migration-outcome.js';
import { lockedOutcome } from '../apply/plan-locks.js';
import { LockHeldError } from '../state/lock.js';
import type { StateFolder } from '../state/state-folder.js';

/** Of locks: files are opened for it, and a server is asked for so many at once. */
const LOOKS_AT_ONCE = 100;

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

/** In the order asked. */
async function locksHeld(vms: readonly Named[], state: StateFolder): Promise<HeldElsewhere[]> {
  const slots = pLimit(LOOKS_AT_ONCE);
  const held = await Promise.all(vms.map((vm) => slots(() => lockHeld(vm, state))));
  return held.filter((one) => one !== undefined);
}

async function lockHeld({ address, name }: Named, state: StateFolder): Promise<HeldElsewhere | undefined> {
  const { place, holder: whoHas } = state.vmLock(name);
  const holder = await whoHas();
  return holder && { address, error: new LockHeldError(place, holder) };
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
