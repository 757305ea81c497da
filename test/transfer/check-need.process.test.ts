import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../lab/vcenter-sim/ensure-built.js';
import type { MachineNeed } from '../../src/contracts/disk-reader.js';
import { ProgramFinder } from '../../src/host/program.js';
import { openRunFolder, type RunFolder } from '../../src/host/run-folder.js';
import { needsPreflight } from '../../src/transfer/index.js';

// A reader is tried before anything is touched: what is missing is named, with a way out. No disk and no server is needed for it.
const ROOT = join(import.meta.dirname, '../..');
const STAND_IN = join(ROOT, 'lab/vddk-sim/nbdkit');
let folder: string;
let run: RunFolder;

beforeAll(() => ensureBuilt(ROOT, ['lab/vddk-sim']));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reader-'));
  run = await openRunFolder();
});
afterEach(async () => {
  await run[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function check(need: MachineNeed, programs = new ProgramFinder()): Promise<string[]> {
  const found = await needsPreflight(programs, async () => run.path)([need]);
  for (const { nextSteps } of found) expect(nextSteps?.length).toBeGreaterThan(0);
  return found.map(({ code, detail }) => `${code} ${detail.replaceAll(folder, '')}`);
}

const vddk = (over: Partial<Extract<MachineNeed, { kind: 'plugin' }>> = {}): MachineNeed => ({
  kind: 'plugin',
  program: STAND_IN,
  plugin: 'vddk',
  args: [`libdir=${join(folder, 'vddk')}`],
  library: { folder: join(folder, 'vddk'), name: 'libvixDiskLib.so' },
  ...over,
});

async function install(content = '', name = 'libvixDiskLib.so.8'): Promise<void> {
  await mkdir(join(folder, 'vddk/lib64'), { recursive: true });
  await writeFile(join(folder, 'vddk/lib64', name), content);
}

describe('nbdkit with VDDK', () => {
  test('one that loads, and refuses what is no disk, is well', async () => {
    await install();
    expect(await check(vddk())).toEqual([]);
  });

  test('the plugin is not installed, and neither is the library: both are named', async () => {
    expect(await check(vddk({ program: 'nbdkit', plugin: 'nosuch' }))).toEqual([
      expect.stringMatching(/^MP8006 nbdkit cannot load its plugin nosuch: cannot open plugin 'nosuch': .*No such file/),
      'MP8007 libdir /vddk is no folder of this machine',
    ]);
  });

  test('the program that the Project names in place of nbdkit is not there', async () => {
    await install();
    expect(await check(vddk({ program: '/nonexistent/nbdkit' }))).toEqual([
      'MP8006 /nonexistent/nbdkit cannot load its plugin vddk: /nonexistent/nbdkit is not a program that can be run',
    ]);
  });

  test('nbdkit is not installed', async () => {
    await install();
    expect(await check(vddk({ program: 'nbdkit' }), new ProgramFinder('/nonexistent'))).toEqual([
      expect.stringMatching(/^MP8006 nbdkit cannot be used|^MP8006 .*vddk/),
    ]);
  });

  test('libdir has no library in it', async () => {
    await mkdir(join(folder, 'vddk'));
    expect(await check(vddk())).toEqual(['MP8007 libdir /vddk has no libvixDiskLib.so in it, nor in lib64 below it']);
  });

  test.each([
    ['it lacks another library', 'needs libcrypt.so.1', undefined, 'libcrypt.so.1: cannot open shared object file'],
    ['nbdkit does not look for this version', '', 'libvixDiskLib.so.9', 'libvixDiskLib.so.8: cannot open shared object file'],
  ])('the library cannot be loaded: %s', async (_name, content, name, words) => {
    await install(content, name);
    expect(await check(vddk())).toEqual([
      expect.stringMatching(/^MP8007 .*lab\/vddk-sim\/nbdkit vddk does not start with the library in \/vddk: vddk: /),
    ]);
    expect((await check(vddk()))[0]).toContain(words);
  });

  test.each([
    ['start', 'when it loaded the library'],
    ['open', 'when it opened a first disk'],
  ])('the library ends nbdkit by a signal at its %s', async (at, when) => {
    await install(`crashes at ${at}`);
    expect(await check(vddk())).toEqual([
      expect.stringContaining(`was ended by SIGSEGV ${when}: the library in /vddk does not fit`),
    ]);
  });
});

describe('storage', () => {
  test('a configuration of Ceph that is there, and the driver', async () => {
    await writeFile(join(folder, 'old.conf'), '');
    expect(await check({ kind: 'rbd', conf: join(folder, 'old.conf') })).toEqual([]);
    expect(await check({ kind: 'rbd', conf: join(folder, 'new.conf') })).toEqual([
      'MP8009 /new.conf, which names a Ceph cluster, cannot be read',
    ]);
  });

  test.each(['rbd', 'iscsi', 'nfs'] as const)('qemu has no driver %s (Debian without qemu-block-extra)', async (driver) => {
    await writeFile(join(folder, 'old.conf'), '');
    const need: MachineNeed = driver === 'rbd' ? { kind: 'rbd', conf: join(folder, 'old.conf') } : { kind: 'driver', driver };
    expect(await check(need)).toEqual([]);
    // The words of 7.2 without the package.
    const says = `#!/bin/sh
[ "$1" = --version ] && echo qemu-storage-daemon version 7.2.22 && exit
echo "qemu: module block-block-${driver} not found, do you want to install qemu-block-extra package?" >&2
echo "qemu-storage-daemon: --blockdev $2: Unknown driver '${driver}'" >&2
exit 1
`;
    await writeFile(join(folder, 'qemu-storage-daemon'), says, { mode: 0o755 });
    const words = `qemu: module block-block-${driver} not found, do you want to install qemu-block-extra package?`;
    const told = `qemu cannot open volumes by its driver ${driver} here: ${words}`;
    expect(await check(need, new ProgramFinder(folder))).toEqual([`MP8009 ${told}`]);
    const severity = async (isOneOfSeveral: boolean) =>
      (await needsPreflight(new ProgramFinder(folder), async () => run.path)([{ ...need, isOneOfSeveral }]))[0]!.severity;
    expect([await severity(false), await severity(true)]).toEqual(['error', 'warning']);
  });

  test('a folder of the Project that is on another machine', async () => {
    expect(await check({ kind: 'folder', path: folder })).toEqual([]);
    expect(await check({ kind: 'folder', path: join(folder, 'volumes') })).toEqual([
      'MP8009 /volumes, where the Project says that volumes are, is no folder of this machine',
    ]);
  });
});
