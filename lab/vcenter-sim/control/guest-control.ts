import { type Fill, guestRandomWrites, guestWrite } from '../world/guest.js';
import type { Disk, Vm } from '../world/vm.js';
import { type ControlContext, findVm } from './context.js';

interface DiskAddress {
  /** Id, name or instance uuid. */
  readonly vm: string;
  /** Default: the VM's first disk. */
  readonly diskKey?: number;
}

export function findDisk(context: ControlContext, { vm: name, diskKey }: DiskAddress): { vm: Vm; disk: Disk } {
  const vm = findVm(context, name);
  const disk = diskKey === undefined ? vm.disks[0] : vm.disks.find(({ key }) => key === diskKey);
  if (disk === undefined) throw new Error(`${vm.name} has no disk ${diskKey ?? ''}`);
  return { vm, disk };
}

/** Writes by the guest. All of them need the VM to be on. */
export function guestControl(context: ControlContext) {
  const { world } = context.vcenter;
  return {
    guestWrite: async (write: DiskAddress & { offset: number; length?: number; fill: Fill }) => {
      const { vm, disk } = findDisk(context, write);
      await guestWrite(world, vm, { disk, write });
      return {};
    },
    guestRandomWrites: async (writes: DiskAddress & { seed: number; count: number; maxBytes: number; zeroRatio?: number }) => {
      const { vm, disk } = findDisk(context, writes);
      return { writes: await guestRandomWrites(world, vm, { disk, writes }) };
    },
  };
}
