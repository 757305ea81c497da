import { type DiskKey, diskKey } from '../../../model/ids.js';
import type { ObservedSnapshot, VmHistory } from '../../../model/observed-source.js';
import type { Properties } from '../properties.js';
import { readObject, readObjects } from '../property-collector.js';
import type { Session } from '../soap/session.js';
import type { Moref } from '../wsdl/vim.js';
import { attachedDisks } from './disks.js';
import { historyOf } from './to-observed-vm.js';

const SNAPSHOT = 'VirtualMachineSnapshot';
const DEVICES = 'config.hardware.device';

/** Snapshots and boot time of one VM as they are now, with what each snapshot tracked. */
export async function vmHistory(session: Session, vm: Moref): Promise<VmHistory> {
  const history = historyOf(await readObject(session, vm, ['snapshot', 'runtime.bootTime']));
  const tracked = await readTrackedDisks(session, history.snapshots);
  return { ...history, snapshots: withTracked(history.snapshots, tracked) };
}

/** Disks that had a change id when a snapshot froze them, by snapshot. One that is gone meanwhile is left out. */
export async function readTrackedDisks(
  session: Session,
  snapshots: readonly ObservedSnapshot[],
): Promise<ReadonlyMap<string, readonly DiskKey[]>> {
  if (snapshots.length === 0) return new Map();
  const refs = snapshots.map(({ ref }): Moref => ({ type: SNAPSHOT, value: ref }));
  const found = await readObjects(session, refs, [{ type: SNAPSHOT, paths: [DEVICES] }]);
  return new Map(found.map((snapshot) => [snapshot.ref.value, trackedDisks(snapshot)]));
}

const trackedDisks = (snapshot: Properties): DiskKey[] =>
  attachedDisks(snapshot.list(DEVICES, 'VirtualDevice'))
    .filter(({ backing }) => backing.changeId !== undefined)
    .map(({ device }) => diskKey(device.key));

/** What could not be read has tracked nothing that anybody knows of. */
export const withTracked = (
  snapshots: readonly ObservedSnapshot[],
  tracked: ReadonlyMap<string, readonly DiskKey[]>,
): ObservedSnapshot[] => snapshots.map((snapshot) => ({ ...snapshot, trackedDisks: tracked.get(snapshot.ref) ?? [] }));
