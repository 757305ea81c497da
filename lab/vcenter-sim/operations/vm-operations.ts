import { type DataObject, MoRef, type Value } from '../soap/value.js';
import { VimFault } from '../soap/vim-fault.js';
import { hardPowerOff, requirePower, shutDownGuest } from '../world/power.js';
import { checkSnapshotRequest, consolidate, createSnapshot, removeSnapshot, type SnapshotRequest } from '../world/snapshots.js';
import { activateCbt, type ChangedAreasQuery, queryChangedAreas } from '../world/tracking.js';
import { exclusively, type Vm } from '../world/vm.js';
import { type Call, type Operations, one, sessionOf } from './operation.js';

const RECENT_TASKS_MAX = 10;

export const VM_OPERATIONS: Operations = {
  ReconfigVM_Task: {
    on: 'VirtualMachine',
    privilege: 'VirtualMachine.Config.ChangeTracking',
    result: one('moref'),
    run: reconfigure,
  },
  CreateSnapshot_Task: {
    on: 'VirtualMachine',
    privilege: 'VirtualMachine.State.CreateSnapshot',
    result: one('moref'),
    run: snapshotTask,
  },
  RemoveSnapshot_Task: {
    on: 'VirtualMachineSnapshot',
    privilege: 'VirtualMachine.State.RemoveSnapshot',
    result: one('moref'),
    run: removal,
  },
  QueryChangedDiskAreas: {
    on: 'VirtualMachine',
    privilege: 'VirtualMachine.Provisioning.DiskRandomRead',
    result: one('DiskChangeInfo'),
    run: changedAreas,
  },
  ShutdownGuest: { on: 'VirtualMachine', privilege: 'VirtualMachine.Interact.PowerOff', run: shutdown },
  PowerOffVM_Task: {
    on: 'VirtualMachine',
    privilege: 'VirtualMachine.Interact.PowerOff',
    result: one('moref'),
    run: powerOffTask,
  },
  ConsolidateVMDisks_Task: {
    on: 'VirtualMachine',
    privilege: 'VirtualMachine.State.RemoveSnapshot',
    result: one('moref'),
    run: (call) => {
      const vm = vmOf(call);
      return startTask(call, vm, async () => consolidate(vm, call.vcenter.readers));
    },
  },
};

/** The VM, in a state in which it can be worked on at all. */
function vmOf({ vcenter, target, method }: Call): Vm {
  const vm = vcenter.world.vm(target);
  refuseUnusable(vm, method);
  return vm;
}

function refuseUnusable(vm: Vm, method: string): void {
  if (vm.disabledMethods.includes(method)) {
    throw new VimFault('MethodDisabled', { source: 'com.example.backup' }, 'The method is disabled by another product.');
  }
  if (vm.connectionState === 'disconnected') throw new VimFault('HostNotConnected');
  if (vm.connectionState !== 'connected') throw new VimFault('InvalidState', {}, `The virtual machine is ${vm.connectionState}.`);
}

/** Starts a task that holds the VM: a second one is refused while it runs. A reference the effect gives is its result. */
function startTask(call: Call, vm: Vm, effect: () => Promise<unknown>): MoRef {
  if (vm.lock !== undefined)
    throw new VimFault('TaskInProgress', { task: vm.lock }, 'The operation is not allowed while another task is in progress.');
  const { taskFault } = call;
  const work = async (): Promise<Value | undefined> => {
    const result = taskFault === undefined || taskFault.work ? await effect() : undefined;
    if (taskFault !== undefined) throw taskFault.fault;
    return result instanceof MoRef ? result : undefined;
  };
  const ref = call.vcenter.tasks.start({
    name: call.method,
    entity: vm.ref,
    entityName: vm.name,
    userName: sessionOf(call).account.name,
    work,
    release: () => {
      vm.lock = undefined;
    },
  });
  vm.lock = ref;
  vm.recentTasks.push(ref);
  if (vm.recentTasks.length > RECENT_TASKS_MAX) vm.recentTasks.shift();
  return ref;
}

/** Of the whole configuration only change tracking can be reconfigured here. */
function reconfigure(call: Call): MoRef {
  const vm = vmOf(call);
  const spec = call.fields['spec'] as DataObject;
  const { changeVersion, changeTrackingEnabled } = spec as { changeVersion?: string; changeTrackingEnabled?: boolean };
  const others = Object.keys(spec).filter((key) => !['$type', 'changeVersion', 'changeTrackingEnabled'].includes(key));
  if (others.length > 0) throw new VimFault('NotSupported', {}, `the simulator does not reconfigure ${others.join(', ')}`);
  if (changeVersion !== undefined && !changeVersion.endsWith(`.${String(vm.changeVersion).padStart(6, '0')}Z`))
    throw new VimFault('ConcurrentAccess');
  return startTask(call, vm, async () => {
    if (changeTrackingEnabled === undefined) return;
    if (changeTrackingEnabled && vm.config.cbtSupported === false) throw new VimFault('NotSupported');
    vm.isCbtWanted = changeTrackingEnabled;
    vm.changeVersion += 1;
    if (vm.power === 'poweredOff') activateCbt(call.vcenter.world, vm);
  });
}

function snapshotTask(call: Call): MoRef {
  const vm = vmOf(call);
  const { name, description, memory } = call.fields as { name: string; description?: string; memory: boolean };
  const request: SnapshotRequest = { name, description: description ?? '', memory, quiesce: call.fields['quiesce'] === true };
  checkSnapshotRequest(vm, request);
  return startTask(call, vm, () => exclusively(vm, async () => (await createSnapshot(call.vcenter.world, vm, request)).ref));
}

function removal(call: Call): MoRef {
  const { world, readers } = call.vcenter;
  const { vm } = world.snapshot(call.target);
  refuseUnusable(vm, call.method);
  const removeChildren = call.fields['removeChildren'] === true;
  return startTask(call, vm, () => exclusively(vm, () => removeSnapshot(world, call.target, { removeChildren, readers })));
}

function changedAreas(call: Call): DataObject {
  const query = call.fields as unknown as ChangedAreasQuery;
  if (query.snapshot === undefined) throw new Error('the simulator tells what changed up to a snapshot only');
  const { startOffset, length, areas } = queryChangedAreas(call.vcenter.world, vmOf(call), query);
  return {
    $type: 'DiskChangeInfo',
    startOffset,
    length,
    changedArea: areas.map((area) => ({ $type: 'DiskChangeExtent', ...area })),
  };
}

function shutdown(call: Call): undefined {
  const vm = vmOf(call);
  requirePower(vm, 'poweredOn', 'poweredOff');
  if (!vm.isToolsRunning) {
    throw new VimFault(
      'ToolsUnavailable',
      {},
      'Cannot complete operation because VMware Tools is not running in this virtual machine.',
    );
  }
  call.vcenter.background(shutDownGuest(call.vcenter.world, vm));
  return undefined;
}

function powerOffTask(call: Call): MoRef {
  const vm = vmOf(call);
  requirePower(vm, 'poweredOn', 'poweredOff');
  return startTask(call, vm, () => hardPowerOff(call.vcenter.world, vm));
}
