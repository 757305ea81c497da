import { describe, expect, test } from 'vitest';
import { vmRef } from '../../src/model/ids.js';
import type { LeftVm } from '../../src/model/left.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedPort, ObservedServer, ObservedVolume } from '../../src/model/observed-target.js';
import { thingsOf } from '../../src/plan/core/things-of.js';
import { type SinceApply, sinceApply } from '../../src/plan/since-apply.js';
import * as s from './plan-fixture.js';

const desired = s.desired();
const id = s.serverId('srv');
const port: ObservedPort = {
  id: 'port-1',
  network: 'n-1',
  mac: 'FA:16:3E:00:00:09',
  addresses: ['10.0.0.9', '10.0.0.10'],
  server: id,
  description: '',
};
const server: ObservedServer = {
  id,
  name: 'erp-db01',
  status: 'ACTIVE',
  make: { flavor: 'm1.large', availabilityZone: 'az1', keyName: '', securityGroups: ['web', 'default'] },
};
const attached = [{ id: s.attachmentId('at'), server: id }];
const user = { ref: s.snapshotRef('snapshot-1'), name: 'before upgrade', description: '', createdAt: '' };

interface Now {
  readonly vm?: Partial<ObservedVm>;
  readonly volume?: Partial<ObservedVolume>;
  readonly over?: Partial<ObservedMigration>;
}

const world = ({ vm, volume, over }: Now): ObservedMigration =>
  s.observed({
    source: { kind: 'found', vm: s.vm(vm) },
    volumes: { '2000': [s.volume(volume)] },
    ...over,
  });

/** A VM that was cut over: source off, a server that has its volume. */
const cutOver = ({ vm, volume, over }: Now = {}): ObservedMigration =>
  world({
    vm: { power: 'off', ...vm },
    volume: { reading: s.reading({ kind: 'converted', from: s.at(5) }), attachments: attached, ...volume },
    over: { server, catalog: { ...s.catalog, ports: [port] }, ...over },
  });

/** As the state folder has it: what was there then, and back from JSON. */
const left = (then: ObservedMigration): LeftVm =>
  JSON.parse(
    JSON.stringify({
      run: 'runrunrunrun',
      plan: 'plan-1',
      at: '2026-05-31T10:00:00.000Z',
      things: thingsOf(desired.address, then),
    }),
  ) as LeftVm;

const since = (then: ObservedMigration, now: ObservedMigration): SinceApply =>
  sinceApply(desired, { ...now, local: { ...now.local, left: left(then) } });

const told = ({ changes }: SinceApply): string[] =>
  changes.map(({ address, field, before, after }) =>
    `${address.replace(/^vm\/erp-db01\/?/, '')} ${field} ${JSON.stringify(before)} ${JSON.stringify(after)}`.trim(),
  );

describe('what somebody changed since the last apply', () => {
  test.each<[string, Now, readonly string[]]>([
    ['nothing', {}, []],
    [
      'machine type',
      { volume: { imageMetadata: { hw_machine_type: 'q35', os_type: 'linux' } } },
      ['disk/2000 image_metadata.hw_machine_type "pc" "q35"'],
    ],
    [
      'a property that is new',
      { volume: { imageMetadata: { hw_machine_type: 'pc', os_type: 'linux', x: '1' } } },
      ['disk/2000 image_metadata.x null "1"'],
    ],
    [
      'a property that is gone',
      { volume: { imageMetadata: { hw_machine_type: 'pc' } } },
      ['disk/2000 image_metadata.os_type "linux" null'],
    ],
    ['type of the volume', { volume: { type: 'hdd' } }, ['disk/2000 volume_type "ssd" "hdd"']],
    ['size of the volume', { volume: { size: s.CAPACITY * 2 } }, [`disk/2000 volume_size ${s.CAPACITY} ${s.CAPACITY * 2}`]],
    ['the volume boots nothing any more', { volume: { bootable: false } }, ['disk/2000 bootable true false']],
    ['the volume was taken off the server', { volume: { attachments: [] } }, ['disk/2000 attached_to ["srv"] []']],
    ['the volume is gone', { over: { volumes: { '2000': [] } } }, ['disk/2000 volume "vol-1" null']],
    [
      'its record was taken away',
      { volume: { reading: { kind: 'none' } } },
      [expect.stringContaining('disk/2000 record {"state":"converted"') as unknown as string],
    ],
    [
      'its record was damaged',
      { volume: { reading: { kind: 'unreadable', why: '' } } },
      expect.arrayContaining(['disk/2000 record.state "converted" "unreadable"']) as unknown as string[],
    ],
    [
      'its record was edited',
      { volume: { reading: s.reading({ kind: 'converted', from: s.at(4) }) } },
      [`disk/2000 record.change_id "${s.EPOCH}/5" "${s.EPOCH}/4"`],
    ],
    [
      'the server was resized',
      { over: { server: { ...server, make: { ...server.make, flavor: 'm1.huge' } } } },
      ['server flavor "m1.large" "m1.huge"'],
    ],
    [
      'a security group that no manifest names was added',
      { over: { server: { ...server, make: { ...server.make, securityGroups: ['web', 'default', 'open'] } } } },
      ['server security_groups ["default","web"] ["default","open","web"]'],
    ],
    ['the server was stopped', { over: { server: { ...server, status: 'SHUTOFF' } } }, ['server status "ACTIVE" "SHUTOFF"']],
    [
      'a port has other addresses',
      { over: { catalog: { ...s.catalog, ports: [{ ...port, addresses: ['10.0.0.9'] }] } } },
      ['server ports.port-1.addresses ["10.0.0.10","10.0.0.9"] ["10.0.0.9"]'],
    ],
    [
      'a port was taken away',
      { over: { catalog: { ...s.catalog, ports: [] } } },
      [expect.stringMatching(/^server ports\.port-1 \{.*\} null$/) as unknown as string],
    ],
    ['the source runs again', { vm: { power: 'on' } }, ['power "off" "on"']],
    ['the source was cloned over', { vm: { ref: vmRef('vm-99') } }, ['vm "vm-42" "vm-99"']],
    [
      'hardware',
      { vm: { cpus: 8, memoryMiB: 8192, firmware: 'efi' } },
      ['firmware "bios" "efi"', 'cpus 2 8', 'memory_mib 4096 8192'],
    ],
    ['a snapshot appeared', { vm: { snapshots: [user] } }, ['snapshots.snapshot-1 null "before upgrade"']],
    ['the VM was reverted to another snapshot', { vm: { currentSnapshot: user.ref } }, ['current_snapshot null "snapshot-1"']],
    [
      'a disk was added',
      { vm: { disks: [s.disk(), s.disk({ key: s.diskKey(2001), uuid: 'u-2', label: 'Hard disk 2' })] } },
      ['disk/2001 disk null "u-2"'],
    ],
    ['a disk was taken off', { vm: { disks: [] } }, [`disk/2000 disk "${s.DISK_UUID.replaceAll('-', '')}" null`]],
    [
      'a disk has grown',
      { vm: { disks: [s.disk({ capacity: s.CAPACITY * 2 })] } },
      [`disk/2000 capacity ${s.CAPACITY} ${s.CAPACITY * 2}`],
    ],
    [
      'tracking began anew',
      { vm: { disks: [s.disk({ changeId: s.at(1, 'other') })] } },
      [`disk/2000 tracking_epoch "${s.EPOCH}" "other"`],
    ],
    ['the source VM is gone', { over: { source: { kind: 'not-found', nearest: [], check: '' } } }, ['vm "vm-42" null']],
  ])('%s', (_name, now, expected) => {
    const found = since(cutOver(), cutOver(now));
    expect(found).toMatchObject({ recorded: 'here', run: 'runrunrunrun', plan: 'plan-1', at: '2026-05-31T10:00:00.000Z' });
    expect(told(found)).toEqual(expected);
  });

  test('the server is gone: that, and not each of its fields', () => {
    const { server: _, ...rest } = cutOver();
    expect(told(since(cutOver(), rest))).toEqual(['server server "srv" null']);
  });
});

describe('what is nobody’s change', () => {
  test('order of what has none, capitals of a MAC address', () => {
    const turned = { ...server, make: { ...server.make, securityGroups: ['default', 'web', 'web'] } };
    const ports = [{ ...port, mac: port.mac.toLowerCase(), addresses: port.addresses.toReversed() }];
    expect(told(since(cutOver(), cutOver({ over: { server: turned, catalog: { ...s.catalog, ports } } })))).toEqual([]);
  });
  test('a guest that is restarted, moved, or off for a while before its cutover', () => {
    const now = world({ vm: { power: 'off', bootTime: '2026-06-01T01:00:00Z', host: { name: 'esx2', version: '8', build: 1 } } });
    expect(told(since(world({}), now))).toEqual([]);
  });
  test('what a run of ours holds: its snapshot, its attachment', () => {
    const now = world({
      vm: { snapshots: [user], currentSnapshot: user.ref },
      volume: { attachments: [{ id: s.attachmentId('ours') }] },
      over: { local: s.local({ ownSnapshots: [user.ref] }) },
    });
    expect(told(since(world({}), now))).toEqual([]);
  });
  test('what the cloud does not tell, now or then', () => {
    const bare = cutOver({ over: { server: { id, name: 'erp-db01', status: 'ACTIVE' }, catalog: s.catalog } });
    expect(told(since(cutOver(), bare))).toEqual([]);
    expect(told(since(bare, cutOver()))).toEqual([]);
  });
  test('a source without tracking, whose change id says what the disk holds', () => {
    const then = { traits: s.cloudVm().traits };
    const now = { ...then, disks: [s.disk({ changeId: s.at(1, 'other') })] };
    expect(told(since(world({ vm: then }), world({ vm: now })))).toEqual([]);
  });
});

describe('which apply it is', () => {
  const clean = (run: string, cycle = 3) => s.reading({ kind: 'clean', at: s.at(5), takenAt: 1_780_000_000 }, { run, cycle });

  test('none: that is said, and never that nothing changed', () => {
    expect(sinceApply(desired, s.observed({ volumes: { '2000': [] } }))).toEqual({
      recorded: 'nowhere',
      unfinished: [],
      changes: [],
    });
  });
  test('an empty state folder: what the record on the volume says of it', () => {
    const now = world({ volume: { reading: clean('elsewhere000') }, vm: { disks: [s.disk({ capacity: 2 * s.CAPACITY })] } });
    const found = sinceApply(desired, now);
    expect(found).toMatchObject({ recorded: 'volumes', run: 'elsewhere000', at: '2026-05-28T20:26:40.000Z' });
    expect(told(found)).toEqual([`disk/2000 capacity ${s.CAPACITY} ${2 * s.CAPACITY}`]);
  });
  test.each<[string, Now, readonly string[]]>([
    ['left alone', {}, []],
    ['whose source runs again', { vm: { power: 'on' } }, ['power "off" "on"']],
    ['whose disk was taken off', { vm: { disks: [] } }, [`disk/2000 disk "${s.DISK_UUID.replaceAll('-', '')}" null`]],
  ])('an empty state folder, and a VM cut over long ago: %s', (_name, now, expected) => {
    const found = sinceApply(desired, cutOver(now));
    expect(found).toMatchObject({ recorded: 'volumes', run: 'runrunrunrun' });
    expect(found).not.toHaveProperty('at');
    expect(told(found)).toEqual(expected);
  });
  test('another machine has synchronised since: what this one left is older, and is not compared', () => {
    const found = since(world({}), world({ volume: { reading: clean('elsewhere000', 4), type: 'hdd' } }));
    expect(found).toMatchObject({
      recorded: 'volumes',
      run: 'elsewhere000',
      older: { run: 'runrunrunrun', at: '2026-05-31T10:00:00.000Z' },
      changes: [],
    });
  });
  test('a run from here that was killed since: what it did is told with its name', () => {
    const dirty = s.reading({ kind: 'dirty', base: s.at(5) }, { run: 'killedkilled', cycle: 4 });
    const now = world({ volume: { reading: dirty }, over: { local: s.local({ unfinishedRuns: ['killedkilled'] }) } });
    const found = since(world({}), now);
    expect(found).toMatchObject({ recorded: 'here', run: 'runrunrunrun', unfinished: ['killedkilled'] });
    expect(told(found)).toContain('disk/2000 record.state "clean" "dirty"');
  });
});
