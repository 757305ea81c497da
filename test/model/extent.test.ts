import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alignOutward,
  batches,
  clip,
  type Extent,
  endOf,
  intersect,
  merge,
  subtract,
  totalLength,
  union,
} from '../../src/model/extent.js';

// The model is a bitmap of a small disk: one boolean a byte. Whatever the algebra says, the bitmap must say too.
const CAPACITY = 64;
const anyExtent = fc
  .tuple(fc.nat(CAPACITY), fc.nat(CAPACITY))
  .map(([offset, length]): Extent => ({ offset, length: Math.min(length, CAPACITY - offset) }));
const anyExtents = fc.array(anyExtent, { maxLength: 12 });
const tidy = anyExtents.map(merge);

const bitmap = (extents: readonly Extent[]): boolean[] =>
  Array.from({ length: CAPACITY }, (_, at) => extents.some((extent) => extent.offset <= at && at < endOf(extent)));

/** Sorted, disjoint, not touching, none empty. */
function expectTidy(extents: readonly Extent[]): void {
  for (const [index, extent] of extents.entries()) {
    expect(extent.length).toBeGreaterThan(0);
    if (index > 0) expect(extent.offset).toBeGreaterThan(endOf(extents[index - 1]!));
  }
}

const both = (check: (a: Extent[], b: Extent[]) => void) => fc.assert(fc.property(tidy, tidy, check), { numRuns: 400 });

describe('extents against a bitmap', () => {
  test('merge takes any order and duplicates', () => {
    fc.assert(
      fc.property(anyExtents, (extents) => {
        const merged = merge(extents);
        expectTidy(merged);
        expect(bitmap(merged)).toEqual(bitmap(extents));
        expect(totalLength(merged)).toBe(bitmap(extents).filter(Boolean).length);
      }),
    );
  });

  test('union, subtract, intersect', () => {
    both((a, b) => {
      const [inA, inB] = [bitmap(a), bitmap(b)];
      expect(bitmap(union(a, b))).toEqual(inA.map((is, at) => is || inB[at]!));
      expect(bitmap(subtract(a, b))).toEqual(inA.map((is, at) => is && !inB[at]));
      expect(bitmap(intersect(a, b))).toEqual(inA.map((is, at) => is && inB[at]!));
      expectTidy(union(a, b));
      for (const result of [subtract(a, b), intersect(a, b)]) {
        expect(merge(result)).toEqual(
          result.filter((_, index) => index === 0 || endOf(result[index - 1]!) < result[index]!.offset),
        );
      }
    });
  });

  test('clip keeps what is inside the window', () => {
    fc.assert(
      fc.property(tidy, anyExtent, (extents, window) => {
        const inWindow = bitmap([window]);
        expect(bitmap(clip(extents, window))).toEqual(bitmap(extents).map((is, at) => is && inWindow[at]!));
      }),
    );
  });

  test('alignOutward covers all, in whole units, inside the disk', () => {
    fc.assert(
      fc.property(tidy, fc.integer({ min: 1, max: 16 }), (extents, unit) => {
        const aligned = alignOutward(extents, unit, CAPACITY);
        expectTidy(aligned);
        expect(subtract(extents, aligned)).toEqual([]);
        for (const extent of aligned) {
          expect(extent.offset % unit).toBe(0);
          expect(endOf(extent) === CAPACITY || endOf(extent) % unit === 0).toBe(true);
        }
        // Nothing beyond the unit that an extent touches.
        for (const [at, is] of bitmap(aligned).entries()) {
          const start = Math.floor(at / unit) * unit;
          if (is) expect(bitmap(extents).slice(start, start + unit)).toContain(true);
        }
      }),
    );
  });

  test('batches: the same bytes in order, none above the limit, each up to its end', () => {
    fc.assert(
      fc.property(tidy, fc.integer({ min: 1, max: 20 }), (extents, bytesMax) => {
        const cut = batches(extents, bytesMax);
        expect(merge(cut.flatMap((batch) => batch.extents))).toEqual(extents);
        expect(cut.reduce((sum, batch) => sum + totalLength(batch.extents), 0)).toBe(totalLength(extents));
        for (const [index, batch] of cut.entries()) {
          expect(totalLength(batch.extents)).toBeLessThanOrEqual(bytesMax);
          if (index < cut.length - 1) expect(totalLength(batch.extents)).toBe(bytesMax);
          expect(batch.end).toBe(endOf(batch.extents.at(-1)!));
          // A checkpoint at `end` promises that nothing below it is left.
          const later = cut.slice(index + 1).flatMap((next) => next.extents);
          expect(later.every(({ offset }) => offset >= batch.end)).toBe(true);
        }
      }),
    );
  });

  test('disks of many TiB do not lose precision', () => {
    const end = 62 * 2 ** 40;
    expect(
      merge([
        { offset: end - 512, length: 512 },
        { offset: 0, length: end - 512 },
      ]),
    ).toEqual([{ offset: 0, length: end }]);
  });
});
