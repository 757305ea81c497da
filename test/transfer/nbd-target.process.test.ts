import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../lab/harness/until.js';
import { type Child, startChild } from '../../src/host/child.js';
import { findProgram } from '../../src/host/program.js';
import { type Bench, differsAt, fileReader, KiB, openBench, pattern } from './disks.js';

// A volume behind an NBD server that we are only given the socket of.
const SIZE = 4096 * KiB;
const whole = [{ offset: 0, length: SIZE }];

let bench: Bench;
let server: Child;
let socket: string;
beforeEach(async () => {
  bench = await openBench();
  socket = join(bench.runFolder, 'n.sock');
  const pidFile = join(bench.runFolder, 'n.pid');
  const file = await bench.disk('volume', pattern(SIZE, 2));
  const program = (await findProgram('nbdkit'))!;
  server = startChild({ program, args: ['-f', '-U', socket, '-P', pidFile, 'file', file] });
  await until('nbdkit to listen', () =>
    readFile(pidFile, 'utf8').then(
      () => true,
      () => false,
    ),
  );
});
afterEach(async () => {
  await server.stop();
  await bench[Symbol.asyncDispose]();
});

const copy = async (content: Buffer) => {
  const source = await bench.plane.openSource(fileReader(await bench.disk('source', content)), SIZE);
  const target = await bench.plane.openTarget({ driver: 'nbd', socket }, SIZE);
  const job = { source, target, extents: whole, skipZeroes: false, requestBytesMax: 2 ** 20, connections: 2 };
  return { source, target, run: () => bench.plane.copy(job) };
};

test('is written, zeroes included, compared and flushed', async () => {
  const content = pattern(SIZE, 1).fill(0, 1024 * KiB, 3072 * KiB);
  const { source, target, run } = await copy(content);
  await run();
  expect(await bench.plane.firstDifference({ source, target, extents: whole })).toBeUndefined();
  await target.close();
  expect(differsAt(await bench.read('volume'), content)).toBeUndefined();
});

test('a server that is gone is an error, and is not waited for', async () => {
  const { run } = await copy(pattern(SIZE, 1));
  await server.stop(0);
  await rm(socket, { force: true });
  await expect(run()).rejects.toMatchObject({ details: { code: 'MP6001' } });
});
