import { buildDisk } from '../world/build-disks.js';
import { resetCbt } from '../world/tracking.js';
import { exclusively } from '../world/vm.js';
import type { DiskConfig } from '../world-config.js';
import { type ControlContext, findVm } from './context.js';
import { findDisk } from './guest-control.js';
import { describeVm } from './vm-control.js';

/** What happens to disks behind our back. */
export function diskControl(context: ControlContext) {
  const { world } = context.vcenter;
  return {
    /** Tracking switched off and on by somebody else: a new epoch. */
    resetCbt: ({ vm: name, diskKey }: { vm: string; diskKey?: number }) => {
      const vm = findVm(context, name);
      resetCbt(
        world,
        vm.disks.filter(({ key }) => diskKey === undefined || key === diskKey),
      );
      return {};
    },
    extendDisk: async ({ capacityBytes, ...address }: { vm: string; diskKey?: number; capacityBytes: number }) => {
      const { vm, disk } = findDisk(context, address);
      if (capacityBytes < disk.image.capacity || capacityBytes % 512 !== 0)
        throw new Error(`cannot extend ${disk.image.capacity} bytes to ${capacityBytes}`);
      await exclusively(vm, () => disk.image.extend(capacityBytes));
      if ((world.cbt.onExtend ?? 'new-epoch') === 'new-epoch') resetCbt(world, [disk]);
      return {};
    },
    /** A disk hot-added; tracked from the next stun on. */
    addDisk: async ({ vm: name, disk }: { vm: string; disk: DiskConfig }) => {
      const vm = findVm(context, name);
      const made = await buildDisk(world, vm, { config: disk, before: vm.disks });
      vm.disks.push(made);
      vm.changeVersion += 1;
      return describeVm(vm);
    },
    /** Another disk in the place of one: same key and slot, other uuid, file and content. */
    replaceDisk: async ({ disk: config, ...address }: { vm: string; diskKey?: number; disk: DiskConfig }) => {
      const { vm, disk: old } = findDisk(context, address);
      const { key, controller, bus, unit } = old;
      const made = await buildDisk(world, vm, { config: { ...config, key, controller, bus, unit }, before: vm.disks });
      vm.disks.splice(vm.disks.indexOf(old), 1, made);
      vm.changeVersion += 1;
      return describeVm(vm);
    },
  };
}
