import { ProviderError, type ProviderErrorKind } from '../../src/contracts/provider-error.js';
import type { SnapshotDisk, SourceProvider, SourceSnapshot } from '../../src/contracts/source-provider.js';
import { type DiskKey, type SnapshotRef, snapshotRef, type VmRef, vmRef, volumeId } from '../../src/model/ids.js';
import type { ObservedDisk, ObservedVm, OpenStackGuest, VmHistory, VmLookup } from '../../src/model/observed-source.js';
import { openstackTraits, vsphereTraits } from '../../src/model/source-traits.js';
import type { Snapshot, SourceMachine } from './source-machine.js';
import { changedBlocks, type DiskPicture, idOf, type TrackedDisk } from './tracked-disk.js';
import type { Wire } from './wire.js';

const REF: VmRef = vmRef('vm-42');
export const VM_UUID = '501b2f6e-0000-1111-2222-333344445555';
const PROVIDER = 'src';

/** What the simulated process was allowed to do; whoever approves says so. */
export interface SourceRules {
  /** Called before the guest is shut down or its plug pulled. */
  onPowerOff(): void;
}

/** The source side of an estate, as its provider's contract has it. */
export function sourceProvider(machine: SourceMachine, wire: Wire, rules: SourceRules): SourceProvider {
  const effect = <T>(call: string, work: () => T | Promise<T>): Promise<T> => wire.effect('source', call, work);
  const isCloud = machine.traits.place === 'cloud';
  return {
    name: PROVIDER,
    identify: async () => ({ kind: isCloud ? 'openstack' : 'vmware', endpoint: 'source', id: 'source' }),
    observe: (selectors) => effect('observe', () => selectors.map((): VmLookup => ({ kind: 'found', vm: observed(machine) }))),
    list: async () => [observed(machine)],
    powerState: () => effect('powerState', () => machine.power),
    history: () => effect('history', () => historyOf(machine)),
    enableChangeTracking: () =>
      effect('enableChangeTracking', () => {
        if (machine.snapshots.size > 0) throw refusal('conflict', 'the VM has snapshots');
        machine.switchTracking(true);
      }),
    createSnapshot: async (_vm, { name, description }) => {
      const lost = [...machine.snapshots.values()].find((snapshot) => snapshot.name === name);
      if (lost !== undefined) return effect('createSnapshot', () => told(lost));
      if (!isCloud) return effect('createSnapshot', () => told(machine.takeSnapshot(name, description)));
      return effect('createSnapshot', () => freezeEach(machine, wire, { name, description }));
    },
    removeSnapshot: (_vm, ref) => effect('removeSnapshot', () => machine.removeSnapshot(ref)),
    changedExtents: ({ ref }, disk, since) =>
      effect('changedExtents', () => {
        const picture = machine.snapshots.get(ref)?.disks.get(disk);
        if (picture === undefined) throw refusal('not-found', `disk ${disk} is not in ${ref}`);
        const id = idOf(picture);
        if (id === undefined || id.epoch !== since.epoch || since.sequence > id.sequence)
          throw refusal('cbt-invalid', 'no answer for this id');
        return changedBlocks(picture, since).map((offset) => ({ offset, length: 1 }));
      }),
    readerNeeds: () => [],
    reader: ({ ref }, disk) =>
      effect('reader', () => ({
        program: 'sim',
        plugin: 'sim',
        args: [ref, String(disk)],
        secrets: [],
        requestBytesMax: 1,
        connections: 1,
      })),
    shutdownGuest: () =>
      effect('shutdownGuest', () => {
        if (machine.power === 'off') return;
        rules.onPowerOff();
        if (!machine.tools && !isCloud) throw refusal('unsupported', 'no tools run');
        if (machine.traits.obeys) machine.power = 'off';
      }),
    powerOff: () =>
      effect('powerOff', () => {
        if (machine.power === 'off') return;
        rules.onPowerOff();
        machine.pullPlug();
      }),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A dying process leaves some disks frozen and others not. */
function freezeEach(
  machine: SourceMachine,
  wire: Wire,
  { name, description }: { readonly name: string; readonly description: string },
): SourceSnapshot {
  const snapshot = machine.emptySnapshot(name, description);
  for (const disk of machine.disks) {
    wire.moment();
    snapshot.disks.set(disk.key, disk.freeze());
    machine.guestWrites(1);
  }
  return told(snapshot);
}

function told({ ref, name, disks }: Snapshot): SourceSnapshot {
  return {
    ref: snapshotRef(ref),
    vm: REF,
    name,
    disks: [...disks.values()].map((picture): SnapshotDisk => {
      const changeId = idOf(picture);
      const { key, uuid, bytes } = picture;
      return { key, uuid, capacity: bytes.length, file: `${key}.vmdk`, ...(changeId === undefined ? {} : { changeId }) };
    }),
  };
}

function observed(machine: SourceMachine): ObservedVm {
  const { traits, disks } = machine;
  const isCloud = traits.place === 'cloud';
  const boot = bootDisk(machine);
  return {
    ref: REF,
    name: 'app',
    instanceUuid: VM_UUID,
    power: machine.power,
    obstacles: obstaclesOf(machine),
    firmware: traits.firmware,
    secureBoot: false,
    guest: { id: 'sim', fullName: 'Simulated', family: traits.family },
    toolsRunning: isCloud || (machine.tools && machine.power === 'on'),
    cbt: { supported: !isCloud, enabled: machine.trackingWanted },
    traits: isCloud ? openstackTraits : vsphereTraits,
    ...historyOf(machine),
    cpus: 1,
    memoryMiB: 1024,
    nics: Array.from({ length: traits.nics }, (_, index) => ({
      key: 4000 + index,
      mac: macOf(index),
      network: `old-net-${index}`,
      model: 'vmxnet3',
      ...(isCloud ? { addresses: [`192.0.2.${10 + index}`] } : {}),
    })),
    disks: disks.map((disk, index) => observedDisk(disk, index)),
    ...(boot === undefined ? {} : { bootDisk: boot, ...(isCloud && { bootDiskFrom: 'boot-volume' as const }) }),
    ...(isCloud ? { openstackGuest: cloudGuest(disks) } : {}),
  };
}

function historyOf({ traits, snapshots, current, power, bootTime }: SourceMachine): VmHistory {
  const isCloud = traits.place === 'cloud';
  return {
    snapshots: [...snapshots.values()].map(({ ref, name, description, parent, disks }) => ({
      ref,
      name,
      description,
      createdAt: '2026-01-01T00:00:00Z',
      ...(parent === undefined || isCloud ? {} : { parent }),
      ...(isCloud ? {} : { trackedDisks: trackedIn([...disks.values()]) }),
    })),
    ...(current === undefined || isCloud ? {} : { currentSnapshot: current }),
    ...(power === 'on' ? { bootTime } : {}),
  };
}

const trackedIn = (pictures: readonly DiskPicture[]): DiskKey[] =>
  pictures.filter((picture) => idOf(picture) !== undefined).map(({ key }) => key);

const obstaclesOf = ({ needsConsolidation, power }: SourceMachine): string[] => [
  ...(needsConsolidation ? ['disks need consolidation'] : []),
  ...(power === 'suspended' ? ['it is suspended: power it on or off first'] : []),
];

export const macOf = (nic: number): string => `00:50:56:aa:00:0${nic}`;

/** What the boot order says; an old cloud always knows. */
function bootDisk({ traits, disks, systemDisk }: SourceMachine): DiskKey | undefined {
  if (traits.place === 'cloud') return systemDisk;
  return traits.bootOrder === undefined ? undefined : disks[traits.bootOrder]?.key;
}

const observedDisk = ({ key, uuid, bytes, slot, inSnapshots, changeId }: TrackedDisk, index: number): ObservedDisk => ({
  key,
  label: `Hard disk ${index + 1}`,
  uuid,
  capacity: bytes.length,
  slot,
  inSnapshots,
  ...(changeId === undefined ? {} : { changeId }),
});

const cloudGuest = (disks: readonly TrackedDisk[]): OpenStackGuest => ({
  flavor: 'm1',
  securityGroups: ['default'],
  imageMetadata: { hw_machine_type: 'pc', hw_disk_bus: 'virtio' },
  machineType: { value: 'pc', from: 'volume' },
  volumes: disks.map(({ key }, index) => ({
    disk: key,
    id: volumeId(`old-volume-${key}`),
    name: `old-${key}`,
    description: '',
    type: 'old',
    availabilityZone: 'nova',
    bootable: index === 0,
    device: `/dev/vd${'abcdefgh'[index]}`,
    imageMetadata: index === 0 ? { hw_machine_type: 'pc', hw_disk_bus: 'virtio' } : {},
    metadata: {},
  })),
});

const refusal = (kind: ProviderErrorKind, detail: string): ProviderError =>
  new ProviderError({ kind, code: kind === 'cbt-invalid' ? 'MP2006' : 'MP5004', provider: PROVIDER, call: 'sim', detail });

export const frozenBytes = (machine: SourceMachine, ref: SnapshotRef, disk: DiskKey): Uint8Array => {
  const picture = machine.snapshots.get(ref)?.disks.get(disk);
  if (picture === undefined) throw new Error(`disk ${disk} of snapshot ${ref} is read after it was removed`);
  return picture.bytes;
};
