import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Extent, endOf, merge } from '../../src/model/extent.js';
import { blockCount, chanceOfFinding, sampleBlocks } from '../../src/model/sample.js';

const anyExtents = fc
  .array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 90 })), { maxLength: 10 })
  .map((pairs) => merge(pairs.map(([offset, length]): Extent => ({ offset, length }))));
/** Any sequence of draws, however unlucky. */
const anyDraw = fc.infiniteStream(fc.nat(1_000_000)).map((numbers) => (below: number) => numbers.next().value! % below);

describe('blocks that are compared', () => {
  test('are different ones of the grid, inside the extents, as many as wanted or all', () => {
    fc.assert(
      fc.property(anyExtents, fc.integer({ min: 1, max: 40 }), fc.nat(60), anyDraw, (extents, blockBytes, wanted, draw) => {
        const blocks = sampleBlocks(extents, { blockBytes, wanted, draw });
        expect(blocks).toHaveLength(Math.min(wanted, blockCount(extents, blockBytes)));
        for (const [index, block] of blocks.entries()) {
          expect(block.offset).toBeGreaterThanOrEqual(index === 0 ? 0 : endOf(blocks[index - 1]!));
          expect(Math.floor(block.offset / blockBytes)).toBe(Math.floor((endOf(block) - 1) / blockBytes));
          expect(extents.some((extent) => extent.offset <= block.offset && endOf(block) <= endOf(extent))).toBe(true);
        }
      }),
    );
  });

  test('all of them are every byte of the extents', () => {
    fc.assert(
      fc.property(anyExtents, fc.integer({ min: 1, max: 40 }), anyDraw, (extents, blockBytes, draw) => {
        expect(merge(sampleBlocks(extents, { blockBytes, wanted: 10_000, draw }))).toEqual(extents);
      }),
    );
  });

  test('each block is as likely as any other', () => {
    const random = lcg(7);
    const hits = new Array<number>(10).fill(0);
    for (let round = 0; round < 6000; round++) {
      for (const { offset } of sampleBlocks([{ offset: 0, length: 100 }], { blockBytes: 10, wanted: 3, draw: random })) {
        hits[offset / 10]! += 1;
      }
    }
    for (const count of hits) expect(Math.abs(count - 1800)).toBeLessThan(180);
  });
});

describe('the chance of finding a fault', () => {
  test('1,024 blocks find a fault of 1 % with 99.99 %', () => {
    const blocks = (100 * 2 ** 30) / 65_536;
    const chance = chanceOfFinding({ blocks, faulty: Math.ceil(blocks / 100), compared: 1024 });
    expect(chance).toBeGreaterThan(0.9999);
    expect(chance).toBeLessThan(1);
  });

  test('is the share of all choices that meet a faulty block, counted one by one', () => {
    for (const blocks of [1, 4, 9]) {
      for (let faulty = 0; faulty <= blocks; faulty++) {
        for (let compared = 0; compared <= blocks; compared++) {
          expect(chanceOfFinding({ blocks, faulty, compared })).toBeCloseTo(counted(blocks, faulty, compared), 12);
        }
      }
    }
  });

  test('is never below that of drawing with replacement, never above 1, and rises with each block', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.nat(2000), fc.nat(2000), (blocks, someFaulty, some) => {
        const [faulty, compared] = [Math.min(someFaulty, blocks), Math.min(some, blocks)];
        const chance = chanceOfFinding({ blocks, faulty, compared });
        expect(chance).toBeLessThanOrEqual(1);
        expect(chance).toBeGreaterThanOrEqual(1 - (1 - faulty / blocks) ** compared - 1e-9);
        if (compared < blocks) expect(chanceOfFinding({ blocks, faulty, compared: compared + 1 })).toBeGreaterThanOrEqual(chance);
      }),
    );
  });

  test('what is said is what happens: drawn 4,000 times, faults are met as often as promised', () => {
    const [blocks, faulty, wanted] = [500, 10, 60];
    const draw = lcg(11);
    let met = 0;
    for (let round = 0; round < 4000; round++) {
      const chosen = sampleBlocks([{ offset: 0, length: blocks }], { blockBytes: 1, wanted, draw });
      if (chosen.some(({ offset }) => offset % 50 === 7)) met += 1;
    }
    expect(met / 4000).toBeCloseTo(chanceOfFinding({ blocks, faulty, compared: wanted }), 1);
  });
});

/** Small numbers only: walks through every choice. */
function counted(blocks: number, faulty: number, compared: number): number {
  let [all, met] = [0, 0];
  for (let choice = 0; choice < 2 ** blocks; choice++) {
    const bits = [...Array(blocks).keys()].filter((bit) => choice & (1 << bit));
    if (bits.length !== compared) continue;
    all += 1;
    if (bits.some((bit) => bit < faulty)) met += 1;
  }
  return met / all;
}

function lcg(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
