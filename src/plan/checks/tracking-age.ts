import type { DiskKey, SnapshotRef } from '../../model/ids.js';
import type { ObservedSnapshot, VmHistory } from '../../model/observed-source.js';

/** A snapshot that froze this disk without any tracking. */
export interface Untracked {
  readonly disk: DiskKey;
  readonly snapshot: ObservedSnapshot;
}

/**
 * Tracking that was switched on while a snapshot existed silently misses writes, and says nothing of it ever after. It counts
 * only when every snapshot that is there has frozen it: then it is older than all of them. `own`: ours, which do not count.
 */
export function untrackedIn(
  { snapshots }: VmHistory,
  disks: readonly DiskKey[],
  own: ReadonlySet<SnapshotRef>,
): readonly Untracked[] {
  const others = snapshots.filter(({ ref, trackedDisks }) => !own.has(ref) && trackedDisks !== undefined);
  return disks.flatMap((disk) => {
    const snapshot = others.find(({ trackedDisks }) => !trackedDisks!.includes(disk));
    return snapshot === undefined ? [] : [{ disk, snapshot }];
  });
}

/** The way to tracking that is older than every snapshot. */
export const resetTrackingSteps: readonly string[] = [
  'switch changed block tracking off (ctkEnabled = FALSE in the VM’s configuration parameters) and delete its snapshots in vCenter, then plan again: migplan switches it on',
  'or migrate it cold: phase: cutover, cbtSync: false',
];
