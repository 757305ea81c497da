import { MoRef } from '../soap/value.js';
import { changeIdOf } from '../world/cbt-map.js';
import { createSnapshot, removeSnapshot, revertToSnapshot } from '../world/snapshots.js';
import { exclusively } from '../world/vm.js';
import type { HistoryEntry } from '../world/world.js';
import { type ControlContext, findVm } from './context.js';
import { findDisk } from './guest-control.js';

const snapshotRef = (value: string): MoRef => new MoRef('VirtualMachineSnapshot', value);

/** Snapshots as other people and tools see and make them, and the images behind them. */
export function snapshotControl(context: ControlContext) {
  const { vcenter } = context;
  const { world, readers } = vcenter;
  return {
    snapshots: ({ vm: name }: { vm: string }) => {
      const vm = findVm(context, name);
      const snapshots = [...vm.snapshots.values()].map(
        ({ ref, parent, disks, name: title, description, isQuiesced, createTime }) => ({
          moref: ref.value,
          name: title,
          description,
          isQuiesced,
          createTime: createTime.toISOString(),
          parent: parent?.value,
          disks: disks.map(({ key, fileName, cbt, imagePath }) => ({
            key,
            fileName,
            imagePath,
            changeId: cbt && changeIdOf(cbt),
          })),
        }),
      );
      return { current: vm.currentSnapshot?.value, snapshots };
    },
    createForeignSnapshot: async ({ vm: name, name: title, description, memory }: ForeignSnapshot) => {
      const vm = findVm(context, name);
      const request = { name: title, description: description ?? '', memory: memory ?? false, quiesce: false };
      const { ref } = await exclusively(vm, () => createSnapshot(world, vm, request));
      return { moref: ref.value };
    },
    removeForeignSnapshot: async ({ snapshot, removeChildren }: { snapshot: string; removeChildren?: boolean }) => {
      const ref = snapshotRef(snapshot);
      const { vm } = world.snapshot(ref);
      await exclusively(vm, () => removeSnapshot(world, ref, { removeChildren: removeChildren ?? false, readers }));
      return {};
    },
    /** Ends with the VM off, or on when the snapshot holds its memory. */
    revertToSnapshot: async ({ snapshot }: { snapshot: string }) => {
      const ref = snapshotRef(snapshot);
      const { vm } = world.snapshot(ref);
      await exclusively(vm, () => revertToSnapshot(world, ref));
      return {};
    },
    /** The newest frozen image that matches, also of a removed snapshot while history is kept. */
    frozenImage: (query: { snapshot?: string; changeId?: string; diskKey?: number }) => {
      const found = world.history.findLast((entry) => matches(entry, query));
      if (found === undefined) throw new Error('no snapshot like this was ever taken');
      return found;
    },
    /** Of all VMs that ever were. */
    history: () => ({ history: [...world.history] }),
    currentImage: async (address: { vm: string; diskKey?: number }) => {
      const { vm, disk } = findDisk(context, address);
      await exclusively(vm, async () => undefined);
      return { imagePath: disk.image.path, capacity: disk.image.capacity, fileName: disk.fileName };
    },
  };
}

interface ForeignSnapshot {
  readonly vm: string;
  readonly name: string;
  readonly description?: string;
  readonly memory?: boolean;
}

function matches(entry: HistoryEntry, query: { snapshot?: string; changeId?: string; diskKey?: number }): boolean {
  if (query.snapshot === undefined && query.changeId === undefined) throw new Error('give a snapshot or a changeId');
  return (
    (query.snapshot === undefined || entry.snapshot === query.snapshot) &&
    (query.changeId === undefined || entry.changeId === query.changeId) &&
    (query.diskKey === undefined || entry.diskKey === query.diskKey)
  );
}
