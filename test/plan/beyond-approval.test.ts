import { describe, expect, test } from 'vitest';
import type { Action, DiskSync } from '../../src/plan/core/action.js';
import { beyondApproval } from '../../src/plan/file/beyond-approval.js';
import * as s from './plan-fixture.js';

const disk = s.diskKey(2000);
const full: DiskSync = { mode: 'full', disk, reason: 'new-volume', capacity: 1, forecast: { confidence: 'unknown' } };
const delta: DiskSync = { mode: 'delta', disk, since: s.at(5), capacity: 1, forecast: { confidence: 'unknown' } };
const sync = (...disks: DiskSync[]): Action => ({ kind: 'sync', stage: 'live', cycle: 1, disks, verify: { mode: 'off' } });
const volume = (over: object = {}): Action => ({
  kind: 'create-volume',
  disk,
  name: 'v',
  sizeGiB: 40,
  capacity: 1,
  type: 'ssd',
  ...over,
});
const image = (over: object = {}): Action => ({
  kind: 'set-image-metadata',
  disk,
  set: { hw_machine_type: 'pc' },
  unset: [],
  before: {},
  bootable: true,
  ...over,
});
const convert: Action = {
  kind: 'convert',
  disks: s.bootFirst(disk, []),
  firmware: 'bios',
  guestFamily: 'linux',
  guestId: 'debian12_64Guest',
  hardware: { disk: 'virtio', network: 'virtio' },
};
const powerOff: Action = { kind: 'power-off', timeoutSeconds: 1, force: false };
const merge: Action = { kind: 'commit-conversion', disks: [disk], run: 'r' };
const marks: Action = { kind: 'mark-converted', disks: [disk], run: 'r' };

const staged = (stage: 'final' | 'cold', ...disks: DiskSync[]): Action => ({
  kind: 'sync',
  stage,
  cycle: 2,
  disks,
  verify: { mode: 'off' },
});
const fromLive: DiskSync = { mode: 'delta', disk, since: 'live-sync', capacity: 1, forecast: { confidence: 'unknown' } };
const wanted = { name: 'vm', flavor: 'm1.large', networks: [], securityGroups: ['default'] };
const server = (over: object = {}): Action => ({
  kind: 'create-server',
  disks: s.bootFirst(disk, []),
  server: wanted,
  nics: [{ network: 'prod' }],
  ...over,
});

interface Row {
  readonly name: string;
  readonly approved: readonly Action[];
  readonly fresh: readonly Action[];
  readonly extra?: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'the same', approved: [volume(), image(), sync(full)], fresh: [volume(), image(), sync(full)] },
  { name: 'less of the same', approved: [volume(), image(), sync(full)], fresh: [sync(full)] },
  { name: 'nothing left', approved: [convert], fresh: [] },
  { name: 'a delta where a full copy was approved', approved: [sync(full)], fresh: [sync(delta)] },
  {
    name: 'a full copy where a delta was approved',
    approved: [sync(delta)],
    fresh: [sync(full)],
    extra: ['sync disk 2000: mode "delta" -> "full"', 'sync disk 2000: reason (none) -> "new-volume"'],
  },
  {
    name: 'a disk that was not there',
    approved: [sync(delta)],
    fresh: [sync(delta, { ...delta, disk: s.diskKey(2001) })],
    extra: ['sync disk 2001: not in the plan'],
  },
  {
    name: 'putting away what a dead run left needs no approval',
    approved: [sync(delta)],
    fresh: [
      { kind: 'release-snapshot', snapshot: s.snapshotRef('s') },
      { kind: 'release-attachment', disk, volume: s.volumeId('v'), attachment: s.attachmentId('a') },
      { kind: 'discard-overlays', runs: ['r'], disks: [disk] },
      sync(delta),
    ],
  },
  { name: 'going forward from our own conversion', approved: [convert], fresh: [merge] },
  { name: 'marks that our own conversion did not get to', approved: [convert], fresh: [marks] },
  { name: 'marks that a merge that was reviewed did not get to', approved: [merge], fresh: [marks] },
  {
    name: 'marks of a merge out of nowhere',
    approved: [sync(delta)],
    fresh: [marks],
    extra: ['mark-converted: not in the plan'],
  },
  {
    name: 'an interrupted merge out of nowhere',
    approved: [sync(delta)],
    fresh: [merge],
    extra: ['commit-conversion: not in the plan'],
  },
  {
    name: 'the VM was off when planned and runs now',
    approved: [sync(delta), convert],
    fresh: [powerOff, convert],
    extra: ['power-off: not in the plan'],
  },
  { name: 'another volume', approved: [sync(full)], fresh: [volume()], extra: ['create-volume disk 2000: not in the plan'] },
  {
    name: 'a larger volume',
    approved: [volume()],
    fresh: [volume({ sizeGiB: 2048 })],
    extra: ['create-volume disk 2000: sizeGiB 40 -> 2048'],
  },
  {
    name: 'a volume of another type',
    approved: [volume()],
    fresh: [volume({ type: 'nvme' })],
    extra: ['create-volume disk 2000: type "ssd" -> "nvme"'],
  },
  { name: 'fewer image keys', approved: [image({ set: { a: '1', b: '2' } })], fresh: [image({ set: { b: '2' } })] },
  {
    name: 'another value of an image key',
    approved: [image()],
    fresh: [image({ set: { hw_machine_type: 'q35' } })],
    extra: ['set-image-metadata disk 2000: set.hw_machine_type "pc" -> "q35"'],
  },
  {
    name: 'an image key that is taken away',
    approved: [image()],
    fresh: [image({ set: {}, unset: ['os_type'] })],
    extra: ['set-image-metadata disk 2000: unset (none) -> "os_type"'],
  },
  {
    name: 'a live delta that is done: the last one begins later',
    approved: [sync(delta), powerOff, staged('final', fromLive)],
    fresh: [staged('final', { ...delta, since: s.at(8) })],
  },
  {
    name: 'a delta that begins earlier than reviewed',
    approved: [sync(delta)],
    fresh: [sync({ ...delta, since: s.at(4) })],
    extra: [`sync disk 2000: since ${JSON.stringify(s.at(5))} -> ${JSON.stringify(s.at(4))}`],
  },
  {
    name: 'a delta of another epoch',
    approved: [sync(delta)],
    fresh: [sync({ ...delta, since: s.at(9, 'other') })],
    extra: [`sync disk 2000: since ${JSON.stringify(s.at(5))} -> ${JSON.stringify(s.at(9, 'other'))}`],
  },
  {
    name: 'a full copy that became partial',
    approved: [volume(), sync(full)],
    fresh: [sync({ ...full, reason: 'interrupted-full', partial: { at: s.at(7), upTo: 8 } })],
  },
  {
    name: 'a partial copy that is further on',
    approved: [sync({ ...full, partial: { at: s.at(7), upTo: 8 } })],
    fresh: [sync({ ...full, reason: 'interrupted-full', partial: { at: s.at(9), upTo: 9 } })],
  },
  {
    name: 'a partial copy that would begin again',
    approved: [sync({ ...full, partial: { at: s.at(7), upTo: 8 } })],
    fresh: [sync(full)],
    extra: [`sync disk 2000: partial ${JSON.stringify({ at: s.at(7), upTo: 8 })} -> (none)`],
  },
  {
    name: 'a partial delta that is done',
    approved: [sync({ ...delta, partial: { at: s.at(7), upTo: 8 } })],
    fresh: [sync({ ...delta, since: s.at(7) })],
  },
  {
    name: 'a limited delta after a full copy',
    approved: [sync(full)],
    fresh: [sync({ ...delta, limitBytes: 5 })],
  },
  {
    name: 'a VM that went off meanwhile',
    approved: [sync(full), powerOff, staged('final', fromLive), convert],
    fresh: [staged('cold', { ...full, reason: 'interrupted-full' }), convert],
  },
  {
    name: 'a VM that was off and runs now',
    approved: [staged('cold', full)],
    fresh: [sync(full)],
    extra: ['sync disk 2000: stage "cold" -> "live"'],
  },
  {
    name: 'a server that ended in ERROR is made again',
    approved: [server()],
    fresh: [server({ replaces: s.serverId('srv-1') })],
  },
  {
    name: 'other fixed addresses, flavor and network of the server: each is named',
    approved: [server()],
    fresh: [server({ server: { ...wanted, flavor: 'm1.small' }, nics: [{ network: 'dev', fixedIp: '10.0.0.9' }] })],
    extra: [
      'create-server: server.flavor "m1.large" -> "m1.small"',
      'create-server: nics.0.fixedIp (none) -> "10.0.0.9"',
      'create-server: nics.0.network "prod" -> "dev"',
    ],
  },
  {
    name: 'another disk first',
    approved: [{ ...convert, disks: s.bootFirst(disk, [s.diskKey(2001)]) }],
    fresh: [{ ...convert, disks: s.bootFirst(s.diskKey(2001), [disk]) }],
    extra: ['convert: disks.0 2000 -> 2001', 'convert: disks.1 2001 -> 2000'],
  },
];

describe('what a reviewed plan covers', () => {
  test.each(rows)('$name', ({ approved, fresh, extra = [] }) => {
    expect(beyondApproval(approved, fresh)).toEqual(extra);
  });
});
