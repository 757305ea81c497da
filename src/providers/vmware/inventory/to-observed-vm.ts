import { diskKey, snapshotRef, vmRef } from '../../../model/ids.js';
import type { ObservedDisk, ObservedVm, PowerState, VmHistory } from '../../../model/observed-source.js';
import { own } from '../../../model/own.js';
import { vsphereTraits } from '../../../model/source-traits.js';
import { isA, type Properties } from '../properties.js';
import { TransportFailure } from '../soap/failure.js';
import { attachedDisks, toObservedDisk } from './disks.js';
import type { Hosts } from './hosts.js';
import { decodeName } from './inventory-path.js';
import { devicesLeftBehind } from './left-behind.js';
import { type NetworkNames, observedNics } from './nics.js';
import { obstaclesOf } from './obstacles.js';
import { flattenSnapshots, snapshotDepth } from './snapshot-tree.js';
import { propertiesLeftBehind, TOLD_PATHS } from './vm-properties.js';

/** What is read of each selected VM. */
export const VM_PATHS = [
  'name',
  'config.instanceUuid',
  'config.template',
  'config.version',
  'config.guestId',
  'config.guestFullName',
  'config.firmware',
  'config.bootOptions',
  'config.changeTrackingEnabled',
  'config.keyId',
  'config.ftInfo',
  'config.hardware.numCPU',
  'config.hardware.memoryMB',
  'config.hardware.device',
  'runtime.powerState',
  'runtime.host',
  'runtime.connectionState',
  'runtime.consolidationNeeded',
  'runtime.question',
  'runtime.bootTime',
  'runtime.faultToleranceState',
  'capability.changeTrackingSupported',
  'capability.snapshotOperationsSupported',
  'guest.guestFamily',
  'guest.toolsRunningStatus',
  'snapshot',
  'disabledMethod',
  'network',
  ...TOLD_PATHS,
];

/** Change tracking needs virtual hardware 7 or newer. */
const HARDWARE_VERSION_MIN = 7;
const POWER_STATES: Readonly<Record<string, PowerState>> = { poweredOn: 'on', poweredOff: 'off', suspended: 'suspended' };
const TOOLS_RUNNING = new Set(['guestToolsRunning', 'guestToolsExecutingScripts']);
const LINUX_GUEST =
  /linux|centos|rhel|redhat|debian|ubuntu|suse|sles|oracle|fedora|mandr|coreos|photon|asianux|amazon|rocky|alma|crxPod/i;

/** What is read of other objects than VMs. */
export interface Surroundings {
  readonly networkNames: NetworkNames;
  readonly hosts: Hosts;
}

export function toObservedVm(vm: Properties, { networkNames, hosts }: Surroundings): ObservedVm {
  const snapshot = vm.object('snapshot', 'VirtualMachineSnapshotInfo');
  const devices = vm.list('config.hardware.device', 'VirtualDevice');
  const disks = attachedDisks(devices).map(toObservedDisk);
  const host = hosts.get(vm.moref('runtime.host')?.value ?? '');
  return {
    ref: vmRef(vm.ref.value),
    name: decodeName(vm.text('name') ?? vm.ref.value),
    instanceUuid: (vm.text('config.instanceUuid') ?? '').toLowerCase(),
    power: readPowerState(vm),
    obstacles: [...unreadable(vm), ...obstaclesOf(vm, snapshotDepth(snapshot))],
    firmware: vm.text('config.firmware') === 'efi' ? 'efi' : 'bios',
    secureBoot: vm.object('config.bootOptions', 'VirtualMachineBootOptions')?.efiSecureBootEnabled ?? false,
    guest: guestOf(vm),
    toolsRunning: TOOLS_RUNNING.has(vm.text('guest.toolsRunningStatus') ?? ''),
    traits: vsphereTraits,
    cbt: { supported: isTrackingSupported(vm), enabled: vm.flag('config.changeTrackingEnabled') ?? false },
    ...historyOf(vm),
    ...(host === undefined ? {} : { host }),
    cpus: vm.count('config.hardware.numCPU') ?? 0,
    memoryMiB: vm.count('config.hardware.memoryMB') ?? 0,
    nics: observedNics(devices, networkNames, vm.list('guest.net', 'GuestNicInfo')),
    leftBehind: [...propertiesLeftBehind(vm), ...devicesLeftBehind(devices)],
    disks,
    ...bootDiskOf(vm, disks),
  };
}

/** Without what each snapshot tracked. */
export function historyOf(vm: Properties): VmHistory {
  const snapshot = vm.object('snapshot', 'VirtualMachineSnapshotInfo');
  const bootTime = vm.text('runtime.bootTime');
  const currentSnapshot = snapshot?.currentSnapshot?.value;
  return {
    snapshots: flattenSnapshots(snapshot),
    ...(currentSnapshot === undefined ? {} : { currentSnapshot: snapshotRef(currentSnapshot) }),
    ...(bootTime === undefined ? {} : { bootTime }),
  };
}

export function readPowerState(vm: Properties): PowerState {
  const text = vm.text('runtime.powerState') ?? '';
  const state = own(POWER_STATES, text);
  if (state === undefined)
    throw new TransportFailure('unreadable', 'RetrievePropertiesEx', `power state '${text}' of ${vm.ref.value} is not known`);
  return state;
}

/** A VM whose host is away has no configuration to read. */
const unreadable = (vm: Properties): string[] => (vm.has('config.instanceUuid') ? [] : ['its configuration cannot be read']);

function isTrackingSupported(vm: Properties): boolean {
  const hardware = Number(/^vmx-0*(\d+)$/.exec(vm.text('config.version') ?? '')?.[1] ?? HARDWARE_VERSION_MIN);
  return (vm.flag('capability.changeTrackingSupported') ?? true) && hardware >= HARDWARE_VERSION_MIN;
}

/** The guest's own word counts; it is there only while VMware Tools run. */
function guestOf(vm: Properties): ObservedVm['guest'] {
  const id = vm.text('config.guestId') ?? '';
  return { id, fullName: vm.text('config.guestFullName') ?? '', family: familyOf(vm.text('guest.guestFamily'), id) };
}

function familyOf(family: string | undefined, guestId: string): ObservedVm['guest']['family'] {
  if (family === 'windowsGuest') return 'windows';
  if (family === 'linuxGuest') return 'linux';
  if (/^win/i.test(guestId)) return 'windows';
  return LINUX_GUEST.test(guestId) ? 'linux' : 'other';
}

type BootDisk = Pick<ObservedVm, 'bootDisk' | 'bootDiskFrom'>;

/**
 * The first disk that the boot order names. Without one a BIOS begins with its IDE disks, wherever the others stand; what EFI would
 * boot is in its NVRAM, which nobody can read.
 */
function bootDiskOf(vm: Properties, disks: readonly ObservedDisk[]): BootDisk {
  const order = vm.object('config.bootOptions', 'VirtualMachineBootOptions')?.bootOrder ?? [];
  for (const device of order) {
    if (!isA(device, 'VirtualMachineBootOptionsBootableDiskDevice')) continue;
    const disk = disks.find(({ key }) => key === diskKey(device.deviceKey));
    if (disk !== undefined) return { bootDisk: disk.key, bootDiskFrom: 'boot-order' };
  }
  const isBios = vm.text('config.firmware') !== 'efi';
  const first = (isBios ? disks.find(({ slot }) => slot.bus === 'ide') : undefined) ?? disks[0];
  return first === undefined ? {} : { bootDisk: first.key, bootDiskFrom: 'default' };
}
