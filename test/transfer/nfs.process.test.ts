import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CopyJob } from '../../src/contracts/data-plane.js';
import type { TargetBlock } from '../../src/contracts/target-provider.js';
import { ProgramFinder } from '../../src/host/program.js';
import { type Bench, differsAt, fileReader, KiB, openBench, pattern } from './disks.js';
import { type NfsServer, startNfsServer } from './nfs-server.js';

// A volume that Cinder keeps as a file on NFS, reached without the kernel's client.
const run = promisify(execFile);
const SIZE = 4096 * KiB;
const whole = [{ offset: 0, length: SIZE }];

let served: NfsServer;
let bench: Bench;
beforeAll(async () => {
  served = await startNfsServer();
}, 120_000);
afterAll(() => served[Symbol.asyncDispose]());
beforeEach(async () => {
  bench = await openBench({ programs: new ProgramFinder(`${served.programs}:${process.env['PATH']}`) });
});
afterEach(() => bench[Symbol.asyncDispose]());

const block = (name: string, format: 'raw' | 'qcow2' = 'raw'): TargetBlock => ({
  driver: 'nfs',
  host: served.host,
  path: join(served.folder, name),
  format,
});

/** A source with zeroes in its middle, and the copy of all of it onto the volume. */
async function jobOnto(target: TargetBlock): Promise<{ readonly source: Buffer; readonly job: CopyJob }> {
  const source = pattern(SIZE, 1).fill(0, 1024 * KiB, 3072 * KiB);
  const frozen = await bench.plane.openSource(fileReader(await bench.disk('source', source)), SIZE);
  const volume = await bench.plane.openTarget(target, SIZE);
  const limits = { skipZeroes: false, requestBytesMax: 2 ** 20, connections: 2 };
  return { source, job: { source: frozen, target: volume, extents: whole, ...limits } };
}

describe('a volume on NFS', () => {
  test('a raw file is written, flushed and compared; zeroes go over what was there', async () => {
    await writeFile(join(served.folder, 'raw'), pattern(SIZE, 2));
    const { source, job } = await jobOnto(block('raw'));
    await bench.plane.copy(job);
    expect(await bench.plane.firstDifference({ source: job.source, target: job.target, extents: whole })).toBeUndefined();
    // Flushed means on the server, before anything is closed.
    expect(differsAt(await readFile(join(served.folder, 'raw')), source)).toBeUndefined();
  });

  test('a qcow2 file keeps its format', async () => {
    const file = join(served.folder, 'qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', file, String(SIZE)]);
    const { source, job } = await jobOnto(block('qcow2', 'qcow2'));
    await bench.plane.copy(job);
    await job.target.close();
    await run('qemu-img', ['check', '-q', '-f', 'qcow2', file]);
    await run('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', file, join(bench.folder, 'back')]);
    expect(differsAt(await bench.read('back'), source)).toBeUndefined();
  });

  test('a server that is away for a moment: the copy waits for it and is right', async () => {
    await writeFile(join(served.folder, 'waits'), pattern(SIZE, 2));
    const { source, job } = await jobOnto(block('waits'));
    await served.stop();
    const copied = bench.plane.copy(job).then(() => 'copied');
    try {
      expect(await Promise.race([copied, new Promise((resolve) => setTimeout(() => resolve('waits'), 1_000))])).toBe('waits');
    } finally {
      await served.start();
    }
    await copied;
    expect(differsAt(await readFile(join(served.folder, 'waits')), source)).toBeUndefined();
  }, 120_000);

  test.each([
    ['no such file', () => block('absent'), /absent|NOENT|No such file/],
    ['a folder that is not served', () => ({ ...block('x'), path: '/not/served/x' }), /mount|export|NOENT|MNT/i],
  ] as const)('%s: MP6003 with the reason and where to look', async (_name, which, reason) => {
    const failure = await bench.plane.openTarget(which(), SIZE).catch((error: unknown) => error);
    expect(failure).toMatchObject({ details: { code: 'MP6003', call: 'open volume with driver nfs' } });
    expect(String(failure)).toMatch(reason);
    expect(JSON.stringify(failure)).toContain('may read and write 127.0.0.1:');
  });
});
