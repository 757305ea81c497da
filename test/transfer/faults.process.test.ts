import { access, chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CopyJob, NbdEndpoint } from '../../src/contracts/data-plane.js';
import { systemClock } from '../../src/host/clock.js';
import { ProgramFinder } from '../../src/host/program.js';
import { Secret } from '../../src/host/secret.js';
import { TransferError } from '../../src/transfer/errors.js';
import { openDataPlane } from '../../src/transfer/index.js';
import { eventually } from '../eventually.js';
import { processesWith } from '../host/compiled.js';
import { afterCopy, type Bench, differsAt, fileBlock, fileReader, KiB, openBench, pattern } from './disks.js';

const SIZE = 2048 * KiB;
const whole = [{ offset: 0, length: SIZE }];

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench[Symbol.asyncDispose]());

async function failureOf(work: Promise<unknown>): Promise<TransferError['details']> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(TransferError);
  return (error as TransferError).details;
}

const job = (source: NbdEndpoint, target: NbdEndpoint, more: Partial<CopyJob> = {}): CopyJob => ({
  source,
  target,
  extents: whole,
  skipZeroes: false,
  requestBytesMax: 2 ** 21,
  connections: 1,
  ...more,
});

const openSource = async (filters: readonly string[] = [], args: readonly string[] = []): Promise<NbdEndpoint> => {
  const path = await bench.disk('source', pattern(SIZE, 1));
  // What stands in front of the plugin in nbdkit's arguments belongs to the plugin's place: a filter may be named there.
  const plugin = filters.length === 0 ? {} : { program: await wrapper(filters) };
  return bench.plane.openSource(fileReader(path, { args: [`file=${path}`, ...args], ...plugin }), SIZE);
};

const openTarget = async (bytes = SIZE): Promise<NbdEndpoint> =>
  bench.plane.openTarget(fileBlock(await bench.disk('target', pattern(bytes, 2))), SIZE);

/** A program in nbdkit's place, as a Project may name one: nbdkit with filters of its own, nearest to the client. */
async function wrapper(filters: readonly string[]): Promise<string> {
  const path = join(bench.folder, 'nbdkit-with-faults');
  await writeFile(path, `#!/bin/sh\nexec nbdkit ${filters.map((name) => `--filter=${name}`).join(' ')} "$@"\n`);
  await chmod(path, 0o755);
  return path;
}

describe('opening a source', () => {
  test('a plugin that cannot open its disk: the reason is what nbdkit said', async () => {
    const details = await failureOf(bench.plane.openSource(fileReader('/nowhere/disk'), SIZE));
    expect(details).toMatchObject({ code: 'MP6002', detail: expect.stringContaining('/nowhere/disk') });
  });

  test('a plugin that only fails when a client comes', async () => {
    const reader = { ...fileReader(''), plugin: 'eval', args: ['get_size=echo ENODEV the snapshot is gone >&2; exit 1'] };
    const details = await failureOf(bench.plane.openSource(reader, SIZE));
    expect(details.detail).toContain('the snapshot is gone');
  });

  test("VDDK's words for a closed port 902: told with what leads out, not as an unknown error", async () => {
    const program = join(bench.folder, 'nbdkit-without-esxi');
    const said = '[NFC ERROR]NfcNewAuthdConnectionEx: Failed to connect: Failed to connect to server esx1:902';
    await writeFile(program, `#!/bin/sh\necho 'nbdkit: vddk[1]: error: ${said}' >&2\nexit 1\n`);
    await chmod(program, 0o755);
    const reader = { ...fileReader(''), program, plugin: 'vddk', args: ['libdir=/opt/vddk'] };
    const details = await failureOf(bench.plane.openSource(reader, SIZE));
    expect(details).toMatchObject({ code: 'MP6002', detail: expect.stringMatching(/TCP 902.*\n.*esx1:902/s) });
    expect(details.nextSteps?.[0]).toContain('open TCP port 902');
  });

  test('a disk of another size', async () => {
    const path = await bench.disk('source', pattern(SIZE, 1));
    const details = await failureOf(bench.plane.openSource(fileReader(path), 2 * SIZE));
    expect(details.detail).toBe(`the disk has ${SIZE} bytes, the snapshot says ${2 * SIZE}`);
  });

  test('a program that is not there', async () => {
    const details = await failureOf(bench.plane.openSource(fileReader('/x', { program: 'no-such-nbdkit' }), SIZE));
    expect(details.detail).toBe('no-such-nbdkit is not a program that can be run');
  });
});

describe('opening a volume', () => {
  test('one that is too small', async () => {
    const path = await bench.disk('target', pattern(SIZE, 1));
    const details = await failureOf(bench.plane.openTarget(fileBlock(path), SIZE + 512));
    expect(details).toMatchObject({ code: 'MP6003', detail: expect.stringContaining('too small') });
  });

  test('one that is not there', async () => {
    const details = await failureOf(bench.plane.openTarget(fileBlock('/nowhere/volume'), SIZE));
    expect(details).toMatchObject({ code: 'MP6003', detail: expect.stringContaining('No such file or directory') });
    expect(details.nextSteps).toHaveLength(1);
  });
});

test('a missing program is a diagnostic', async () => {
  const programs = new ProgramFinder(bench.folder);
  const plane = openDataPlane({ runFolder: bench.runFolder, clock: systemClock, programs });
  await expect(plane.openTarget(fileBlock('/x'), SIZE)).rejects.toThrow('MP8001: qemu-storage-daemon is not installed');
});

describe('a read error in the middle', () => {
  test('is told with its reason, and a new try with new endpoints works', async () => {
    const broken = join(bench.folder, 'broken');
    await writeFile(broken, '');
    const source = await openSource(['error'], ['error-pread=EIO', 'error-pread-rate=100%', `error-file=${broken}`]);
    const target = await openTarget();
    const details = await failureOf(bench.plane.copy(job(source, target)));
    expect(details.code).toBe('MP6001');
    expect(details.detail).toMatch(/nbdcopy: .*Input\/output error/);
    expect(details.detail).toMatch(/source: .*injecting EIO error into pread/);
    await source.close();
    await target.close();

    const again = [await openSource(), await openTarget()] as const;
    await bench.plane.copy(job(...again));
    expect(differsAt(await bench.read('target'), pattern(SIZE, 1))).toBeUndefined();
  });
});

const slow = Array.from({ length: 16 }, (_, i) => ({ offset: i * 128 * KiB, length: 64 * KiB }));

async function untilCopying(): Promise<void> {
  const isCopying = async () => (await processesWith(bench.runFolder)).some(({ command }) => /nbdcopy --/.test(command));
  await eventually(async () => expect(await isCopying()).toBe(true));
}

test('a volume whose server dies is told', async () => {
  const gate = join(bench.folder, 'gate');
  const pread = `pread=until [ -e ${gate} ]; do sleep 0.05; done; dd if=/dev/zero count=$3 iflag=count_bytes status=none`;
  const held = { plugin: 'eval', args: [`get_size=echo ${SIZE}`, pread] };
  const source = await bench.plane.openSource(fileReader('', held), SIZE);
  const copying = failureOf(bench.plane.copy(job(source, await openTarget(), { extents: slow })));
  await untilCopying();
  const servers = (await processesWith(bench.runFolder)).filter(({ command }) => /qemu-storage-daemon --block/.test(command));
  expect(servers.length).toBeGreaterThan(0);
  for (const { pid } of servers) process.kill(pid, 'SIGKILL');
  await writeFile(gate, '');
  expect((await copying).detail).toContain('nbdcopy');
});

describe('abort', () => {
  test('before the start copies nothing', async () => {
    const [source, target] = [await openSource(), await openTarget()];
    const signal = AbortSignal.abort(new Error('stop now'));
    await expect(bench.plane.copy(job(source, target, { signal }))).rejects.toThrow('stop now');
    expect(differsAt(await bench.read('target'), pattern(SIZE, 2))).toBeUndefined();
  });

  test('in the middle ends at once and leaves only the endpoints', async () => {
    const source = await openSource(['delay'], ['rdelay=60']);
    const target = await openTarget();
    const abort = new AbortController();
    const copying = bench.plane.copy(job(source, target, { signal: abort.signal, extents: slow, onProgress: () => {} }));
    await untilCopying();
    const before = performance.now();
    abort.abort(new Error('stop now'));
    await expect(copying).rejects.toThrow('stop now');
    expect(performance.now() - before).toBeLessThan(30_000);
    expect((await processesWith(bench.runFolder)).filter(({ command }) => /nbdcopy|extentlist/.test(command))).toEqual([]);
    await source.close();
    await target.close();
    expect(await readdir(bench.runFolder)).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  /** Rejects with the reason long before an answer comes, and nothing but the endpoints is left of it. */
  async function expectEnded(work: Promise<unknown>, abort: AbortController, program: RegExp): Promise<void> {
    await eventually(async () =>
      expect((await processesWith(bench.runFolder)).some(({ command }) => program.test(command))).toBe(true),
    );
    const before = performance.now();
    abort.abort(new Error('stop now'));
    await expect(work).rejects.toThrow('stop now');
    expect(performance.now() - before).toBeLessThan(30_000);
    expect((await processesWith(bench.runFolder)).filter(({ command }) => program.test(command))).toEqual([]);
  }

  test('ends a comparison that reads', async () => {
    const [source, target, abort] = [await openSource(['delay'], ['rdelay=60']), await openTarget(), new AbortController()];
    const comparing = bench.plane.firstDifference({ source, target, extents: whole, signal: abort.signal });
    await expectEnded(comparing, abort, /qemu-img/);
  });

  test('ends the reading of an allocation map, which is then not taken for one', async () => {
    const source = await openSource(['delay'], ['delay-extents=60']);
    const abort = new AbortController();
    await expectEnded(bench.plane.nonZeroExtents(source, abort.signal), abort, /nbdinfo/);
  });
});

test('a password is in no process argument and in no message', async () => {
  const password = 'correct-horse-battery';
  const path = await bench.disk('source', pattern(SIZE, 1));
  const shell = `#!/bin/sh
for argument; do case $argument in password=-*) IFS= read -r word <&"\${argument#password=-}" ;; *) set -- "$@" "$argument" ;; esac; shift; done
[ "$word" = "$(cat "${bench.folder}/expected")" ] || { echo "login failed for $word" >&2; exit 1; }
exec nbdkit "$@"
`;
  const program = join(bench.folder, 'nbdkit-with-login');
  await writeFile(program, shell);
  await chmod(program, 0o755);
  const secrets = [{ key: 'password', value: new Secret(password) }];
  const seen: string[] = [];
  let done = false;
  const sampling = (async () => {
    while (!done) seen.push(...(await processesWith(password)).map(({ command }) => command));
  })();
  try {
    await writeFile(join(bench.folder, 'expected'), 'something else');
    const details = await failureOf(bench.plane.openSource(fileReader(path, { program, secrets }), SIZE));
    expect(details.detail).toContain('login failed for ***');
    await writeFile(join(bench.folder, 'expected'), password);
    const source = await bench.plane.openSource(fileReader(path, { program, secrets }), SIZE);
    await bench.plane.copy(job(source, await openTarget()));
  } finally {
    done = true;
    await sampling;
  }
  expect(differsAt(await bench.read('target'), pattern(SIZE, 1))).toBeUndefined();
  expect(seen).toEqual([]);
});

test('closing ends the servers and removes their sockets, twice is fine', async () => {
  const endpoints = [await openSource(), await openTarget()];
  expect(await processesWith(bench.runFolder)).not.toEqual([]);
  for (const endpoint of [...endpoints, ...endpoints]) await endpoint.close();
  expect(await processesWith(bench.runFolder)).toEqual([]);
  expect(await readdir(bench.runFolder)).toEqual([]);
  await expect(access(join(bench.runFolder, 'volume-2.sock'))).rejects.toThrow('ENOENT');
});

describe('reading back', () => {
  test('extents that may be other than zero', async () => {
    const content = pattern(SIZE, 1).fill(0, 256 * KiB, 1024 * KiB);
    const path = await bench.disk('sparse', content);
    const endpoint = await bench.plane.openSource(fileReader(path), SIZE);
    expect(await bench.plane.nonZeroExtents(endpoint)).toEqual([
      { offset: 0, length: 256 * KiB },
      { offset: 1024 * KiB, length: 1024 * KiB },
    ]);
  });

  // As older nbdkits do with a disk whose size is no multiple of 64 KiB.
  test('without an allocation map all of it is data, and is copied', async () => {
    const content = pattern(SIZE, 1).fill(0, 256 * KiB, 1024 * KiB);
    const path = await bench.disk('unmapped', content);
    const unmapped = fileReader(path, { args: ['--filter=error', `file=${path}`, 'error-extents-rate=100%'] });
    const [source, target] = [await bench.plane.openSource(unmapped, SIZE), await openTarget()];
    expect(await bench.plane.nonZeroExtents(source)).toEqual(whole);
    await bench.plane.copy(job(source, target, { extents: whole }));
    const mapped = await bench.plane.openSource(fileReader(path), SIZE);
    expect(await bench.plane.firstDifference({ source: mapped, target, extents: whole })).toBeUndefined();
  });

  test('the first extent that differs; outside the list nothing is compared', async () => {
    const [source, target] = [await openSource(), await openTarget(SIZE + 512 * KiB)];
    const extents = [0, 4, 8, 12].map((i) => ({ offset: i * 128 * KiB, length: 64 * KiB }));
    const wrong = extents[2]!;
    await bench.plane.copy(job(source, target, { extents: extents.filter((extent) => extent !== wrong) }));
    expect(await bench.plane.firstDifference({ source, target, extents: [] })).toBeUndefined();
    expect(await bench.plane.firstDifference({ source, target, extents: [extents[0]!, extents[3]!] })).toBeUndefined();
    expect(await bench.plane.firstDifference({ source, target, extents })).toBe(wrong.offset);
    await bench.plane.copy(job(source, target, { extents: [wrong] }));
    expect(await bench.plane.firstDifference({ source, target, extents })).toBeUndefined();
    const expected = afterCopy(pattern(SIZE, 1), pattern(SIZE + 512 * KiB, 2), extents);
    expect(differsAt(await bench.read('target'), expected)).toBeUndefined();
  });
});

describe('a storage that does not answer any more', () => {
  const STALL_MS = 5_000;
  const never = { plugin: 'eval', args: [`get_size=echo ${SIZE}`, 'pread=exec sleep 608'] };
  const details = { code: 'MP6007', detail: expect.stringContaining('nothing was read or written for 5 s') };

  test.each(['copy', 'compare'] as const)('%s: it is stopped when nothing moves, and nothing of it is left', async (what) => {
    await using slow = await openBench({ stallTimeoutMs: STALL_MS });
    const source = await slow.plane.openSource(fileReader('', never), SIZE);
    const target = await slow.plane.openTarget(fileBlock(await slow.disk('target', pattern(SIZE, 2))), SIZE);
    const work =
      what === 'copy' ? slow.plane.copy(job(source, target)) : slow.plane.firstDifference({ source, target, extents: whole });
    expect(await failureOf(work)).toMatchObject({ ...details, call: what });
    const asleep = async () => (await processesWith('sleep 608')).filter(({ command }) => command.startsWith('sleep'));
    await eventually(async () => expect(await asleep()).toEqual([]));
  });

  test('one that is slow, and moves, is waited for', async () => {
    // Many times what one of the eight requests takes: a busy machine is no storage that hangs.
    const stallTimeoutMs = 12_000;
    await using slow = await openBench({ stallTimeoutMs });
    const program = await wrapper(['noparallel', 'delay']);
    const args = [`file=${await slow.disk('source', pattern(SIZE, 1))}`, 'serialize=all-requests', 'rdelay=1700ms'];
    const source = await slow.plane.openSource(fileReader('', { args, program }), SIZE);
    const target = await slow.plane.openTarget(fileBlock(await slow.disk('target', pattern(SIZE, 2))), SIZE);
    const began = performance.now();
    await slow.plane.copy(job(source, target, { requestBytesMax: SIZE / 8 }));
    expect(performance.now() - began).toBeGreaterThan(stallTimeoutMs);
  });
});
