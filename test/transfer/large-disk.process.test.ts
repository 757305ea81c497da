import { truncate } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { fileReader, KiB, openBench, pattern } from './disks.js';

const GiB = 2 ** 30;

// The lengths in NBD's requests have 32 bits: programs have gone wrong on disks that reach beyond.
test.each([4, 6])('the extents of a disk of %s GiB are found', async (sizeGiB) => {
  await using bench = await openBench();
  const path = await bench.disk('source', pattern(64 * KiB, 1));
  await truncate(path, sizeGiB * GiB);
  const source = await bench.plane.openSource(fileReader(path), sizeGiB * GiB);
  expect(await bench.plane.nonZeroExtents(source)).toEqual([{ offset: 0, length: 64 * KiB }]);
  await source.close();
});
