import { describe, expect, test } from 'vitest';
import { checkCoverage, checkFacts } from '../../src/apply/check-plan.js';
import { hasErrors } from '../../src/diag/diagnostic.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { diskKey, serverId, snapshotRef, vmRef, volumeId } from '../../src/model/ids.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedDisk, ObservedNic, ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedServer, ObservedVolume } from '../../src/model/observed-target.js';
import { openstackTraits } from '../../src/model/source-traits.js';
import { planAlone } from '../../src/plan/together/plan-alone.js';
import * as s from '../plan/plan-fixture.js';
import { entry, named, samplePlan } from '../plan/sample-plan.js';

// Goal: whatever is observed of a VM, its disks, its volumes and its server either makes a saved plan stale, and the message names it, or
// does not keep it from being applied. Method: every field of every observed type is changed after the plan was made; a field that somebody
// adds does not compile until its row says which of the two it is.
const goals = {
  sync: named('vm'),
  cutover: named('vm', { ...s.cutover, ...s.withServer }),
} as const satisfies Readonly<Record<string, DesiredMigration>>;

interface Row<T> {
  readonly to: Partial<T>;
  readonly goal?: keyof typeof goals;
  /** `applies`; the names of the facts that are told; or the code of what is told for another reason. */
  readonly so: string;
}
/** Some ways to change each field. */
type Rows<T> = { readonly [K in keyof Required<T>]: readonly [Row<T>, ...Row<T>[]] };

const names = (...ofDisk: readonly string[]): string => ofDisk.map((name) => `disk/2000.${name}`).join(' ');
/** Facts of a disk itself. */
const disk = (key: number): string => names('capacity', 'epoch', 'uuid').replaceAll('2000', String(key));
/** All that was known of the VM, and that it is not found. */
const GONE = [
  names('capacity', 'epoch', 'hw_machine_type', 'os_type', 'record', 'size', 'uuid', 'volume'),
  'source vm.cbt vm.firmware vm.guest vm.instanceUuid',
].join(' ');

const ofVm: Rows<ObservedVm> = {
  ref: [{ to: { ref: vmRef('vm-43') }, so: 'applies' }],
  name: [{ to: { name: 'renamed' }, so: 'applies' }],
  instanceUuid: [{ to: { instanceUuid: 'other' }, so: 'vm.instanceUuid' }],
  power: [
    { to: { power: 'off' }, so: 'applies' },
    { to: { power: 'off' }, goal: 'cutover', so: 'vm.power' },
  ],
  obstacles: [{ to: { obstacles: ['it waits for an answer'] }, so: 'vm.obstacles' }],
  firmware: [{ to: { firmware: 'efi' }, so: 'vm.firmware' }],
  secureBoot: [{ to: { secureBoot: true }, so: 'vm.firmware' }],
  guest: [
    { to: { guest: { id: 'debian12_64Guest', fullName: 'Debian 13', family: 'linux' } }, so: 'applies' },
    { to: { guest: { id: 'w', fullName: 'w', family: 'windows' } }, so: 'vm.guest' },
  ],
  toolsRunning: [{ to: { toolsRunning: false }, so: 'applies' }],
  traits: [{ to: { traits: openstackTraits }, so: 'MP2050 MP2041' }],
  machineType: [{ to: { machineType: 'q35' }, so: 'applies' }],
  cbt: [{ to: { cbt: { supported: true, enabled: false } }, so: 'vm.cbt' }],
  host: [{ to: { host: { name: 'esx2', version: '8.0.3', build: 1 } }, so: 'applies' }],
  cpus: [{ to: { cpus: 8 }, so: 'applies' }],
  memoryMiB: [{ to: { memoryMiB: 8192 }, so: 'applies' }],
  nics: [
    { to: { nics: [] }, so: 'applies' },
    { to: { nics: [] }, goal: 'cutover', so: 'vm.macs' },
  ],
  disks: [
    { to: { disks: [s.disk(), s.disk({ key: diskKey(2001), uuid: 'added' })] }, so: disk(2001) },
    { to: { disks: [] }, so: disk(2000) },
  ],
  bootDisk: [{ to: { bootDisk: diskKey(2001) }, so: 'vm.bootDisk' }],
  bootDiskFrom: [{ to: { bootDiskFrom: 'default' }, so: 'applies' }],
  openstackGuest: [{ to: { openstackGuest: s.cloudVm().openstackGuest! }, so: 'MP3011' }],
  leftBehind: [{ to: { leftBehind: [{ of: 'VM', property: 'VirtualFloppy', value: 'Floppy drive 1' }] }, so: 'applies' }],
  snapshots: [
    {
      to: { snapshots: [{ ref: snapshotRef('snapshot-1'), name: 'before the update', description: '', createdAt: '' }] },
      so: 'applies',
    },
  ],
  currentSnapshot: [{ to: { currentSnapshot: snapshotRef('snapshot-1') }, so: 'applies' }],
  bootTime: [{ to: { bootTime: '2026-06-01T12:30:00Z' }, so: 'applies' }],
};

const ofNic: Rows<ObservedNic> = {
  key: [{ to: { key: 4001 }, goal: 'cutover', so: 'applies' }],
  mac: [{ to: { mac: '00:50:56:aa:bb:02' }, goal: 'cutover', so: 'vm.macs' }],
  network: [{ to: { network: 'Other Network' }, goal: 'cutover', so: 'applies' }],
  model: [{ to: { model: 'e1000' }, goal: 'cutover', so: 'applies' }],
  label: [{ to: { label: 'Network adapter 9' }, goal: 'cutover', so: 'applies' }],
  addresses: [{ to: { addresses: ['192.0.2.9'] }, goal: 'cutover', so: 'applies' }],
  guestAddresses: [{ to: { guestAddresses: ['192.0.2.9'] }, goal: 'cutover', so: 'applies' }],
  connected: [{ to: { connected: false }, goal: 'cutover', so: 'MP3011' }],
  port: [{ to: { port: { securityGroups: [], allowedAddressPairs: [], portSecurity: true } }, goal: 'cutover', so: 'applies' }],
};

const ofDisk: Rows<ObservedDisk> = {
  key: [{ to: { key: diskKey(2001) }, so: `${disk(2000)} ${disk(2001)}` }],
  label: [{ to: { label: 'Hard disk 9' }, so: 'applies' }],
  uuid: [{ to: { uuid: 'another' }, so: 'disk/2000.uuid' }],
  capacity: [{ to: { capacity: s.CAPACITY * 2 }, so: 'disk/2000.capacity' }],
  slot: [{ to: { slot: { bus: 'scsi', controller: 0, unit: 3 } }, so: 'applies' }],
  inSnapshots: [{ to: { inSnapshots: false }, so: 'disk/2000.mode' }],
  unsupported: [{ to: { unsupported: 'it is shared' }, so: 'MP2010' }],
  outOfReach: [{ to: { outOfReach: { kind: 'no-rbd' } }, so: 'MP2064' }],
  changeId: [
    { to: { changeId: s.at(999) }, so: 'applies' },
    { to: { changeId: s.at(9, 'other') }, so: 'disk/2000.epoch' },
  ],
};

const ofVolume: Rows<ObservedVolume> = {
  id: [{ to: { id: volumeId('vol-2') }, so: 'disk/2000.volume' }],
  name: [{ to: { name: 'renamed' }, so: 'applies' }],
  status: [
    { to: { status: 'error' }, so: 'disk/2000.status' },
    { to: { status: 'backing-up' }, so: 'MP2065' },
  ],
  size: [{ to: { size: s.CAPACITY * 2 }, so: 'disk/2000.size' }],
  type: [{ to: { type: 'hdd' }, so: 'applies' }],
  encrypted: [{ to: { encrypted: true }, so: 'MP2030' }],
  bootable: [{ to: { bootable: false }, so: 'MP3011' }],
  availabilityZone: [{ to: { availabilityZone: 'az2' }, so: 'applies' }],
  lineage: [{ to: { lineage: 'another' }, so: 'applies' }],
  reading: [
    { to: { reading: s.reading({ kind: 'clean', at: s.at(6) }) }, so: 'disk/2000.record' },
    { to: { reading: s.reading({ kind: 'dirty', base: s.at(5) }) }, so: 'disk/2000.record' },
    { to: { reading: s.reading({ kind: 'converted', from: s.at(5) }) }, so: 'disk/2000.record' },
    { to: { reading: { kind: 'none' } }, so: 'disk/2000.record' },
    { to: { reading: { kind: 'unreadable', why: 'damaged' } }, so: 'disk/2000.record' },
    { to: { reading: { kind: 'foreign', tool: 'vmware-migration-kit', converted: true } }, so: 'disk/2000.record' },
  ],
  imageMetadata: [
    { to: { imageMetadata: { hw_machine_type: 'q35', os_type: 'linux' } }, so: 'disk/2000.hw_machine_type' },
    { to: { imageMetadata: { hw_machine_type: 'pc' } }, so: 'disk/2000.os_type' },
    { to: { imageMetadata: { hw_machine_type: 'pc', os_type: 'linux', note: 'of somebody' } }, so: 'applies' },
  ],
  attachments: [
    { to: { attachments: [{ id: s.attachmentId('att-1'), server: serverId('other') }] }, so: 'disk/2000.heldBy' },
    { to: { attachments: [{ id: s.attachmentId('att-1') }] }, so: 'disk/2000.heldBy' },
  ],
};

const aServer: ObservedServer = { id: serverId('server-1'), name: 'vm', status: 'ERROR' };
const ofServer: Rows<ObservedServer> = {
  id: [{ to: { id: serverId('server-2') }, goal: 'cutover', so: 'server' }],
  name: [{ to: { name: 'other' }, goal: 'cutover', so: 'applies' }],
  status: [{ to: { status: 'ACTIVE' }, goal: 'cutover', so: 'server' }],
  fault: [{ to: { fault: 'no host' }, goal: 'cutover', so: 'applies' }],
  make: [{ to: { make: { flavor: 'm1.other' } }, goal: 'cutover', so: 'applies' }],
};

const ofMigration: Rows<ObservedMigration> = {
  source: [
    { to: { source: { kind: 'not-found', nearest: [], check: '' } }, so: GONE },
    { to: { source: { kind: 'ambiguous', candidates: ['a', 'b'] } }, so: GONE },
  ],
  volumes: [
    { to: { volumes: { '2000': [] } }, so: names('hw_machine_type', 'os_type', 'record', 'size', 'volume') },
    { to: { volumes: { '2000': [s.volume(), s.volume({ id: volumeId('vol-2') })] } }, so: 'disk/2000.volume' },
    { to: { volumes: { '2000': [s.volume({ id: volumeId('vol-2') }), s.volume()] } }, so: 'MP2015' },
  ],
  server: [{ to: { server: aServer }, goal: 'cutover', so: 'server' }],
  catalog: [{ to: { catalog: { ...s.catalog, quota: { volumesLeft: 0 } } }, so: 'applies' }],
  machineTypes: [{ to: { machineTypes: { map: {}, probed: {}, declared: ['pc', 'q35'] } }, so: 'applies' }],
  conversionHost: [
    { to: { conversionHost: { server: serverId('h'), name: 'h', volumesMax: 26, otherVolumes: 1 } }, so: 'applies' },
  ],
  spareVolumes: [{ to: { spareVolumes: { '2000': [s.volume({ id: volumeId('vol-2') })] } }, so: 'applies' }],
  targetProject: [{ to: { targetProject: 'by another name' }, so: 'applies' }],
  sourceRoom: [{ to: { sourceRoom: { quota: { volumesLeft: 0 } } }, so: 'applies' }],
  local: [{ to: { local: s.local({ unfinishedRuns: ['runrunrunrun'] }) }, so: 'applies' }],
};

/** What becomes of a plan that was made in one world and is applied in another. */
function outcome(goal: keyof typeof goals, before: ObservedMigration, now: ObservedMigration): string {
  const desired = goals[goal];
  const plan = samplePlan([entry(desired, before)]);
  const world = new Map([[desired.address, planAlone(desired, now, { now: s.NOW })]]);
  const stale = checkFacts(plan, world, undefined);
  expect(stale.map(({ code }) => code)).toEqual(stale.length === 0 ? [] : ['MP3003']);
  const names = stale.flatMap(({ lines }) => lines ?? []).map((line) => /^ {2}(\S+): .* -> /.exec(line)?.[1] ?? line);
  if (names.length > 0) return names.join(' ');
  const fresh = world.get(desired.address)!.plan;
  if (hasErrors(fresh.diagnostics)) return fresh.diagnostics.map(({ code }) => code).join(' ');
  return (
    checkCoverage(plan, world, undefined)
      .map(({ code }) => code)
      .join(' ') || 'applies'
  );
}

const inVm = (to: Partial<ObservedVm>): ObservedMigration => s.observed({ source: { kind: 'found', vm: s.vm(to) } });
const nic = s.vm().nics[0]!;

/** One way to change one field, and the world that comes of it. */
interface Change {
  readonly field: string;
  readonly goal: keyof typeof goals;
  readonly so: string;
  readonly now: ObservedMigration;
}
function changes<T>(rows: Rows<T>, now: (to: Partial<T>) => ObservedMigration): Change[] {
  const ways = Object.entries(rows) as [string, readonly Row<T>[]][];
  return ways.flatMap(([field, each]) => each.map(({ to, goal = 'sync', so }) => ({ field, goal, so, now: now(to) })));
}

const withServer = (to: Partial<ObservedServer>): ObservedMigration => s.observed({ server: { ...aServer, ...to } });
const tables: readonly { readonly of: string; readonly before?: ObservedMigration; readonly rows: readonly Change[] }[] = [
  { of: 'the VM', rows: changes<ObservedVm>(ofVm, inVm) },
  { of: 'a NIC', rows: changes<ObservedNic>(ofNic, (to) => inVm({ nics: [{ ...nic, ...to }] })) },
  { of: 'a disk', rows: changes<ObservedDisk>(ofDisk, (to) => inVm({ disks: [s.disk(to)] })) },
  { of: 'a volume', rows: changes<ObservedVolume>(ofVolume, (to) => s.observed({ volumes: { '2000': [s.volume(to)] } })) },
  { of: 'the server', before: withServer({}), rows: changes<ObservedServer>(ofServer, withServer) },
  { of: 'the migration', rows: changes<ObservedMigration>(ofMigration, (to) => s.observed(to)) },
];

describe.each(tables)('after the review, of $of', ({ rows, before = s.observed() }) => {
  test.each(rows)('$field changes, goal $goal: $so', ({ now, goal, so }) => {
    expect(outcome(goal, before, now)).toBe(so);
  });
  test.each(Object.keys(goals) as (keyof typeof goals)[])('nothing changes: %s applies', (goal) => {
    expect(outcome(goal, before, before)).toBe('applies');
  });
});
