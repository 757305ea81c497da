import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../../../lab/harness/until.js';
import { systemClock } from '../../../src/host/clock.js';
import { LocalDeviceHost } from '../../../src/providers/openstack/access/local-device-host.js';
import { openDataPlane } from '../../../src/transfer/index.js';
import { differsAt, fileReader, pattern } from '../../transfer/disks.js';
import { refusalOf } from './refusal-of.js';
import { hostPrograms, RemoteScene, SIZE, server, site, sshPids } from './remote-scene.js';

const MiB = 2 ** 20;
const whole = [{ offset: 0, length: SIZE }];

/** A sysfs that says `about` of the scene's device, and otherwise what the kernel says. */
async function sysfs(scene: RemoteScene, about: Readonly<Record<string, string>>): Promise<string> {
  const name = basename(scene.device.path);
  const sysDir = join(scene.device.folder, 'sys');
  await mkdir(join(sysDir, 'class/block', name, 'device'), { recursive: true });
  await mkdir(join(sysDir, 'class/dmi/id'), { recursive: true });
  for (const file of ['dev', 'size'])
    await symlink(join('/sys/class/block', name, file), join(sysDir, 'class/block', name, file));
  for (const [file, text] of Object.entries(about)) {
    const path = join(sysDir, file.startsWith('class/') ? file : join('class/block', name, file));
    await rm(path, { force: true });
    await writeFile(path, text, 'latin1');
  }
  return sysDir;
}

describe('a volume at the other end of ssh', () => {
  test('gets the bytes, zeroes over what was there included, and has them when it is given back', async () => {
    const scene = await RemoteScene.start();
    const content = pattern(SIZE, 1).fill(0, 2 * MiB, 6 * MiB);
    const source = join(scene.sockets, 'source');
    await writeFile(source, content);
    await writeFile(scene.device.path, pattern(SIZE, 2));
    const claim = await scene.claim();
    const socket = await stat((claim.block as { socket: string }).socket);
    expect([socket.isSocket(), socket.mode & 0o777]).toEqual([true, 0o600]);

    await using plane = openDataPlane({ runFolder: scene.sockets, clock: systemClock });
    const [from, to] = [await plane.openSource(fileReader(source), SIZE), await plane.openTarget(claim.block, SIZE)];
    await plane.copy({ source: from, target: to, extents: whole, skipZeroes: false, requestBytesMax: MiB, connections: 2 });
    expect(await plane.firstDifference({ source: from, target: to, extents: whole })).toBeUndefined();
    await to.close();
    expect(await claim.broken?.()).toBeUndefined();
    await claim.close();
    await claim.close();
    await scene.quiet();
    expect(differsAt(await readFile(scene.device.path), content)).toBeUndefined();
    expect(await sshPids(scene)).toEqual([]);
  });

  test('is flushed, zeroed and trimmed there, and may be written over several connections', async () => {
    const scene = await RemoteScene.start();
    const claim = await scene.claim();
    const uri = `nbd+unix:///?socket=${(claim.block as { socket: string }).socket}`;
    const can = JSON.parse(execFileSync('nbdinfo', ['--json', uri], { encoding: 'utf8' })).exports[0];
    expect(can).toMatchObject({ 'export-size': SIZE, can_multi_conn: true, can_flush: true, can_zero: true, can_trim: true });
    const io = (...commands: string[]) => {
      execFileSync('qemu-io', ['-f', 'raw', '-d', 'unmap', ...commands.flatMap((one) => ['-c', one]), uri]);
      return stat(scene.device.backing);
    };
    // Past the device's own cache, in the file behind it, while it is held.
    const written = await io('write -P 7 0 8M', 'flush');
    expect(differsAt(await readFile(scene.device.backing), Buffer.alloc(SIZE, 7))).toBeUndefined();
    const zeroed = await io('write -z -u 0 4M', 'flush');
    expect((await readFile(scene.device.backing)).subarray(0, 4 * MiB).every((byte) => byte === 0)).toBe(true);
    expect(zeroed.blocks).toBeLessThan(written.blocks);
    expect((await io('discard 4M 4M', 'flush')).blocks).toBeLessThan(zeroed.blocks);
  });

  test('is not another device: serial, partition, number and size are looked at before anything is served', async () => {
    const scene = await RemoteScene.start();
    const wrong = async (about: Readonly<Record<string, string>>, size = SIZE): Promise<string> => {
      const sysDir = await sysfs(scene, about);
      const refused = await refusalOf(scene.claim({ size, host: { folders: { byIdDir: scene.device.byIdDir, sysDir } } }));
      await rm(sysDir, { recursive: true });
      return refused.said;
    };
    expect(await wrong({}, SIZE + 512)).toContain(`it has ${SIZE} bytes where the volume has ${SIZE + 512}; nothing was written`);
    if (scene.device.kind === 'file') return;
    expect(await wrong({ serial: 'c0ffee00-1111-4222-8' })).toContain("its serial is 'c0ffee00-1111-4222-8'");
    expect(await wrong({ 'device/vpd_pg80': '\0\x80\0\x24c0ffee00-1111-4222-8333-444455556666' })).toContain('its serial is');
    expect(await wrong({ partition: '1' })).toContain('it is a partition');
    expect(await wrong({ dev: '254:0' })).toContain('is about another device');
    const right = await sysfs(scene, { serial: scene.volume.slice(0, 20) });
    await (await scene.claim({ host: { folders: { byIdDir: scene.device.byIdDir, sysDir: right } } })).close();
  });

  test('of an encrypted volume the LUKS header may be missing', async () => {
    const scene = await RemoteScene.start();
    await (await scene.claim({ size: SIZE + 16 * MiB, encrypted: true })).close();
  });

  test('several devices with its serial are refused', async () => {
    const scene = await RemoteScene.start();
    await symlink(scene.device.backing, join(scene.device.byIdDir, `scsi-0QEMU_QEMU_HARDDISK_${scene.volume}`));
    if (scene.device.kind === 'loop') expect((await refusalOf(scene.claim())).said).toContain('several devices have the serial');
  });

  test('one that does not show is waited for with a bound, and the machine tells which it is', async () => {
    const scene = await RemoteScene.start();
    const sysDir = await sysfs(scene, { 'class/dmi/id/product_uuid': 'ABCDEF01-2222-4333-8444-555555555555\n' });
    const host = scene.host({ host: { folders: { byIdDir: '/nowhere', sysDir } } });
    const expected = { volume: scene.volume, size: SIZE, encrypted: false };
    expect(await host.claim(expected, { site, timeoutMs: 300 })).toEqual({
      none: true,
      machine: 'abcdef01-2222-4333-8444-555555555555',
    });
  });

  test('one that shows late is taken', async () => {
    const scene = await RemoteScene.start();
    const link = join(scene.device.byIdDir, `virtio-${scene.volume.slice(0, 20)}`);
    await rm(link);
    const claim = scene.claim({ timeoutMs: 20_000 });
    await until('the program to wait', async () => (await scene.running()).has('python'));
    await symlink(scene.device.path, link);
    expect((await claim).block.driver).toBe('nbd');
  });
});

describe('a device that is held', () => {
  test('by another run, on the host itself or by ssh, is refused to everybody', async () => {
    const scene = await RemoteScene.start();
    if (scene.device.kind === 'file') return;
    const claim = await scene.claim();
    const { said, error } = await refusalOf(scene.claim());
    expect(said).toContain(`${scene.device.path}, which is volume ${scene.volume}, cannot be opened: host conv1 uses it`);
    expect(error.details.nextSteps?.join()).toContain('pgrep -af nbdkit');
    const here = new LocalDeviceHost({ byIdDir: scene.device.byIdDir, sysDir: '/sys' }, systemClock);
    const expected = { volume: scene.volume, size: SIZE, encrypted: false };
    expect((await refusalOf(here.claim(expected, { site, timeoutMs: 0 }))).said).toContain('this machine uses it');
    await claim.close();
    const other = await open(scene.device.path, constants.O_RDWR | constants.O_EXCL);
    expect((await refusalOf(scene.claim())).said).toContain('host conv1 uses it');
    await other.close();
    await (await scene.claim()).close();
  });
});

describe('death', () => {
  const kill = (pid: number | undefined) => process.kill(pid!, 'SIGKILL');

  test.each([
    ['ssh', async (scene: RemoteScene) => (await sshPids(scene)).forEach(kill), /the connection to host conv1/],
    [
      'the program on the host',
      async (scene: RemoteScene) => kill((await scene.running()).get('python')),
      /the connection to host/,
    ],
    ['nbdkit', async (scene: RemoteScene) => kill((await scene.running()).get('nbdkit')), /nbdkit on host conv1 .* status -9/],
  ])('of %s ends all of it, is told as the reason, and the device can be had again', async (_name, strike, reason) => {
    const scene = await RemoteScene.start();
    const claim = await scene.claim();
    expect([...(await scene.running()).keys()]).toEqual(expect.arrayContaining(['nbdkit', 'python']));
    await strike(scene);
    await scene.dead();
    expect(String(await claim.broken?.())).toMatch(reason);
    await claim.close();
    await scene.ageFolders();
    await (await scene.claim()).close();
  });

  test('of everybody else does not free the device while nbdkit lives: it has the claim too', async () => {
    const scene = await RemoteScene.start();
    if (scene.device.kind === 'file') return;
    await scene.claim();
    const nbdkit = `/proc/${(await scene.running()).get('nbdkit')}`;
    // It opens the device for each client, and the one that looked whether it speaks is leaving.
    await until('nbdkit to have no client', async () => (await readdir(`${nbdkit}/task`)).length === 1);
    const open = await Promise.all((await readdir(`${nbdkit}/fd`)).map((fd) => readlink(`${nbdkit}/fd/${fd}`)));
    expect(open.filter((path) => path === scene.device.path)).toHaveLength(1);
  });

  test('of the program on the host ends a server that would not notice by itself', async () => {
    // Debian's nbdkit ends when its parent does, without being told to; another stands in for it here.
    const serve = `exec qemu-nbd --persistent --socket="$3" --pid-file="$5" --format=raw "\${7#file=}"`;
    const nbdkit = `[ "$1" = --version ] && echo nbdkit 1.32.5 && exit; ${serve}`;
    const path = `${await hostPrograms({ nbdkit })}:/usr/bin:/bin`;
    const scene = await RemoteScene.start({ path });
    await scene.claim();
    kill((await scene.running()).get('python'));
    await scene.dead();
    await scene.ageFolders();
    await (await scene.claim()).close();
  });

  test('a line that has gone silent: the host ends by itself what nobody can reach any more', async () => {
    const scene = await RemoteScene.start();
    const claim = await scene.claim({ host: { silenceSeconds: 2 } });
    const pids = await sshPids(scene);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await scene.quiet();
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    expect(String(await claim.broken?.())).toContain('the connection to host conv1');
    await (await scene.claim()).close();
  });

  test('a word now and then keeps it alive', async () => {
    const scene = await RemoteScene.start();
    const claim = await scene.claim({ host: { silenceSeconds: 2 } });
    await systemClock.sleep(4_000);
    expect(await claim.broken?.()).toBeUndefined();
  });
});

describe('doctor', () => {
  test('sees what the host is like', async () => {
    const scene = await RemoteScene.start();
    const sysDir = await sysfs(scene, { 'class/dmi/id/product_uuid': '11111111-2222-4333-8444-555555555555\n' });
    const checks = await scene.host({ host: { folders: { byIdDir: scene.device.byIdDir, sysDir } } }).look(server, site);
    expect(checks.every(({ problem }) => problem === undefined)).toBe(true);
    expect(checks.map(({ what, found }) => `${what}: ${found}`).join('\n')).toMatch(
      /^host conv1 is reached by ssh: yes.*\nhost conv1 is server conv: yes \(1{8}.*\)\nattached volumes may be opened: yes\nlinks .*\nprogram .*: nbdkit 1\.\d+\.\d+$/,
    );
  });

  test('sees that it is another machine, and that there are no links yet', async () => {
    const scene = await RemoteScene.start();
    const sysDir = await sysfs(scene, { 'class/dmi/id/product_uuid': '22222222-2222-4333-8444-555555555555\n' });
    const checks = await scene.host({ host: { folders: { byIdDir: '/nowhere', sysDir } } }).look(server, site);
    const problems = checks.flatMap(({ problem }) => problem ?? []);
    expect(problems.map(({ isFatal, detail }) => `${isFatal} ${detail}`)).toEqual([
      'true host conv1 is machine 22222222-2222-4333-8444-555555555555, server conv is 11111111-2222-4333-8444-555555555555',
      'false /nowhere is not there on host conv1; udev makes it with the first disk that has a serial',
    ]);
  });
});
