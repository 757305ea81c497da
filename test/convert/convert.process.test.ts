import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emulatedAppliance } from '../../lab/guests/emulated.js';
import { makePhotonDisk, makeVirtioWin, makeVirtTools, makeWindowsDisk } from '../../lab/guests/make.js';
import type { ConversionJob } from '../../src/contracts/converter.js';
import type { NbdEndpoint } from '../../src/contracts/data-plane.js';
import { ConvertError } from '../../src/convert/errors.js';
import { openConverter } from '../../src/convert/index.js';
import { systemClock } from '../../src/host/clock.js';
import { openRunFolder, type RunFolder } from '../../src/host/run-folder.js';
import { diskKey } from '../../src/model/ids.js';
import { openDataPlane } from '../../src/transfer/index.js';
import { eventually } from '../eventually.js';
import { type Compiled, compileSources, processesWith } from '../host/compiled.js';

/** A conversion wants 100 MB of free space in the guest. */
const BYTES = 144 * 2 ** 20;
/** The conversion itself takes half a minute where nothing else runs, and there is no KVM. */
const TIMEOUT = 1_200_000;

let folder: string;
let run: RunFolder;
let compiled: Compiled;
let plane: ReturnType<typeof openDataPlane>;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp('/var/tmp/convert-');
  run = await openRunFolder();
  plane = openDataPlane({ runFolder: run.path, clock: systemClock });
  compiled = await compileSources('convert');
  env = {
    VIRTIO_WIN: join(folder, 'virtio-win'),
    VIRT_TOOLS_DATA_DIR: join(folder, 'virt-tools'),
    ...emulatedAppliance,
  };
  await makeVirtioWin(env['VIRTIO_WIN']!);
  await makeVirtTools(env['VIRT_TOOLS_DATA_DIR']!);
  await makeWindowsDisk(join(folder, 'windows'), { bytes: BYTES });
  await makeWindowsDisk(join(folder, 'hibernated'), { bytes: BYTES, hibernated: true });
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await run[Symbol.asyncDispose]();
  await compiled[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const digest = async (path: string) =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
const exportOf = (path: string): Promise<NbdEndpoint> => plane.openTarget({ driver: 'file', path }, BYTES);

async function jobOf(name: string, guest: string): Promise<{ job: ConversionJob; volume: string; overlay: string }> {
  const volume = join(folder, `${name}.volume`);
  await copyFile(join(folder, guest), volume);
  const overlay = join(folder, name, 'overlays', '2000.qcow2');
  const disk = { key: diskKey(2000), endpoint: await exportOf(volume), overlay };
  const job = {
    name,
    firmware: 'bios',
    guestFamily: 'windows',
    root: '/dev/sda1',
    disks: [disk],
    folder: join(folder, name),
  } as const;
  return { job, volume, overlay };
}

/** A process of its own that does one thing with the converter, so that it can be killed. */
function inOwnProcess(call: string, argument: unknown) {
  const script = `import { openConverter } from '${compiled.url('convert/index.js')}';
    await openConverter({ env: ${JSON.stringify(env)} }).${call}(${JSON.stringify(argument)});`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
}

const nobodyUses = (mark: string) =>
  eventually(async () => expect((await processesWith(mark)).map(({ command }) => command)).toEqual([]));

test('a Windows guest: untouched until the commit, which can be cut short and repeated', { timeout: TIMEOUT }, async () => {
  const { job, volume, overlay } = await jobOf('good', 'windows');
  const before = await digest(volume);
  const stages: number[] = [];
  const converter = openConverter({ env });
  const report = await converter.convert({ ...job, onStage: (_stage, percent) => stages.push(percent) });
  expect(report).toEqual({
    disk: 'virtio',
    network: 'virtio',
    firmware: 'any',
    warnings: [],
    // As the overlay shows it before anything is merged.
    guest: {
      disks: [{ key: 2000, bios: true, efi: false, encrypted: [], windows: [] }],
      systems: [{ root: '/dev/sda1', family: 'windows', name: 'Windows Server 2019 Standard', disks: [2000] }],
    },
  });
  expect(stages.at(-1)).toBe(100);
  expect(stages).toEqual([...stages].sort((a, b) => a - b));
  expect(await digest(volume), 'before the commit').toBe(before);
  expect(await converter.hasOverlay(overlay)).toBe(true);
  expect((await readdir(job.folder)).sort()).toEqual(['domain.xml', 'overlays']);

  // The socket of the first run is gone; the commit uses the one of today.
  await job.disks[0]!.endpoint.close();
  await copyFile(volume, `${volume}.other`);
  const whole = { ...job.disks[0]!, endpoint: await exportOf(`${volume}.other`) };
  await converter.commit(whole);
  const expected = await digest(`${volume}.other`);
  expect(expected).not.toBe(before);

  for (let delay = 0; delay < 6; delay++) {
    const disk = { ...job.disks[0]!, endpoint: await exportOf(volume) };
    const node = inOwnProcess('commit', disk);
    await eventually(async () => {
      const running = await processesWith(overlay);
      expect(node.exitCode !== null || running.some(({ command }) => /qemu-img commit/.test(command))).toBe(true);
    }, 1);
    await systemClock.sleep(delay * 5);
    node.kill('SIGKILL');
    await nobodyUses(`${overlay}"`);
    await disk.endpoint.close();
  }
  const disk = { ...job.disks[0]!, endpoint: await exportOf(volume) };
  await converter.commit(disk);
  expect(await digest(volume), 'after commits that were cut short').toBe(expected);
  await converter.commit(disk);
  expect(await digest(volume), 'after one more').toBe(expected);

  await converter.discard(overlay);
  await converter.discard(overlay);
  expect(await converter.hasOverlay(overlay)).toBe(false);
  await expect(converter.commit(disk)).rejects.toMatchObject({ details: { code: 'MP7002' } });
});

test('a hibernated guest: refused with what to do, volume as it was, nothing left', { timeout: TIMEOUT }, async () => {
  const { job, volume, overlay } = await jobOf('asleep', 'hibernated');
  const before = await digest(volume);
  const error = await openConverter({ env })
    .convert(job)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConvertError);
  const { code, detail, nextSteps = [] } = (error as ConvertError).details;
  expect(code).toBe('MP7001');
  expect(detail).toContain('Hibernation or Fast Restart');
  expect(nextSteps[0]).toContain('powercfg');
  expect(await digest(volume)).toBe(before);
  await expect(access(overlay)).rejects.toThrow('ENOENT');
  expect((await readdir(job.folder)).sort()).toEqual(['domain.xml', 'overlays']);
  await nobodyUses(`${job.folder}/`);
});

describe('cut short', () => {
  test('kill -9 while the guest is inspected: volume as it was, no process left', { timeout: TIMEOUT }, async () => {
    const { job, volume, overlay } = await jobOf('killed', 'windows');
    const before = await digest(volume);
    const node = inOwnProcess('convert', job);
    const commands = async () => (await processesWith(`${job.folder}/`)).map(({ command }) => command).join('\n');
    await eventually(async () => expect(await commands()).toMatch(/qemu-system/));
    expect(await commands()).toMatch(/qemu-nbd/);
    node.kill('SIGKILL');
    await nobodyUses(`${job.folder}/`);
    expect(await digest(volume)).toBe(before);
    expect(await openConverter().hasOverlay(overlay)).toBe(false);
  });

  test('abort: rejects with the reason, nothing left', { timeout: TIMEOUT }, async () => {
    const { job, volume, overlay } = await jobOf('aborted', 'windows');
    const before = await digest(volume);
    const abort = new AbortController();
    const converting = openConverter({ env }).convert({
      ...job,
      signal: abort.signal,
      onStage: (stage) => stage.startsWith('Opening') && abort.abort(new Error('stop now')),
    });
    await expect(converting).rejects.toThrow('stop now');
    await nobodyUses(`${job.folder}/`);
    expect(await digest(volume)).toBe(before);
    await expect(access(overlay)).rejects.toThrow('ENOENT');
  });
});

test('an overlay that changed after it was completed does not count', async () => {
  const { completeOverlay, createOverlay } = await import('../../src/convert/overlay.js');
  const { ProgramFinder } = await import('../../src/host/program.js');
  const { job, overlay } = await jobOf('altered', 'windows');
  const programs = new ProgramFinder();
  await createOverlay(job.disks[0]!, programs);
  expect(await openConverter().hasOverlay(overlay)).toBe(false);
  await completeOverlay(overlay, programs);
  expect(await openConverter().hasOverlay(overlay)).toBe(true);
  await copyFile(join(folder, 'windows'), overlay);
  expect(await openConverter().hasOverlay(overlay)).toBe(false);
});

test('a look at a blank disk before a Windows that sleeps: what boots, what system, and that it sleeps', {
  timeout: TIMEOUT,
}, async () => {
  const { job, volume } = await jobOf('looked-at', 'hibernated');
  const before = await digest(volume);
  const blank = join(folder, 'blank.volume');
  await writeFile(blank, '');
  await truncate(blank, BYTES);
  const disks = [{ key: diskKey(1999), endpoint: await exportOf(blank) }, job.disks[0]!];
  expect(await openConverter({ env }).inspect({ disks })).toEqual({
    disks: [
      { key: 1999, bios: false, efi: false, encrypted: [], windows: [] },
      { key: 2000, bios: true, efi: false, encrypted: [], windows: ['hibernated'] },
    ],
    systems: [{ root: '/dev/sdb1', family: 'windows', name: 'Windows Server 2019 Standard', disks: [2000] }],
  });
  expect(await digest(volume)).toBe(before);
});

test('a look at a Linux that virt-v2v gives up on: it is none that can be converted, before it is powered off', {
  timeout: TIMEOUT,
}, async () => {
  const disk = join(folder, 'photon.volume');
  await makePhotonDisk(disk, { bytes: BYTES });
  const { systems } = await openConverter({ env }).inspect({ disks: [{ key: diskKey(2000), endpoint: await exportOf(disk) }] });
  expect(systems).toMatchObject([
    { root: '/dev/sda', family: 'other', name: expect.stringMatching(/Photon.*virt-v2v does not know/) },
  ]);
});
