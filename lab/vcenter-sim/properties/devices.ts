import type { DataObject, MoRef } from '../soap/value.js';
import { changeIdOf } from '../world/cbt-map.js';
import { type Disk, type DiskHardware, type FrozenDisk, isIndependent, type Vm, type VmSettings } from '../world/vm.js';
import type { World } from '../world/world.js';
import type { BackingKind, ControllerKind, NicConfig } from '../world-config.js';

/** A disk as some configuration shows it: the running VM's, or a snapshot's. */
interface ShownDisk extends DiskHardware {
  readonly fileName: string;
  readonly capacity: number;
  readonly changeId: string | undefined;
  /** Files below this one, nearest first. */
  readonly parents: readonly string[];
}

export function disksOf(vm: Vm): ShownDisk[] {
  return vm.disks.map((disk: Disk) => ({
    ...disk,
    capacity: disk.image.capacity,
    changeId: disk.cbt?.changeId,
    parents: isIndependent(disk) ? [] : parentFiles(vm, vm.currentSnapshot, disk),
  }));
}

export function frozenDisksOf(vm: Vm, disks: readonly FrozenDisk[], parent: MoRef | undefined): ShownDisk[] {
  return disks.map((disk) => ({
    ...disk,
    changeId: disk.cbt === undefined ? undefined : changeIdOf(disk.cbt),
    parents: parentFiles(vm, parent, disk),
  }));
}

function parentFiles(vm: Vm, from: MoRef | undefined, { key }: DiskHardware): string[] {
  const files: string[] = [];
  for (let at = from; at !== undefined; at = vm.snapshots.get(at.value)?.parent) {
    const snapshotDisk = vm.snapshots.get(at.value)?.disks.find((disk) => disk.key === key);
    if (snapshotDisk !== undefined) files.push(snapshotDisk.fileName);
  }
  return files;
}

/** `config.hardware.device` for these settings and disks. */
export function deviceList(world: World, settings: VmSettings, disks: readonly ShownDisk[]): DataObject[] {
  const nicKey = 4000;
  return [
    { $type: 'VirtualIDEController', key: 200, deviceInfo: description('IDE 0', 'IDE 0'), busNumber: 0 },
    { $type: 'VirtualPCIController', key: 100, deviceInfo: description('PCI controller 0', 'PCI controller 0'), busNumber: 0 },
    ...controllers(disks),
    ...disks.map((disk, index) => virtualDisk(disk, index)),
    ...settings.nics.map((nic, index) => ethernetCard(world, nic, nicKey + index)),
    ...(settings.hasTpm
      ? [{ $type: 'VirtualTPM', key: 11_000, deviceInfo: description('Virtual TPM', 'Trusted Platform Module') }]
      : []),
  ];
}

const description = (label: string, summary: string): DataObject => ({ $type: 'Description', label, summary });

const CONTROLLERS: Readonly<Record<ControllerKind, { type: string; firstKey: number; label: string; isScsi: boolean }>> = {
  pvscsi: { type: 'ParaVirtualSCSIController', firstKey: 1000, label: 'SCSI controller', isScsi: true },
  lsilogic: { type: 'VirtualLsiLogicController', firstKey: 1000, label: 'SCSI controller', isScsi: true },
  lsisas: { type: 'VirtualLsiLogicSASController', firstKey: 1000, label: 'SCSI controller', isScsi: true },
  buslogic: { type: 'VirtualBusLogicController', firstKey: 1000, label: 'SCSI controller', isScsi: true },
  ahci: { type: 'VirtualAHCIController', firstKey: 15_000, label: 'SATA controller', isScsi: false },
  nvme: { type: 'VirtualNVMEController', firstKey: 31_000, label: 'NVME controller', isScsi: false },
  ide: { type: 'VirtualIDEController', firstKey: 200, label: 'IDE', isScsi: false },
};

const controllerKey = ({ controller, bus }: DiskHardware): number => CONTROLLERS[controller].firstKey + bus;

/** One controller for each bus in use. IDE 0 is always there and is listed apart. */
function controllers(disks: readonly ShownDisk[]): DataObject[] {
  const byKey = new Map<number, ShownDisk[]>();
  for (const disk of disks) byKey.set(controllerKey(disk), [...(byKey.get(controllerKey(disk)) ?? []), disk]);
  return [...byKey]
    .filter(([key]) => key !== 200)
    .map(([key, onBus]) => {
      const { controller, bus, sharedBus } = onBus[0]!;
      const { type, label, isScsi } = CONTROLLERS[controller];
      return {
        $type: type,
        key,
        deviceInfo: description(`${label} ${bus}`, label),
        controllerKey: 100,
        unitNumber: isScsi ? 3 + bus : undefined,
        busNumber: bus,
        device: onBus.map((disk) => disk.key),
        ...(isScsi ? { hotAddRemove: true, sharedBus, scsiCtlrUnitNumber: 7 } : {}),
      };
    });
}

function virtualDisk(disk: ShownDisk, index: number): DataObject {
  return {
    $type: 'VirtualDisk',
    key: disk.key,
    deviceInfo: description(`Hard disk ${index + 1}`, `${(disk.capacity / 1024).toLocaleString('en-US')} KB`),
    backing: backing(disk),
    controllerKey: controllerKey(disk),
    unitNumber: disk.unit,
    capacityInKB: Math.floor(disk.capacity / 1024),
    capacityInBytes: disk.capacity,
    diskObjectId: `1-${disk.key}`,
  };
}

const BACKINGS: Readonly<Record<BackingKind, string>> = {
  flat: 'VirtualDiskFlatVer2BackingInfo',
  sesparse: 'VirtualDiskSeSparseBackingInfo',
  sparse: 'VirtualDiskSparseVer2BackingInfo',
  'rdm-virtual': 'VirtualDiskRawDiskMappingVer1BackingInfo',
  'rdm-physical': 'VirtualDiskRawDiskMappingVer1BackingInfo',
  raw: 'VirtualDiskRawDiskVer2BackingInfo',
  'flat-v1': 'VirtualDiskFlatVer1BackingInfo',
};

/** The outermost backing is the file in use; `parent` nests the chain below it. A raw device has no file at all. */
function backing(disk: ShownDisk): DataObject {
  const $type = BACKINGS[disk.backing];
  if (disk.backing === 'raw') {
    return { $type, deviceName: 'vml.0200000000', descriptorFileName: disk.fileName, uuid: disk.uuid, sharing: disk.sharing };
  }
  const common = { $type, datastore: disk.datastore, diskMode: disk.mode };
  if (disk.backing === 'flat-v1') return { ...common, fileName: disk.fileName };
  const { length } = disk.parents;
  const identity = { ...common, uuid: disk.uuid, ...extraFields(disk) };
  let parent: DataObject | undefined;
  for (let at = length - 1; at >= 0; at--) parent = { ...identity, fileName: disk.parents[at]!, parent };
  return { ...identity, fileName: disk.fileName, changeId: disk.changeId, parent };
}

function extraFields(disk: ShownDisk): Record<string, string | boolean> {
  if (disk.backing === 'flat') {
    return {
      split: false,
      writeThrough: false,
      thinProvisioned: disk.thin,
      backingObjectId: '',
      contentId: disk.uuid.replaceAll('-', '').toLowerCase(),
      digestEnabled: false,
      sharing: disk.sharing,
    };
  }
  if (disk.backing === 'rdm-virtual' || disk.backing === 'rdm-physical') {
    return {
      lunUuid: '0200000000',
      deviceName: 'vml.0200000000',
      compatibilityMode: `${disk.backing.slice(4)}Mode`,
      sharing: disk.sharing,
    };
  }
  return {};
}

const NICS = {
  vmxnet3: 'VirtualVmxnet3',
  vmxnet2: 'VirtualVmxnet2',
  e1000: 'VirtualE1000',
  e1000e: 'VirtualE1000e',
  pcnet32: 'VirtualPCNet32',
  sriov: 'VirtualSriovEthernetCard',
} as const;

function ethernetCard(world: World, nic: NicConfig, key: number): DataObject {
  return {
    $type: NICS[nic.type ?? 'vmxnet3'],
    key,
    deviceInfo: description(`Network adapter ${key - 3999}`, nic.network),
    backing: networkBacking(world, nic.network),
    connectable: {
      $type: 'VirtualDeviceConnectInfo',
      startConnected: nic.connected ?? true,
      allowGuestControl: true,
      connected: nic.connected ?? true,
      status: 'ok',
    },
    controllerKey: 100,
    unitNumber: key - 3993,
    addressType: 'assigned',
    macAddress: nic.mac,
    wakeOnLanEnabled: true,
  };
}

function networkBacking(world: World, name: string): DataObject {
  const network = [...world.networks.values()].find((one) => one.name === name);
  if (network?.kind === 'distributed') {
    const port = {
      $type: 'DistributedVirtualSwitchPortConnection',
      switchUuid: '50 11 22 33 44 55 66 77-88 99 aa bb cc dd ee ff',
      portgroupKey: network.ref.value,
      portKey: '7',
    };
    return { $type: 'VirtualEthernetCardDistributedVirtualPortBackingInfo', port };
  }
  if (network?.kind === 'opaque') {
    return {
      $type: 'VirtualEthernetCardOpaqueNetworkBackingInfo',
      opaqueNetworkId: network.ref.value,
      opaqueNetworkType: 'nsx.LogicalSwitch',
    };
  }
  return { $type: 'VirtualEthernetCardNetworkBackingInfo', deviceName: name, network: network?.ref };
}
