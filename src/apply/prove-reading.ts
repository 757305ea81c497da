import type { DiskKey } from '../model/ids.js';
import type { ObservedVm } from '../model/observed-source.js';
import type { Action } from '../plan/core/action.js';
import { needsPrograms, powersOff } from '../plan/core/action-table.js';
import { describeUnproven } from './describe-unproven.js';
import type { ApplyContext } from './handler.js';
import { readEnds } from './read-ends.js';
import { withSnapshot } from './snapshot-cycle.js';

/** No cycle of a sync has this number. */
const CYCLE = 0;

/** Whether the source is about to be powered off although nothing of what is to be copied then was ever read by this run. */
export const isUnread = (action: Action, done: readonly Action[], remaining: readonly Action[]): boolean =>
  powersOff(action) && !done.some(isCopy) && remaining.some(isCopy);

const isCopy = (action: Action): boolean => needsPrograms(action, 'transfer');

/**
 * Reads the first and the last sector of the source's disks from a snapshot that is taken for it and removed: that a library is there, a disk opens and
 * its size is right proves nothing, and once the VM is off it is too late to find out. Throws DiagnosticsError when it cannot
 * be read; the VM is left running.
 */
export async function proveReading(context: ApplyContext): Promise<void> {
  await withSnapshot(CYCLE, context, async (snapshot) => {
    for (const disk of disksToRead(context.vm)) {
      await readEnds(snapshot, disk, context).catch((error: unknown) => {
        throw describeUnproven(error, context, disk);
      });
    }
  });
}

/**
 * All of them; in an OpenStack cloud, where a back end may copy all of a volume before it can be read, the smallest of each
 * volume type.
 */
function disksToRead({ disks, traits, openstackGuest }: ObservedVm): DiskKey[] {
  if (traits.opening === 'cheap') return disks.map(({ key }) => key);
  const typeOf = (disk: DiskKey) => openstackGuest?.volumes.find((volume) => volume.disk === disk)?.type ?? '';
  const smallest = new Map<string, (typeof disks)[number]>();
  for (const disk of disks) {
    const other = smallest.get(typeOf(disk.key));
    if (other === undefined || disk.capacity < other.capacity) smallest.set(typeOf(disk.key), disk);
  }
  return [...smallest.values()].map(({ key }) => key);
}
