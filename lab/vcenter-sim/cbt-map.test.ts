import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { prng } from './prng.js';
import { type Area, CBT_BLOCK, CbtMap, changedBlocks, changeIdOf, parseChangeId, toAreas } from './world/cbt-map.js';
import { addNoise, cutWindow } from './world/cbt-window.js';

const CAPACITY = 40 * CBT_BLOCK - 4096;
const write = fc.record({ offset: fc.nat(CAPACITY - 1), length: fc.integer({ min: 1, max: 5 * CBT_BLOCK }) });
/** Each inner list is what the guest writes before the next snapshot. */
const history = fc.array(fc.array(write, { maxLength: 6 }), { minLength: 1, maxLength: 6 });

// Goal: changed(base → snapshot) covers exactly the blocks written between the two, whatever is written before and after.
// Method: a plain model that keeps the set of blocks of each interval and unites the intervals in question.
test('changed areas are exactly the blocks written between two snapshots', () => {
  fc.assert(
    fc.property(history, fc.nat(), fc.nat(), (intervals, a, b) => {
      const map = CbtMap.start(prng(1));
      const frozen = intervals.map((writes) => {
        for (const { offset, length } of writes) map.recordWrite(offset, length);
        return map.freeze();
      });
      const [base, to] = [a % intervals.length, b % intervals.length].sort((x, y) => x - y) as [number, number];
      const expected = new Set(
        intervals
          .slice(base + 1, to + 1)
          .flat()
          .flatMap(blocksOf),
      );
      expect(new Set(changedBlocks(frozen[to]!, frozen[base]!.sequence))).toEqual(expected);
      const covered = toAreas(changedBlocks(frozen[to]!, frozen[base]!.sequence), CAPACITY);
      expect(new Set(covered.flatMap(({ start, length }) => blocksOf({ offset: start, length })))).toEqual(inDisk(expected));
      for (const { start, length } of covered) expect(start + length).toBeLessThanOrEqual(CAPACITY);
    }),
  );
});

// Goal: whatever the rules for windows, asking for one after the other covers the disk once, and no area is lost.
test('windows tile the disk and lose nothing', () => {
  const blocks = fc.uniqueArray(fc.nat(39), { maxLength: 40 });
  const rules = fc.record({
    maxExtents: fc.integer({ min: 1, max: 4 }),
    windowBytes: fc.option(fc.constantFrom(CBT_BLOCK, 3 * CBT_BLOCK, 100_000), { nil: undefined }),
  });
  fc.assert(
    fc.property(blocks, rules, (list, { maxExtents, windowBytes }) => {
      const areas = toAreas(
        list.sort((x, y) => x - y),
        CAPACITY,
      );
      const seen: Area[] = [];
      let position = 0;
      while (position < CAPACITY) {
        const window = cutWindow(areas, position, { capacity: CAPACITY, maxExtents, windowBytes });
        expect(window.startOffset).toBe(position);
        expect(window.length).toBeGreaterThan(0);
        expect(window.areas.length).toBeLessThanOrEqual(maxExtents);
        seen.push(...window.areas);
        position += window.length;
      }
      expect(position).toBe(CAPACITY);
      expect(bytesOf(seen)).toEqual(bytesOf(areas));
    }),
  );
});

test('windowBytes makes empty windows in the middle', () => {
  const areas = toAreas([0, 30], CAPACITY);
  const window = cutWindow(areas, 10 * CBT_BLOCK, { capacity: CAPACITY, maxExtents: 2000, windowBytes: 10 * CBT_BLOCK });
  expect(window).toEqual({ startOffset: 10 * CBT_BLOCK, length: 10 * CBT_BLOCK, areas: [] });
});

test('noise adds and disorders, and never takes away', () => {
  const areas = toAreas([1, 5, 9, 20, 39], CAPACITY);
  const window = cutWindow(areas, 0, { capacity: CAPACITY, maxExtents: 2000, windowBytes: undefined });
  const noisy = addNoise(window, { shuffle: true, overlap: true, random: prng(4) });
  for (const area of areas) expect(noisy.areas).toContainEqual(area);
  expect(noisy.areas.length).toBeGreaterThan(areas.length);
  expect(noisy.areas.map(({ start }) => start)).not.toEqual(noisy.areas.map(({ start }) => start).sort((x, y) => x - y));
});

describe('change ids', () => {
  test('look as vSphere prints them', () => {
    const id = changeIdOf(CbtMap.start(prng(3)).freeze());
    expect(id).toMatch(/^([0-9a-f]{2} ){7}[0-9a-f]{2}-([0-9a-f]{2} ){7}[0-9a-f]{2}\/1$/);
    expect(parseChangeId(id)?.sequence).toBe(1);
  });

  test.each(['', '*', 'x/1', '52 2d/7', '52/'])('%j is none', (text) => expect(parseChangeId(text)).toBeUndefined());

  test('a map resumed after a revert repeats ids of the abandoned future', () => {
    const map = CbtMap.start(prng(5));
    const first = map.freeze();
    const abandoned = changeIdOf(map.freeze());
    expect(changeIdOf(CbtMap.resume(first).freeze())).toBe(abandoned);
  });
});

function blocksOf({ offset, length }: { offset: number; length: number }): number[] {
  const first = Math.floor(offset / CBT_BLOCK);
  const last = Math.floor((offset + length - 1) / CBT_BLOCK);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const inDisk = (blocks: ReadonlySet<number>): Set<number> => new Set([...blocks].filter((block) => block * CBT_BLOCK < CAPACITY));

function bytesOf(areas: readonly Area[]): Set<number> {
  const sectors = new Set<number>();
  for (const { start, length } of areas)
    for (let byte = start; byte < start + length; byte += 512) sectors.add(Math.floor(byte / 512));
  return sectors;
}
