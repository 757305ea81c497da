import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { repairExtents } from '../../src/apply/repair-extents.js';
import type { CopyJob } from '../../src/contracts/data-plane.js';
import { type Extent, endOf, totalLength } from '../../src/model/extent.js';
import { type Bench, differsAt, fileBlock, fileReader, KiB, openBench, pattern } from './disks.js';

const BLOCK = 64 * KiB;
/** The last block is a part of one; the last sector is whole. */
const SIZE = 40 * BLOCK + 8 * KiB + 512;
const RUNS = 6;

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

interface Repaired {
  readonly target: Buffer;
  readonly written: number;
  readonly extents: readonly Extent[];
}

async function repaired(source: Buffer, before: Buffer, extents?: readonly Extent[]): Promise<Repaired> {
  const from = await bench.plane.openSource(fileReader(await bench.disk('source', source)), source.length);
  const to = await bench.plane.openTarget(fileBlock(await bench.disk('target', before)), source.length);
  const copied: Extent[] = [];
  const copy = (job: CopyJob): Promise<void> => {
    copied.push(...job.extents);
    return bench.plane.copy(job);
  };
  try {
    const written = await repairExtents(extents ?? [{ offset: 0, length: source.length }], {
      dataPlane: { copy, firstDifference: (job) => bench.plane.firstDifference(job) },
      copy: { source: from, target: to, requestBytesMax: 2 ** 21, connections: 1 },
      blockBytes: BLOCK,
      onProgress: () => {},
    });
    return { target: await bench.read('target'), written, extents: copied };
  } finally {
    await from.close();
    await to.close();
  }
}

/** The target with single bytes that are another's. */
function spoilt(source: Buffer, places: readonly number[]): Buffer {
  const target = Buffer.from(source);
  for (const place of places) target[place] = target[place] === 0 ? 7 : 0;
  return target;
}

const blocksOf = (places: readonly number[]): number[] =>
  [...new Set(places.map((place) => Math.floor(place / BLOCK)))].sort((a, b) => a - b);

const edges = [0, BLOCK - 1, BLOCK, 2 * BLOCK - 1, 20 * BLOCK, 40 * BLOCK - 1, 40 * BLOCK, SIZE - 1];

describe('a comparison that repairs', () => {
  test('differences at the edges of blocks, and in the last part of one: just those blocks are written', async () => {
    const source = pattern(SIZE, 1).fill(0, 5 * BLOCK, 9 * BLOCK);
    const { target, extents, written } = await repaired(source, spoilt(source, edges));
    expect(differsAt(target, source)).toBeUndefined();
    expect(extents.map(({ offset }) => offset / BLOCK)).toEqual(blocksOf(edges));
    expect(endOf(extents.at(-1)!)).toBe(SIZE);
    expect(written).toBe(totalLength(extents));
  });

  test('nothing differs: nothing is written', async () => {
    const source = pattern(SIZE, 1);
    const { written, extents } = await repaired(source, source);
    expect([written, extents]).toEqual([0, []]);
  });

  test('what is not listed is left alone, on a volume that is larger than the disk, too', async () => {
    const source = pattern(SIZE, 1);
    const before = Buffer.concat([spoilt(source, edges), pattern(4 * KiB, 9)]);
    const { target } = await repaired(source, before, [{ offset: 20 * BLOCK, length: SIZE - 20 * BLOCK }]);
    expect(differsAt(target.subarray(0, 20 * BLOCK), before.subarray(0, 20 * BLOCK))).toBeUndefined();
    expect(differsAt(target.subarray(20 * BLOCK, SIZE), source.subarray(20 * BLOCK))).toBeUndefined();
    expect(differsAt(target.subarray(SIZE), before.subarray(SIZE))).toBeUndefined();
  });

  test('everything differs: a few dozen comparisons, and not one for each block', async () => {
    const { target, extents } = await repaired(pattern(SIZE, 1), pattern(SIZE, 2));
    expect(differsAt(target, pattern(SIZE, 1))).toBeUndefined();
    expect(extents.length).toBeLessThan(25);
  });

  test('a disk whose size is no multiple of a sector', async () => {
    const size = 3 * BLOCK + 700;
    const source = pattern(size, 1);
    const { target } = await repaired(source, Buffer.concat([spoilt(source, [0, size - 1]), Buffer.alloc(324)]));
    expect(differsAt(target.subarray(0, size), source)).toBeUndefined();
  });

  test('any differences', async () => {
    const place = fc.oneof(
      fc.nat(SIZE - 1),
      fc
        .tuple(fc.nat(40), fc.integer({ min: -1, max: 1 }))
        .map(([block, by]) => Math.min(Math.max(block * BLOCK + by, 0), SIZE - 1)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 8 }), fc.nat(50), async (places, seed) => {
        const source = pattern(SIZE, seed).fill(0, 30 * BLOCK, 33 * BLOCK);
        const { target, extents } = await repaired(source, spoilt(source, [...new Set(places)]));
        expect(differsAt(target, source)).toBeUndefined();
        expect(extents.map(({ offset }) => offset / BLOCK)).toEqual(blocksOf(places));
      }),
      { numRuns: RUNS, seed: 20_262 },
    );
  });
});
