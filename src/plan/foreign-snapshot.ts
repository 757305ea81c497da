import type { SnapshotRef } from '../model/ids.js';
import type { ObservedSnapshot, ObservedVm } from '../model/observed.js';

const isOurs = ({ name }: ObservedSnapshot): boolean => name.startsWith('migplan-');

/** The VM's current snapshot and all that it stands on, newest first. */
function chain({ snapshots, currentSnapshot }: ObservedVm): ObservedSnapshot[] {
  const found: ObservedSnapshot[] = [];
  let ref = currentSnapshot;
  while (ref !== undefined && found.length < snapshots.length) {
    const snapshot = snapshots.find((candidate) => candidate.ref === ref);
    if (snapshot === undefined) break;
    found.push(snapshot);
    ref = snapshot.parent;
  }
  return found;
}

/** The newest snapshot that the VM stands on and that no migplan made. */
export const foreignSnapshot = (vm: ObservedVm): SnapshotRef | undefined => chain(vm).find((snapshot) => !isOurs(snapshot))?.ref;

/**
 * Whether the VM was reverted since a base that was taken while `before` was its newest foreign snapshot ('' for none): then what
 * was written after the base is gone from the disk, tracking may not tell, and a delta would leave it on the target. `maybe`:
 * the snapshot is gone; deleting it does no harm, reverting past it before that does.
 */
export function wasReverted(vm: ObservedVm, before: string): 'no' | 'maybe' | 'yes' {
  if (before === '' || chain(vm).some(({ ref }) => ref === before)) return 'no';
  return vm.snapshots.some(({ ref }) => ref === before) ? 'yes' : 'maybe';
}
