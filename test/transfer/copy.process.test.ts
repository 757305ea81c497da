import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startChild } from '../../src/host/child.js';
import { clip, type Extent, merge, totalLength } from '../../src/model/extent.js';
import { MiB } from '../../src/model/ids.js';
import { copyRuns } from '../../src/transfer/copy-runs.js';
import { eventually } from '../eventually.js';
import { processesWith } from '../host/compiled.js';
import { afterCopy, type Bench, differsAt, fileBlock, fileReader, KiB, openBench, pattern, SECTOR } from './disks.js';

/** Not a multiple of 64 KiB nor of 4 KiB, as the end of a disk may be. */
const SIZE = 4096 * KiB + 8 * KiB + 512;
const BLOCK = 4 * KiB;
const RUNS = 12;

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

interface Copied {
  readonly source: Buffer;
  readonly target: Buffer;
  readonly extents: readonly Extent[];
  readonly skipZeroes?: boolean;
  readonly connections?: number;
  readonly onProgress?: (bytes: number) => void;
}

/** Copies between two new disks and gives what the target holds, read from its file after every server has been killed. */
async function copied({ source, target, extents, skipZeroes = false, connections = 1, onProgress }: Copied): Promise<Buffer> {
  const reader = fileReader(await bench.disk('source', source), { connections });
  const from = await bench.plane.openSource(reader, source.length);
  const to = await bench.plane.openTarget(fileBlock(await bench.disk('target', target)), source.length);
  try {
    const progress = onProgress === undefined ? {} : { onProgress };
    await bench.plane.copy({ source: from, target: to, extents, skipZeroes, requestBytesMax: 2 ** 21, connections, ...progress });
    return await bench.read('target');
  } finally {
    await from.close();
    await to.close();
  }
}

describe('what is on the target after a copy', () => {
  // Four regions of 1 MiB. The list names the second and the third; the third is zero on the source by now.
  const region = 1024 * KiB;
  const source = pattern(SIZE, 1).fill(0, 2 * region, 3 * region);
  const listed = [{ offset: region, length: 2 * region }];

  test.each([1, 4])('an existing volume, %d connections: listed data and zeroes arrive, the rest stays', async (connections) => {
    const target = pattern(SIZE, 2);
    const result = await copied({ source, target, extents: listed, connections });
    const part = (content: Buffer, index: number) => content.subarray(index * region, (index + 1) * region);
    expect(differsAt(part(result, 0), part(target, 0)), 'before the list').toBeUndefined();
    expect(differsAt(part(result, 1), part(source, 1)), 'data').toBeUndefined();
    expect(differsAt(part(result, 2), Buffer.alloc(region)), 'zero now').toBeUndefined();
    expect(differsAt(part(result, 3), part(target, 3)), 'after the list').toBeUndefined();
  });

  test('a volume of zeroes, zeroes skipped', async () => {
    const target = Buffer.alloc(SIZE);
    const result = await copied({ source, target, extents: listed, skipZeroes: true });
    expect(differsAt(result, afterCopy(source, target, listed))).toBeUndefined();
  });

  test('nothing to copy leaves everything', async () => {
    const target = pattern(SIZE, 2);
    expect(differsAt(await copied({ source, target, extents: [] }), target)).toBeUndefined();
  });

  test('a volume larger than the disk keeps its tail', async () => {
    const target = pattern(SIZE + 777 * SECTOR, 2);
    const extents = [{ offset: 0, length: SIZE }];
    expect(differsAt(await copied({ source, target, extents }), afterCopy(source, target, extents))).toBeUndefined();
  });
});

describe('any source, target and list', () => {
  const blocks = Math.ceil(SIZE / BLOCK);
  const run = { at: fc.nat(blocks - 1), count: fc.integer({ min: 1, max: 80 }), zero: fc.boolean() };
  const coarse = fc.record(run).map(({ at, count, zero }) => ({ at: at & ~15, count: (count + 15) & ~15, zero }));
  const runs = fc.oneof(fc.array(fc.record(run), { maxLength: 12 }), fc.array(coarse, { maxLength: 6 }));
  const toExtents = (list: readonly { at: number; count: number }[]) =>
    clip(merge(list.map(({ at, count }) => ({ offset: at * BLOCK, length: count * BLOCK }))), { offset: 0, length: SIZE });
  const withZeroes = (content: Buffer, list: readonly { at: number; count: number; zero: boolean }[]) => {
    for (const { at, count, zero } of list) if (zero) content.fill(0, at * BLOCK, Math.min((at + count) * BLOCK, SIZE));
    return content;
  };

  test.each([false, true])('skipZeroes %s', async (skipZeroes) => {
    const cases = fc.record({ holes: runs, listed: runs, connections: fc.constantFrom(1, 4), seed: fc.nat(50) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ holes, listed, connections, seed }) => {
        const source = withZeroes(pattern(SIZE, seed), [...holes, ...listed]);
        const target = skipZeroes ? Buffer.alloc(SIZE) : pattern(SIZE, seed + 1);
        const extents = toExtents(listed);
        const result = await copied({ source, target, extents, skipZeroes, connections });
        expect(differsAt(result, afterCopy(source, target, extents))).toBeUndefined();
      }),
      { numRuns: RUNS, seed: 20_261 },
    );
  });
});

describe('when it resolves, all is durable', () => {
  test('the bytes are there though the server is killed the next moment', async () => {
    const source = pattern(SIZE, 1);
    const from = await bench.plane.openSource(fileReader(await bench.disk('source', source)), SIZE);
    const to = await bench.plane.openTarget(fileBlock(await bench.disk('target', pattern(SIZE, 2))), SIZE);
    const servers = await processesWith(new URL(to.uri).searchParams.get('socket')!);
    const extents = [{ offset: 0, length: SIZE }];
    await bench.plane.copy({ source: from, target: to, extents, skipZeroes: false, requestBytesMax: 2 ** 21, connections: 1 });
    for (const { pid } of servers) process.kill(pid, 'SIGKILL');
    expect(servers.length).toBeGreaterThan(0);
    expect(differsAt(await bench.read('target'), source)).toBeUndefined();
  });

  test.each([0, 1])('the last thing the server of the volume is asked is a flush, %d extents', async (count) => {
    const log = join(bench.folder, 'requests');
    const socket = join(bench.folder, 'memory.sock');
    await using server = startChild({
      program: 'nbdkit',
      args: ['--foreground', '--unix', socket, '--filter=log', 'memory', String(SIZE), `logfile=${log}`],
    });
    await eventually(() => access(socket));
    const to = { uri: `nbd+unix:///?socket=${socket}`, size: SIZE, close: async () => {} };
    const from = await bench.plane.openSource(fileReader(await bench.disk('source', pattern(SIZE, 1))), SIZE);
    const extents = [{ offset: 0, length: 1024 * KiB }].slice(0, count);
    await bench.plane.copy({ source: from, target: to, extents, skipZeroes: false, requestBytesMax: 2 ** 21, connections: 1 });
    await server.stop();
    const requests = [...(await readFile(log, 'utf8')).matchAll(/ (Write|Zero|Trim|Flush) id=/g)].map((match) => match[1]);
    expect(requests.at(-1)).toBe('Flush');
    expect(requests.includes('Write')).toBe(count > 0);
  });
});

test('large extents and their edges go in runs of their own', async () => {
  const size = 72 * MiB;
  const source = pattern(size, 1);
  const target = pattern(size, 2);
  const extents = [
    { offset: 12 * KiB, length: 66 * MiB },
    { offset: 68 * MiB + 64 * KiB, length: 64 * KiB },
  ];
  expect(copyRuns(extents, size, 2 * MiB).map(({ requestBytes }) => requestBytes)).toEqual([MiB, 4 * KiB]);
  expect(differsAt(await copied({ source, target, extents }), afterCopy(source, target, extents))).toBeUndefined();
});

test('progress grows, stays within the job and ends with all of it', async () => {
  const seen: number[] = [];
  const extents = [
    { offset: 0, length: 1024 * KiB },
    { offset: 2048 * KiB, length: 1536 * KiB },
  ];
  await copied({ source: pattern(SIZE, 1), target: pattern(SIZE, 2), extents, onProgress: (bytes) => seen.push(bytes) });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(totalLength(extents));
});

test('limits.rateFile slows a copy down to the bits a second that it names, while it runs', async () => {
  const rateFile = join(bench.folder, 'rate');
  await writeFile(rateFile, '4M');
  await using slow = await openBench({ rateFile });
  const source = pattern(2048 * KiB, 1);
  const from = await slow.plane.openSource(fileReader(await slow.disk('source', source)), source.length);
  const to = await slow.plane.openTarget(fileBlock(await slow.disk('target', pattern(source.length, 2))), source.length);
  const extents = [{ offset: 0, length: source.length }];
  const began = performance.now();
  await slow.plane.copy({ source: from, target: to, extents, skipZeroes: false, requestBytesMax: 2 ** 18, connections: 1 });
  // Sixteen megabits at four a second, less what a bucket gives at once.
  expect(performance.now() - began).toBeGreaterThan(2_000);
  expect(differsAt(await slow.read('target'), source)).toBeUndefined();
});
