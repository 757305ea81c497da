import type { DesiredMigration } from '../../src/model/desired.js';
import { attachmentId, diskKey, runId, serverId, snapshotRef, vmRef, volumeId } from '../../src/model/ids.js';
import type { ObservedLocal, ObservedMigration } from '../../src/model/observed.js';
import type { ObservedDisk, ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedVolume } from '../../src/model/observed-target.js';
import { noOrigin, type Origin } from '../../src/model/origin.js';
import { openstackTraits, vsphereTraits } from '../../src/model/source-traits.js';
import type { RecordParseResult, SyncState } from '../../src/model/sync-record.js';

export const EPOCH = '52 de c0 d9 b9 43 9d 10-61 d5 4c 1b e9 7b 65 63';
export const VM_UUID = '501b2f6e-0000-1111-2222-333344445555';
export const DISK_UUID = '6000c29a-1111-2222-3333-444455556666';
export const CAPACITY = 42_949_672_960;
export const at = (sequence: number, epoch = EPOCH) => ({ epoch, sequence });
export const NOW = new Date('2026-06-01T12:00:00Z');

/** Stated defaults of the table: a running Linux VM with one tracked disk, phase sync, a volume that is clean at 5. */
export const desired = (over: Partial<DesiredMigration> = {}): DesiredMigration => ({
  name: 'erp-db01',
  address: 'vm/erp-db01',
  labels: {},
  source: { provider: 'vc', vm: { kind: 'path', path: '/DC1/vm/erp-db01' } },
  target: { provider: 'cloud', volumeType: 'ssd' },
  phase: 'sync',
  cbtSync: true,
  cutover: false,
  hwMachineType: 'preserve',
  limits: {},
  shutdown: { timeoutSeconds: 600, force: false },
  finalSync: 'run',
  verify: 'sample',
  file: 'erp-db01.yaml',
  ranges: {},
  ...over,
});

/** `reseed:` as a manifest asks for it. */
export const once = { request: 'once', how: 'copy' } as const;
export const compare = { request: 'compare', how: 'compare' } as const;
export const seed = { phase: 'seed', cbtSync: true, cutover: false } as const;
export const cutover = { phase: 'cutover', cbtSync: true, cutover: true } as const;
export const cold = { phase: 'cutover', cbtSync: false, cutover: true } as const;
export const oneShot = { phase: 'seed', cbtSync: false, cutover: false } as const;
export const withServer = {
  target: {
    provider: 'cloud',
    server: { name: 'erp-db01', flavor: 'm1.large', networks: [{ network: 'prod', mac: 'keep' }], securityGroups: [] },
  },
} as const satisfies Partial<DesiredMigration>;

export const disk = (over: Partial<ObservedDisk> = {}): ObservedDisk => ({
  key: diskKey(2000),
  label: 'Hard disk 1',
  uuid: DISK_UUID,
  capacity: CAPACITY,
  slot: { bus: 'scsi', controller: 0, unit: 0 },
  inSnapshots: true,
  changeId: at(9),
  ...over,
});

export const vm = (over: Partial<ObservedVm> = {}): ObservedVm => ({
  ref: vmRef('vm-42'),
  name: 'erp-db01',
  instanceUuid: VM_UUID,
  power: 'on',
  obstacles: [],
  firmware: 'bios',
  secureBoot: false,
  guest: { id: 'debian12_64Guest', fullName: 'Debian 12', family: 'linux' },
  toolsRunning: true,
  cbt: { supported: true, enabled: true },
  traits: vsphereTraits,
  snapshots: [],
  cpus: 2,
  memoryMiB: 4096,
  nics: [{ key: 4000, mac: '00:50:56:aa:bb:01', network: 'VM Network', model: 'vmxnet3' }],
  disks: [disk()],
  ...over,
});

export const reading = (
  state: SyncState,
  over: {
    cycle?: number;
    run?: string;
    diskUuid?: string;
    capacity?: number;
    origin?: Origin;
    isReverted?: boolean;
    reseed?: string;
  } = {},
): RecordParseResult => ({
  kind: 'record',
  record: {
    identity: { vm: VM_UUID.replace(/-/g, ''), disk: diskKey(2000), diskUuid: (over.diskUuid ?? DISK_UUID).replace(/-/g, '') },
    state,
    capacity: over.capacity ?? CAPACITY,
    cycle: over.cycle ?? 3,
    run: runId(over.run ?? 'runrunrunrun'),
    origin: over.origin ?? noOrigin,
    ...(over.isReverted === true ? { isReverted: true } : {}),
    ...(over.reseed === undefined ? {} : { reseed: over.reseed }),
  },
});

export const volume = (over: Partial<ObservedVolume> = {}): ObservedVolume => ({
  id: volumeId('vol-1'),
  name: 'erp-db01-2000',
  status: 'available',
  size: CAPACITY,
  type: 'ssd',
  encrypted: false,
  bootable: true,
  reading: reading({ kind: 'clean', at: at(5) }),
  imageMetadata: { hw_machine_type: 'pc', os_type: 'linux' },
  attachments: [],
  ...over,
});

/** What a volume says that nothing boots from. */
export const dataVolume = { bootable: false, imageMetadata: {} } as const satisfies Partial<ObservedVolume>;

export const local = (over: Partial<ObservedLocal> = {}): ObservedLocal => ({
  ownAttachments: [],
  ownSnapshots: [],
  unfinishedRuns: [],
  overlayRuns: [],
  deltaHistory: {},
  lastSync: {},
  ...over,
});

export const catalog: ObservedMigration['catalog'] = {
  flavors: [],
  networks: [],
  volumeTypes: [],
  availabilityZones: [],
  quota: {},
};

export const observed = (over: Partial<ObservedMigration> = {}): ObservedMigration => ({
  source: { kind: 'found', vm: vm() },
  volumes: { '2000': [volume()] },
  catalog,
  local: local(),
  ...over,
});

export const inState = (state: SyncState, over: Parameters<typeof reading>[1] = {}): Partial<ObservedMigration> => ({
  volumes: { '2000': [volume({ reading: reading(state, over) })] },
});

export { bootFirst } from '../../src/model/boot-first.js';
export { attachmentId, diskKey, serverId, snapshotRef, volumeId };

/** What makes the VM of a row a server of an OpenStack cloud. */
export const cloudVm = (over: Partial<ObservedVm> = {}): ObservedVm =>
  vm({
    cbt: { supported: false, enabled: false },
    traits: openstackTraits,
    disks: [{ ...cloudDisk(), key: diskKey(2000) }],
    bootDisk: diskKey(2000),
    bootDiskFrom: 'boot-volume',
    nics: [{ key: 0, mac: 'fa:16:3e:00:00:01', network: 'tenant-net', model: 'normal', addresses: ['fd00::5', '10.0.0.5'] }],
    openstackGuest: {
      flavor: 'm1.old',
      keyName: 'ops',
      securityGroups: ['default'],
      imageMetadata: {
        hw_machine_type: 'pc-i440fx-rhel7.6.0',
        hw_disk_bus: 'virtio',
        image_id: 'aa11',
        size: '123',
        os_hidden: 'false',
      },
      machineType: { value: 'pc-i440fx-rhel7.6.0', from: 'volume' },
      volumes: [],
    },
    ...over,
  });

const cloudDisk = (): ObservedDisk => {
  const { changeId: _, ...rest } = disk();
  return rest;
};
