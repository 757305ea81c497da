import { MoRef } from '../soap/value.js';
import { powerOn, suspend, turnOff } from '../world/power.js';
import { activateCbt } from '../world/tracking.js';
import { exclusively, type PowerState, type Vm } from '../world/vm.js';
import { type ControlContext, findVm } from './context.js';

/** What happens to a VM behind our back. */
export function vmControl(context: ControlContext) {
  const { world } = context.vcenter;
  return {
    vm: ({ vm }: { vm: string }) => describeVm(findVm(context, vm)),
    /** `poweredOff` is a shutdown without any side effect on tracking. */
    setPower: async ({ vm: name, power }: { vm: string; power: PowerState }) => {
      const vm = findVm(context, name);
      if (power === 'poweredOn') await powerOn(world, vm);
      else await exclusively(vm, async () => (power === 'poweredOff' ? turnOff(vm) : suspend(vm)));
      return {};
    },
    setVm: ({ vm: name, ...change }: { vm: string } & VmChange) => {
      const vm = findVm(context, name);
      Object.assign(vm, change, 'question' in change && change.question === null ? { question: undefined } : {});
      if ('isCbtWanted' in change && vm.power === 'poweredOff') activateCbt(world, vm);
      return describeVm(vm);
    },
    deleteVm: ({ vm: name }: { vm: string }) => {
      const vm = findVm(context, name);
      const { children } = world.folders.get(vm.folder.value)!;
      children.splice(
        children.findIndex((child) => MoRef.isEqual(child, vm.ref)),
        1,
      );
      world.vms.delete(vm.ref.value);
      return {};
    },
  };
}

interface VmChange {
  readonly isToolsRunning?: boolean;
  readonly connectionState?: string;
  readonly isConsolidationNeeded?: boolean;
  readonly isCbtWanted?: boolean;
  readonly question?: string | null;
  readonly disabledMethods?: readonly string[];
}

/** A VM as tests look at it. */
export function describeVm(vm: Vm) {
  return {
    moref: vm.ref.value,
    name: vm.name,
    instanceUuid: vm.instanceUuid,
    power: vm.power,
    isToolsRunning: vm.isToolsRunning,
    isCbtWanted: vm.isCbtWanted,
    isConsolidationNeeded: vm.isConsolidationNeeded,
    snapshots: [...vm.snapshots.keys()],
    disks: vm.disks.map((disk) => ({
      key: disk.key,
      uuid: disk.uuid,
      fileName: disk.fileName,
      capacity: disk.image.capacity,
      imagePath: disk.image.path,
      changeId: disk.cbt?.changeId,
    })),
  };
}
