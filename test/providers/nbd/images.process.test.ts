import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isProviderError } from '../../../src/contracts/provider-error.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import { systemClock } from '../../../src/host/clock.js';
import { diskKey } from '../../../src/model/ids.js';
import type { ObservedVm } from '../../../src/model/observed-source.js';
import { openDataPlane } from '../../../src/transfer/index.js';
import { MachineFolder, MiB } from './machine-folder.js';

const request = { name: 'migplan-test-1', description: '{}' };

async function vmOf(provider: SourceProvider): Promise<ObservedVm> {
  const [lookup] = await provider.observe([{ kind: 'server', server: 'web01' }]);
  return lookup?.kind === 'found' ? lookup.vm : expect.unreachable(`web01 is ${lookup?.kind}`);
}

async function opened(folder: MachineFolder): Promise<SourceProvider> {
  const provider = await folder.open();
  onTestFinished(() => provider[Symbol.asyncDispose]());
  return provider;
}

/** Why the first disk of the machine is not read; undefined when it is. */
const problemOf = async (folder: MachineFolder): Promise<string | undefined> =>
  (await vmOf(await opened(folder))).disks[0]?.unsupported;

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return isProviderError(error)
    ? `${error.details.code} ${error.kind}: ${error.details.detail}`
    : expect.unreachable(String(error));
}

/** All bytes of a disk as a copy would read them. */
async function bytesOf(folder: MachineFolder, provider: SourceProvider, key = 0): Promise<Buffer> {
  const vm = await vmOf(provider);
  const snapshot = await provider.createSnapshot(vm.ref, request);
  const reader = await provider.reader(snapshot, diskKey(key));
  const plane = openDataPlane({ runFolder: folder.path, clock: systemClock });
  try {
    const endpoint = await plane.openSource(reader, snapshot.disks[key]!.capacity);
    const copy = folder.at(`copy-${key}.raw`);
    execFileSync('nbdcopy', [endpoint.uri, copy]);
    await reader.requireUnmoved?.();
    return await readFile(copy);
  } finally {
    await plane[Symbol.asyncDispose]();
    await provider.removeSnapshot(vm.ref, snapshot.ref);
  }
}

/** A QEMU that has an image open, as a running machine has it. */
async function holding(driver: string, path: string): Promise<void> {
  const file = { driver: 'file', filename: path };
  const blockdev = JSON.stringify({ driver, 'node-name': 'disk', file });
  const pidFile = `${path}.pid`;
  const child = spawn('qemu-storage-daemon', [
    ...['--blockdev', blockdev, '--nbd-server', `addr.type=unix,addr.path=${path}.sock`],
    ...['--export', 'type=nbd,id=disk,node-name=disk,name=,writable=on', '--pidfile', pidFile],
  ]);
  onTestFinished(async () => {
    child.kill();
    await once(child, 'exit');
  });
  for (let tries = 0; tries < 200; tries++) {
    if ((await readFile(pidFile, 'utf8').catch(() => '')) !== '') return;
    await sleep(25);
  }
  throw new Error('qemu-storage-daemon did not start');
}

const disks = (path: string, format: string) => ({ disks: [{ path, format }] });

describe('bytes', () => {
  test.each([
    ['raw', 'disk.raw', []],
    ['qcow2', 'disk.qcow2', ['-O', 'qcow2']],
    ['qcow2', 'disk.qcow2', ['-c', '-O', 'qcow2']],
    ['vmdk', 'disk.vmdk', ['-O', 'vmdk']],
    ['vmdk', 'disk.vmdk', ['-O', 'vmdk', '-o', 'subformat=monolithicFlat']],
    ['vmdk', 'disk.vmdk', ['-O', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse']],
    ['vmdk', 'disk.vmdk', ['-O', 'vmdk', '-o', 'subformat=streamOptimized']],
  ] as const)('of a %s image (%s %j) are those of the disk', async (format, name, how) => {
    const folder = await MachineFolder.ofTest();
    const plain = await folder.raw(how.length === 0 ? name : 'plain.raw', { at: [0, 3 * MiB, 8 * MiB - 4096] });
    if (how.length > 0) folder.qemuImg('convert', '-f', 'raw', ...how, 'plain.raw', name);
    await folder.machine(disks(name, format));
    const provider = await opened(folder);
    expect((await vmOf(provider)).disks).toMatchObject([{ capacity: 8 * MiB }]);
    expect((await bytesOf(folder, provider)).equals(await readFile(plain))).toBe(true);
  });

  test('a raw image that looks like qcow2 with a backing file is copied as the bytes it is', async () => {
    const folder = await MachineFolder.ofTest();
    await writeFile(folder.at('secret.raw'), Buffer.alloc(MiB, 'secret'));
    folder.qemuImg('create', '-q', '-f', 'qcow2', '-b', folder.at('secret.raw'), '-F', 'raw', 'disk.raw');
    await truncate(folder.at('disk.raw'), MiB);
    await folder.machine(disks('disk.raw', 'raw'));
    const copy = await bytesOf(folder, await opened(folder));
    expect(copy.equals(await readFile(folder.at('disk.raw')))).toBe(true);
    expect(copy.includes('secretsecret')).toBe(false);
  });

  test('a vmdk as a datastore has it, with VMFS extents', async () => {
    const folder = await MachineFolder.ofTest();
    const flat = await folder.raw('web01-flat.vmdk', { at: [MiB] });
    await writeFile(
      folder.at('web01.vmdk'),
      `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType="vmfs"\n\n# Extent description\nRW ${(8 * MiB) / 512} VMFS "web01-flat.vmdk"\n\n# The Disk Data Base\n#DDB\n`,
    );
    await folder.machine(disks('web01.vmdk', 'vmdk'));
    expect((await bytesOf(folder, await opened(folder))).equals(await readFile(flat))).toBe(true);
  });
});

describe('an image that leads elsewhere is not read', () => {
  test('one with a backing file, external data or encryption', async () => {
    const folder = await MachineFolder.ofTest();
    await folder.raw('base.raw');
    folder.qemuImg('create', '-q', '-f', 'qcow2', '-b', 'base.raw', '-F', 'raw', 'backed.qcow2');
    folder.qemuImg('create', '-q', '-f', 'qcow2', '-o', 'data_file=base.raw,data_file_raw=on', 'external.qcow2', '8M');
    // Not LUKS, which is told the same way: making one measures the processor first, and fails on a busy machine.
    const aes = ['--object', 'secret,id=k,data=x', '-o', 'encrypt.format=aes,encrypt.key-secret=k'];
    folder.qemuImg('create', '-q', '-f', 'qcow2', ...aes, 'locked.qcow2', '8M');
    for (const [name, why] of [
      ['backed', /has a backing file/],
      ['external', /keeps its data in another file/],
      ['locked', /is encrypted/],
    ] as const) {
      await folder.machine(disks(`${name}.qcow2`, 'qcow2'));
      expect(await problemOf(folder)).toMatch(why);
    }
    await folder.machine(disks('base.raw', 'qcow2'));
    expect(await problemOf(folder)).toMatch(/is said to be qcow2, and is not/);
  });

  test('a vmdk with a parent, or with extents in other folders', async () => {
    const folder = await MachineFolder.ofTest();
    await folder.raw('a-flat.vmdk');
    await symlink('/etc/hostname', folder.at('link-flat.vmdk'));
    const write = (lines: string) => writeFile(folder.at('a.vmdk'), `# Disk DescriptorFile\nversion=1\nCID=1\n${lines}\n`);
    await folder.machine(disks('a.vmdk', 'vmdk'));
    for (const [lines, why] of [
      ['parentCID=12345678\nRW 16384 FLAT "a-flat.vmdk" 0', /stands on another disk/],
      ['parentFileNameHint="b.vmdk"\nRW 16384 FLAT "a-flat.vmdk" 0', /stands on another disk/],
      ['RW 16384 FLAT "/etc/passwd" 0', /not a plain name/],
      ['RW 16384 FLAT "../a-flat.vmdk" 0', /not a plain name/],
      ['RW 16384 FLAT "nbd:127.0.0.1:10809" 0', /not a plain name/],
      ['RW 16384 FLAT "link-flat.vmdk" 0', /not below a folder/],
      ['RW 32768 FLAT "a-flat.vmdk" 0', /is shorter than/],
      ['RW 16384 VMFSRDM "a-flat.vmdk"', /of kind VMFSRDM/],
      ['\nRW 16384 FLAT "a-flat.vmdk" 0', /counts twice/],
      ['NOACCESS 16384 FLAT "a-flat.vmdk" 0', /cannot be read/],
      ['', /has no extents/],
    ] as const) {
      await write(lines);
      expect(await problemOf(folder), lines).toMatch(why);
    }
  });

  test('a sparse vmdk that is an extent and names further files is found when it is opened', async () => {
    const folder = await MachineFolder.ofTest();
    await folder.raw('outside.raw', { at: [0] });
    // A sparse header without a size: qemu reads the descriptor inside of it.
    const nested = Buffer.alloc(MiB);
    nested.write('KDMV', 0, 'latin1');
    nested.writeUInt32LE(1, 4);
    nested.writeBigUInt64LE(1n, 28);
    nested.writeBigUInt64LE(20n, 36);
    nested.write(
      '# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="monolithicFlat"\nRW 16384 FLAT "outside.raw" 0\n',
      512,
    );
    await writeFile(folder.at('inner.vmdk'), nested);
    await writeFile(
      folder.at('a.vmdk'),
      '# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType="twoGbMaxExtentSparse"\nRW 16384 SPARSE "inner.vmdk"\n',
    );
    await folder.machine(disks('a.vmdk', 'vmdk'));
    const provider = await opened(folder);
    const { ref } = await vmOf(provider);
    expect(await refusal(provider.createSnapshot(ref, request))).toMatch(/^MP5012 failed: /);
  });

  test('links out of the folders, folders, devices, and sizes that no disk has', async () => {
    const folder = await MachineFolder.ofTest();
    await mkdir(folder.at('images'));
    await symlink('/etc/hostname', folder.at('out.raw'));
    await symlink('images', folder.at('in'));
    await folder.raw('images/good.raw');
    await writeFile(folder.at('odd.raw'), 'x');
    for (const [path, why] of [
      ['out.raw', /not below a folder/],
      ['/dev/zero', /not below a folder/],
      ['../none.raw', /no such file/],
      ['images', /not a regular file/],
      ['odd.raw', /has 1 bytes/],
    ] as const) {
      await folder.machine(disks(path, 'raw'));
      expect(await problemOf(folder), path).toMatch(why);
    }
    await folder.machine(disks('in/good.raw', 'raw'));
    expect(await problemOf(folder)).toBeUndefined();
  });
});

describe('an image that somebody uses', () => {
  test.each(['raw', 'qcow2'] as const)('a %s image of a running machine is told, and never opened', async (format) => {
    const folder = await MachineFolder.ofTest();
    folder.qemuImg('create', '-q', '-f', format, `disk.${format}`, '8M');
    await folder.machine(disks(`disk.${format}`, format));
    const provider = await opened(folder);
    const before = await vmOf(provider);
    await holding(format, folder.at(`disk.${format}`));
    const now = await vmOf(provider);
    expect(now).toMatchObject({ power: 'on', obstacles: [expect.stringContaining('a QEMU on this machine has')] });
    expect(await provider.powerState(before.ref)).toBe('on');
    expect(await refusal(provider.createSnapshot(before.ref, request))).toMatch(/^MP5011 held: /);
    expect(await refusal(provider.powerOff(before.ref))).toMatch(/^MP5011 unsupported: /);
  });

  test('while it is held for a copy, no QEMU may write to it', async () => {
    const folder = await MachineFolder.ofTest();
    await folder.raw('disk.raw');
    await folder.machine(disks('disk.raw', 'raw'));
    const provider = await opened(folder);
    const { ref } = await vmOf(provider);
    const snapshot = await provider.createSnapshot(ref, request);
    const write = () => execFileSync('qemu-io', ['-f', 'raw', '-c', 'write 0 512', folder.at('disk.raw')], { stdio: 'pipe' });
    expect(write).toThrow(/lock/);
    await provider.removeSnapshot(ref, snapshot.ref);
    expect(write).not.toThrow();
  });

  test('a lock of VMware beside a vmdk is believed', async () => {
    const folder = await MachineFolder.ofTest();
    folder.qemuImg('create', '-q', '-f', 'vmdk', 'disk.vmdk', '8M');
    await mkdir(folder.at('disk.vmdk.lck'));
    await folder.machine(disks('disk.vmdk', 'vmdk'));
    expect(await vmOf(await opened(folder))).toMatchObject({
      power: 'on',
      obstacles: [expect.stringContaining('disk.vmdk.lck')],
    });
  });

  test('another file in its place, or a time that was put back, is another content', async () => {
    const folder = await MachineFolder.ofTest();
    const path = await folder.raw('disk.raw');
    const past = new Date('2026-01-01T00:00:00Z');
    await utimes(path, past, past);
    await folder.machine(disks('disk.raw', 'raw'));
    const provider = await opened(folder);
    const content = async () => (await vmOf(provider)).disks[0]?.changeId;
    const first = await content();
    expect(first?.sequence).toBe(past.getTime() / 1000);
    expect(await content()).toEqual(first);
    await writeFile(path, Buffer.alloc(8 * MiB, 1));
    await utimes(path, past, past);
    const second = await content();
    expect(second?.epoch).not.toBe(first?.epoch);
    await rename(await folder.raw('other.raw'), path);
    await utimes(path, past, past);
    expect([first?.epoch, second?.epoch]).not.toContain((await content())?.epoch);
    await folder.machine({ disks: [{ path: join(folder.path, 'disk.raw'), format: 'raw' }] });
    expect((await vmOf(await opened(folder))).disks[0]?.changeId?.epoch).toBe((await content())?.epoch);
    const { ref } = await vmOf(provider);
    const snapshot = await provider.createSnapshot(ref, request);
    expect(await refusal(provider.changedExtents(snapshot, snapshot.disks[0]!.key, first!))).toMatch(/^MP5014 cbt-invalid: /);
    expect(await provider.changedExtents(snapshot, snapshot.disks[0]!.key, (await content())!)).toEqual([]);
    expect(await refusal(provider.enableChangeTracking(ref))).toMatch(/^MP2005 cbt-invalid: /);
  });
});

describe('exports of an NBD server', () => {
  test('a disk behind a URI is read, and nobody says what it holds', async () => {
    const folder = await MachineFolder.ofTest();
    const path = await folder.raw('disk.raw', { at: [MiB] });
    const socket = folder.at('export.sock');
    const server = spawn('nbdkit', ['--foreground', '--exit-with-parent', '-r', '--unix', socket, 'file', path]);
    onTestFinished(() => void server.kill());
    const uri = `nbd+unix:///?socket=${socket}`;
    await folder.machine({ disks: [{ uri, format: 'raw' }] });
    const provider = await opened(folder);
    for (let tries = 0; tries < 100 && (await vmOf(provider)).disks[0]?.unsupported !== undefined; tries++) await sleep(50);
    const { disks: found } = await vmOf(provider);
    expect(found).toMatchObject([{ capacity: 8 * MiB }]);
    expect(found[0]).not.toHaveProperty('changeId');
    expect((await bytesOf(folder, provider)).equals(await readFile(path))).toBe(true);
  });

  test('a server that is not there is a disk that cannot be read', async () => {
    const folder = await MachineFolder.ofTest();
    await folder.machine({ disks: [{ uri: 'nbd://127.0.0.1:1/none', format: 'raw' }] });
    expect(await problemOf(folder)).toMatch(/^nbd:\/\/127\.0\.0\.1:1\/none: .*refused/);
  });
});
