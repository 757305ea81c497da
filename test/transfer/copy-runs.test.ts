import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Extent, endOf, merge, totalLength } from '../../src/model/extent.js';
import { MiB } from '../../src/model/ids.js';
import { copyRuns } from '../../src/transfer/copy-runs.js';

const KiB = 1024;
const SIZE = 1024 * MiB + 512;

interface Row {
  readonly name: string;
  readonly extents: readonly Extent[];
  readonly requestBytesMax?: number;
  readonly expected: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'nothing', extents: [], expected: [] },
  { name: 'the whole disk, odd end and all', extents: [{ offset: 0, length: SIZE }], expected: ['1048576: 1073742336'] },
  { name: 'changed blocks', extents: [{ offset: 64 * KiB, length: 192 * KiB }], expected: ['65536: 196608'] },
  {
    name: 'a small request limit',
    extents: [{ offset: 0, length: 2 * MiB }],
    requestBytesMax: 100_000,
    expected: ['65536: 2097152'],
  },
  { name: 'pages', extents: [{ offset: 4 * KiB, length: 68 * KiB }], expected: ['4096: 69632'] },
  {
    name: 'a long run with small edges',
    extents: [{ offset: 12 * KiB, length: 200 * MiB }],
    expected: ['1048576: 208666624', '4096: 1048576'],
  },
  {
    name: 'long runs beside small ones',
    extents: [
      { offset: 0, length: 100 * MiB },
      { offset: 200 * MiB + 64 * KiB, length: 64 * KiB },
    ],
    expected: ['1048576: 104857600', '65536: 65536'],
  },
];

test.each(rows)('$name', ({ extents, requestBytesMax = 2 * MiB, expected }) => {
  const result = copyRuns(extents, SIZE, requestBytesMax);
  expect(result.map((copyRun) => `${copyRun.requestBytes}: ${totalLength(copyRun.extents)}`)).toEqual(expected);
});

describe('whatever the list', () => {
  const extent = fc.record({ offset: fc.nat(Math.floor(SIZE / 4096)), length: fc.integer({ min: 1, max: 50_000 }) });
  const lists = fc
    .array(extent, { maxLength: 20 })
    .map((list) =>
      merge(list.map(({ offset, length }) => ({ offset: offset * 4096, length: Math.min(length * 4096, SIZE - offset * 4096) }))),
    );

  test('the runs together are the list, each sorted and aligned to its requests', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 4096, max: 2 ** 25 }), (extents, requestBytesMax) => {
        const result = copyRuns(extents, SIZE, requestBytesMax);
        expect(merge(result.flatMap((copyRun) => copyRun.extents))).toEqual(extents);
        expect(result.reduce((sum, copyRun) => sum + totalLength(copyRun.extents), 0)).toBe(totalLength(extents));
        for (const { requestBytes, extents: part } of result) {
          expect(requestBytes).toBeLessThanOrEqual(requestBytesMax);
          expect(merge(part)).toEqual(part);
          for (const one of part) {
            expect(one.offset % requestBytes).toBe(0);
            expect(endOf(one) === SIZE || endOf(one) % requestBytes === 0).toBe(true);
          }
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
