import { describe, expect, test } from 'vitest';
import type { Action, DiskSync } from '../../src/plan/action.js';
import { notCovered } from '../../src/plan/covers.js';
import * as s from './scene.js';

const disk = s.diskKey(2000);
const full: DiskSync = { mode: 'full', disk, reason: 'new-volume', capacity: 1, forecast: { confidence: 'unknown' } };
const delta: DiskSync = { mode: 'delta', disk, since: s.at(5), capacity: 1, forecast: { confidence: 'unknown' } };
const sync = (...disks: DiskSync[]): Action => ({ kind: 'sync', stage: 'live', cycle: 1, disks, verify: 'off' });
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
const convert: Action = { kind: 'convert', disks: [disk], firmware: 'bios', guestFamily: 'linux' };
const powerOff: Action = { kind: 'power-off', timeoutSeconds: 1, force: false };
const merge: Action = { kind: 'commit-conversion', disks: [disk], run: 'r' };

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
    extra: ['a full copy of disk 2000'],
  },
  {
    name: 'a disk that was not there',
    approved: [sync(delta)],
    fresh: [sync(delta, { ...delta, disk: s.diskKey(2001) })],
    extra: ['a sync of disk 2001'],
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
  { name: 'an interrupted merge out of nowhere', approved: [sync(delta)], fresh: [merge], extra: ['commit-conversion'] },
  {
    name: 'the VM was off when planned and runs now',
    approved: [sync(delta), convert],
    fresh: [powerOff, convert],
    extra: ['power-off'],
  },
  { name: 'another volume', approved: [sync(full)], fresh: [volume()], extra: ['create-volume for disk 2000'] },
  {
    name: 'a larger volume',
    approved: [volume()],
    fresh: [volume({ sizeGiB: 2048 })],
    extra: ['create-volume for disk 2000 with 2048 GiB instead of 40 GiB'],
  },
  {
    name: 'a volume of another type',
    approved: [volume()],
    fresh: [volume({ type: 'nvme' })],
    extra: ['create-volume for disk 2000 with another name, type or zone'],
  },
  { name: 'fewer image keys', approved: [image({ set: { a: '1', b: '2' } })], fresh: [image({ set: { b: '2' } })] },
  {
    name: 'another value of an image key',
    approved: [image()],
    fresh: [image({ set: { hw_machine_type: 'q35' } })],
    extra: ['set-image-metadata with other values'],
  },
  {
    name: 'an image key that is taken away',
    approved: [image()],
    fresh: [image({ set: {}, unset: ['os_type'] })],
    extra: ['set-image-metadata with other values'],
  },
];

describe('what a reviewed plan covers', () => {
  test.each(rows)('$name', ({ approved, fresh, extra = [] }) => {
    expect(notCovered(approved, fresh)).toEqual(extra);
  });
});
