import type { MigrationOutcome } from '../apply/migration-outcome.js';
import { lockedOutcome } from '../apply/plan-locks.js';
import type { StateFolder } from '../state/state-folder.js';
import { LockHeldError, liveHolder } from '../state/vm-lock.js';

interface Named {
  readonly address: string;
  readonly name: string;
}

/**
 * Outcomes of those VMs that another run works on, by address. What is seen of them is that run's work in the middle: their volumes are
 * in use, their records dirty. It says nothing about the plan.
 */
export async function heldElsewhere(vms: readonly Named[], state: StateFolder): Promise<ReadonlyMap<string, MigrationOutcome>> {
  const held = new Map<string, MigrationOutcome>();
  for (const { address, name } of vms) {
    const path = state.lockPath(name);
    const holder = await liveHolder(path);
    if (holder !== undefined) held.set(address, lockedOutcome(new LockHeldError(path, holder), address));
  }
  return held;
}
