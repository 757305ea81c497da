import { type DataObject, type MoRef, MoRef as Ref, type Value } from '../soap/value.js';
import { fileStem } from '../world/build-disks.js';
import { childrenOf } from '../world/snapshots.js';
import { type Snapshot, slotName, type Vm, type VmSettings } from '../world/vm.js';
import type { World } from '../world/world.js';
import type { AllocationConfig } from '../world-config.js';
import { deviceList, disksOf, frozenDisksOf } from './devices.js';

/** vCenter escapes these three characters in names. */
export const escapeName = (name: string): string => name.replaceAll('%', '%25').replaceAll('/', '%2f').replaceAll('\\', '%5c');

type Reader = (world: World, vm: Vm) => Value | undefined;

/** Top-level properties; each is made only when asked for. */
export const VIRTUAL_MACHINE: Readonly<Record<string, Reader>> = {
  name: (_, vm) => escapeName(vm.name),
  availableField: (world) => fieldDefinitions(world),
  parent: (_, vm) => vm.folder,
  customValue: (world, vm) => customValues(world, vm),
  disabledMethod: (_, vm) => [...vm.disabledMethods],
  recentTask: (_, vm) => [...vm.recentTasks],
  capability: (_, vm) => capability(vm),
  config: (world, vm) => configInfo(world, vm, { settings: vm.settings, devices: deviceList(world, vm.settings, disksOf(vm)) }),
  runtime: (_, vm) => runtime(vm),
  guest: (_, vm) => guest(vm),
  datastore: (_, vm) => distinct(vm.disks.map((disk) => disk.datastore)),
  network: (world, vm) => networks(world, vm),
  snapshot: (_, vm) => snapshotInfo(vm),
};

/** The configuration a snapshot kept. */
export function snapshotConfig(world: World, vm: Vm, snapshot: Snapshot): DataObject {
  const devices = deviceList(world, snapshot.settings, frozenDisksOf(vm, snapshot.disks, snapshot.parent));
  return configInfo(world, vm, { settings: snapshot.settings, devices });
}

function configInfo(world: World, vm: Vm, options: { settings: VmSettings; devices: DataObject[] }): DataObject {
  const { settings, devices } = options;
  return {
    $type: 'VirtualMachineConfigInfo',
    changeVersion: `2026-01-01T00:00:00.${String(vm.changeVersion).padStart(6, '0')}Z`,
    modified: new Date(Date.UTC(2026, 0, 1) + vm.changeVersion),
    name: escapeName(vm.name),
    guestFullName: settings.guestFullName,
    version: `vmx-${String(settings.hwVersion).padStart(2, '0')}`,
    uuid: vm.biosUuid,
    instanceUuid: vm.instanceUuid,
    template: settings.template,
    guestId: settings.guestId,
    alternateGuestName: '',
    annotation: vm.config.annotation ?? '',
    files: { $type: 'VirtualMachineFileInfo', vmPathName: vmxPath(world, vm) },
    flags: { $type: 'VirtualMachineFlagInfo', diskUuidEnabled: true },
    hardware: {
      $type: 'VirtualHardware',
      numCPU: settings.cpus,
      numCoresPerSocket: settings.coresPerSocket,
      memoryMB: settings.memoryMb,
      device: devices,
    },
    cpuAllocation: allocation(vm.config.cpuAllocation),
    memoryAllocation: allocation(vm.config.memoryAllocation),
    memoryHotAddEnabled: vm.config.hotAdd ?? false,
    cpuHotAddEnabled: vm.config.hotAdd ?? false,
    extraConfig: extraConfig(vm),
    bootOptions: bootOptions(settings),
    ftInfo: settings.faultTolerant
      ? { $type: 'FaultToleranceConfigInfo', role: 1, instanceUuids: [vm.instanceUuid], configPaths: [] }
      : undefined,
    changeTrackingEnabled: vm.isCbtWanted,
    firmware: settings.firmware,
    keyId: settings.encrypted
      ? { $type: 'CryptoKeyId', keyId: 'lab-key', providerId: { $type: 'KeyProviderId', id: 'lab-kms' } }
      : undefined,
  };
}

function vmxPath(world: World, vm: Vm): string {
  const datastore = vm.disks[0] === undefined ? undefined : world.datastores.get(vm.disks[0].datastore.value);
  return `[${datastore?.name ?? 'ds1'}] ${fileStem(vm.config.name)}/${fileStem(vm.config.name)}.vmx`;
}

/** The flag for the whole VM is a wish; the one for a slot says that tracking runs there. */
function extraConfig(vm: Vm): DataObject[] {
  const option = (key: string, value: string): DataObject => ({ $type: 'OptionValue', key, value });
  const slots = vm.disks.filter((disk) => disk.cbt !== undefined).map((disk) => option(`${slotName(disk)}.ctkEnabled`, 'TRUE'));
  const more = Object.entries(vm.config.extraConfig ?? {}).map(([key, value]) => option(key, value));
  return [option('disk.EnableUUID', 'TRUE'), option('ctkEnabled', vm.isCbtWanted ? 'TRUE' : 'FALSE'), ...slots, ...more];
}

const SHARES = { low: 500, normal: 1000, high: 2000 } as const;

function allocation({ reservation = 0, limit = -1, shares = 'normal' }: AllocationConfig = {}): DataObject {
  return {
    $type: 'ResourceAllocationInfo',
    reservation,
    expandableReservation: false,
    limit,
    shares: { $type: 'SharesInfo', shares: SHARES[shares], level: shares },
  };
}

const FIRST_FIELD_KEY = 101;

/** Custom attributes are defined for the whole vCenter, whichever VM has a value of them. */
function fieldNames(world: World): string[] {
  return [...new Set([...world.vms.values()].flatMap((vm) => Object.keys(vm.config.customAttributes ?? {})))];
}

function fieldDefinitions(world: World): DataObject[] {
  return fieldNames(world).map((name, index) => ({
    $type: 'CustomFieldDef',
    key: FIRST_FIELD_KEY + index,
    name,
    type: 'string',
    managedObjectType: 'VirtualMachine',
  }));
}

function customValues(world: World, vm: Vm): DataObject[] {
  const names = fieldNames(world);
  return Object.entries(vm.config.customAttributes ?? {}).map(([name, value]) => ({
    $type: 'CustomFieldStringValue',
    key: FIRST_FIELD_KEY + names.indexOf(name),
    value,
  }));
}

function bootOptions(settings: VmSettings): DataObject {
  return {
    $type: 'VirtualMachineBootOptions',
    bootDelay: 0,
    enterBIOSSetup: false,
    efiSecureBootEnabled: settings.secureBoot,
    bootRetryEnabled: false,
    bootRetryDelay: 10_000,
    bootOrder: settings.bootOrder.map((deviceKey) => ({ $type: 'VirtualMachineBootOptionsBootableDiskDevice', deviceKey })),
    networkBootProtocol: 'ipv4',
  };
}

function capability(vm: Vm): DataObject {
  return {
    $type: 'VirtualMachineCapability',
    snapshotOperationsSupported: true,
    multipleSnapshotsSupported: true,
    poweredOffSnapshotsSupported: true,
    memorySnapshotsSupported: true,
    revertToSnapshotSupported: true,
    quiescedSnapshotsSupported: true,
    diskSharesSupported: true,
    bootOptionsSupported: true,
    changeTrackingSupported: vm.config.cbtSupported ?? true,
    secureBootSupported: vm.settings.firmware === 'efi',
  };
}

function runtime(vm: Vm): DataObject {
  const question = vm.question === undefined ? undefined : { $type: 'VirtualMachineQuestionInfo', id: '1', text: vm.question };
  return {
    $type: 'VirtualMachineRuntimeInfo',
    host: vm.host,
    connectionState: vm.connectionState,
    powerState: vm.power,
    faultToleranceState: vm.settings.faultTolerant ? 'running' : 'notConfigured',
    toolsInstallerMounted: false,
    bootTime: vm.bootTime,
    question,
    numMksConnections: 0,
    cleanPowerOff: vm.power === 'poweredOff' ? true : undefined,
    consolidationNeeded: vm.isConsolidationNeeded,
    snapshotInBackground: false,
    cryptoState: vm.settings.encrypted ? 'locked' : undefined,
  };
}

/** Tools report only while they run: addresses and names are gone from a VM that is off. */
function guest(vm: Vm): DataObject {
  const isRunning = vm.isToolsRunning && vm.power === 'poweredOn';
  const live = {
    guestId: vm.settings.guestId,
    guestFamily: vm.config.guestFamily ?? (vm.settings.guestId.startsWith('win') ? 'windowsGuest' : 'linuxGuest'),
    guestFullName: vm.settings.guestFullName,
    hostName: vm.config.hostName ?? vm.name,
    ipAddress: vm.settings.nics[0]?.ips?.[0],
    net: vm.settings.nics.map((nic, index) => ({
      $type: 'GuestNicInfo',
      network: nic.network,
      ipAddress: [...(nic.ips ?? [])],
      macAddress: nic.mac,
      connected: true,
      deviceConfigId: 4000 + index,
    })),
  };
  return {
    $type: 'GuestInfo',
    toolsStatus: isRunning ? 'toolsOk' : 'toolsNotRunning',
    toolsVersionStatus2: 'guestToolsCurrent',
    toolsRunningStatus: isRunning ? 'guestToolsRunning' : 'guestToolsNotRunning',
    guestState: isRunning ? 'running' : 'notRunning',
    guestOperationsReady: isRunning,
    ...(isRunning ? live : {}),
  };
}

function networks(world: World, vm: Vm): MoRef[] {
  const names = new Set(vm.settings.nics.map((nic) => nic.network));
  return [...world.networks.values()].filter((network) => names.has(network.name)).map(({ ref }) => ref);
}

const rootsOf = (vm: Vm): Snapshot[] => [...vm.snapshots.values()].filter(({ parent }) => parent === undefined);

/** Absent, not empty, when there is no snapshot. */
function snapshotInfo(vm: Vm): DataObject | undefined {
  if (vm.snapshots.size === 0) return undefined;
  return {
    $type: 'VirtualMachineSnapshotInfo',
    currentSnapshot: vm.currentSnapshot,
    rootSnapshotList: rootsOf(vm).map((root) => snapshotTree(vm, root)),
  };
}

function snapshotTree(vm: Vm, snapshot: Snapshot): DataObject {
  return {
    $type: 'VirtualMachineSnapshotTree',
    snapshot: snapshot.ref,
    vm: vm.ref,
    name: escapeName(snapshot.name),
    description: snapshot.description,
    id: snapshot.id,
    createTime: snapshot.createTime,
    state: snapshot.state,
    quiesced: snapshot.isQuiesced,
    childSnapshotList: childrenOf(vm, snapshot.ref).map((child) => snapshotTree(vm, child)),
    replaySupported: false,
  };
}

function distinct(refs: readonly MoRef[]): MoRef[] {
  return refs.filter((ref, index) => refs.findIndex((other) => Ref.isEqual(other, ref)) === index);
}
