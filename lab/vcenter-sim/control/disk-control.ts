import { resetCbt } from '../world/tracking.js';
import { exclusively } from '../world/vm.js';
import { type ControlContext, findVm } from './context.js';
import { findDisk } from './guest-control.js';

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
      resetCbt(world, [disk]);
      return {};
    },
  };
}
