import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BlockReader, SourceBlock } from '../../src/contracts/disk-reader.js';
import { frozenBlockdev } from '../../src/transfer/snapshot-export.js';
import { type Bench, differsAt, fileBlock, KiB, openBench, pattern } from './disks.js';

const SIZE = 2048 * KiB;

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

const blockReader = (path: string): BlockReader => readerOf({ driver: 'file', path });

const readerOf = (block: SourceBlock): BlockReader => ({
  block,
  requestBytesMax: 2 ** 20,
  connections: 2,
});

/** Data, a hole, data. */
const source = pattern(SIZE, 1).fill(0, 512 * KiB, 1536 * KiB);

describe('a frozen disk that qemu serves', () => {
  test('is copied in full, holes and all, over what was on the volume', async () => {
    const frozen = await bench.plane.openSource(blockReader(await bench.disk('source', source)), SIZE);
    const volume = await bench.plane.openTarget(fileBlock(await bench.disk('target', pattern(SIZE, 2))), SIZE);
    try {
      const whole = [{ offset: 0, length: SIZE }];
      expect(await bench.plane.nonZeroExtents(frozen)).not.toEqual(whole);
      await bench.plane.copy({
        source: frozen,
        target: volume,
        extents: whole,
        skipZeroes: false,
        requestBytesMax: 2 ** 20,
        connections: 2,
      });
      expect(await bench.plane.firstDifference({ source: frozen, target: volume, extents: whole })).toBeUndefined();
      expect(differsAt(await bench.read('target'), source)).toBeUndefined();
    } finally {
      await frozen.close();
      await volume.close();
    }
  });

  test('cannot be written to', async () => {
    const path = await bench.disk('source', source);
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
    const before = await digest();
    const frozen = await bench.plane.openSource(blockReader(path), SIZE);
    const other = await bench.plane.openSource(blockReader(await bench.disk('other', pattern(SIZE, 3))), SIZE);
    const backwards = { source: other, target: frozen, extents: [{ offset: 0, length: SIZE }], skipZeroes: false };
    await expect(bench.plane.copy({ ...backwards, requestBytesMax: 2 ** 20, connections: 1 })).rejects.toMatchObject({
      details: { code: 'MP6001' },
    });
    await other.close();
    await frozen.close();
    expect(await digest()).toBe(before);
  });

  test('is the export of another NBD server, and cannot be written to there either', async () => {
    const volume = await bench.plane.openTarget(fileBlock(await bench.disk('served', source)), SIZE);
    const socket = new URL(volume.uri).searchParams.get('socket')!;
    const frozen = await bench.plane.openSource(readerOf({ driver: 'nbd', socket }), SIZE);
    const other = await bench.plane.openSource(blockReader(await bench.disk('other', pattern(SIZE, 3))), SIZE);
    try {
      const whole = [{ offset: 0, length: SIZE }];
      expect(await bench.plane.firstDifference({ source: frozen, target: volume, extents: whole })).toBeUndefined();
      expect(await bench.plane.nonZeroExtents(frozen)).not.toEqual(whole);
      const backwards = { source: other, target: frozen, extents: whole, skipZeroes: false };
      await expect(bench.plane.copy({ ...backwards, requestBytesMax: 2 ** 20, connections: 1 })).rejects.toMatchObject({
        details: { code: 'MP6001' },
      });
    } finally {
      await other.close();
      await frozen.close();
      await volume.close();
    }
    expect(differsAt(await bench.read('served'), source)).toBeUndefined();
  });

  test('of another size than the snapshot says is refused, and so is one that is not there', async () => {
    const path = await bench.disk('source', source);
    await expect(bench.plane.openSource(blockReader(path), SIZE + 512)).rejects.toMatchObject({ details: { code: 'MP6002' } });
    await expect(bench.plane.openSource(blockReader(`${path}.gone`), SIZE)).rejects.toMatchObject({
      details: { code: 'MP6002' },
    });
  });
});

test('a disk of this machine bypasses the page cache, and is read only', () => {
  expect(frozenBlockdev({ driver: 'host_device', path: '/dev/vdb' })).toEqual({
    driver: 'host_device',
    filename: '/dev/vdb',
    aio: 'native',
    cache: { direct: true },
    'node-name': 'frozen',
    'read-only': true,
  });
});

test('on Ceph the snapshot is named apart from the image, with the configuration of its own cloud', () => {
  const block = {
    driver: 'rbd',
    pool: 'vms',
    image: 'volume-1',
    snapshot: 'snapshot-2',
    conf: '/etc/ceph/old.conf',
    user: 'reader',
  } as const;
  expect(frozenBlockdev(block)).toEqual({ ...block, 'node-name': 'frozen', 'read-only': true });
});
