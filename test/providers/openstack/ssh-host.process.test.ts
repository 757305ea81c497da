import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { until } from '../../../lab/harness/until.js';
import { systemClock } from '../../../src/host/clock.js';
import { interruptible } from '../../../src/host/interruption.js';
import { LocalDeviceHost } from '../../../src/providers/openstack/access/local-device-host.js';
import { openDataPlane } from '../../../src/transfer/index.js';
import { differsAt, fileReader, pattern } from '../../transfer/disks.js';
import { refusalOf } from './refusal-of.js';
import { hostPrograms, RemoteFixture, SIZE, server, site, sshPids } from './remote-fixture.js';

const MiB = 2 ** 20;
const whole = [{ offset: 0, length: SIZE }];

/** A sysfs that says `about` of the scene's device, and otherwise what the kernel says. */
async function sysfs(fixture: RemoteFixture, about: Readonly<Record<string, string>>): Promise<string> {
  const name = basename(fixture.device.path);
  const sysDir = join(fixture.device.folder, 'sys');
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
    const fixture = await RemoteFixture.start();
    const content = pattern(SIZE, 1).fill(0, 2 * MiB, 6 * MiB);
    const source = join(fixture.sockets, 'source');
    await writeFile(source, content);
    await writeFile(fixture.device.path, pattern(SIZE, 2));
    const claim = await fixture.claim();
    const socket = await stat((claim.block as { socket: string }).socket);
    expect([socket.isSocket(), socket.mode & 0o777]).toEqual([true, 0o600]);

    await using plane = openDataPlane({ runFolder: fixture.sockets, clock: systemClock });
    const [from, to] = [await plane.openSource(fileReader(source), SIZE), await plane.openTarget(claim.block, SIZE)];
    await plane.copy({ source: from, target: to, extents: whole, skipZeroes: false, requestBytesMax: MiB, connections: 2 });
    expect(await plane.firstDifference({ source: from, target: to, extents: whole })).toBeUndefined();
    await to.close();
    expect(await claim.broken?.()).toBeUndefined();
    await claim.close();
    await claim.close();
    await fixture.quiet();
    expect(differsAt(await readFile(fixture.device.path), content)).toBeUndefined();
    expect(await sshPids(fixture)).toEqual([]);
  });

  test('is flushed, zeroed and trimmed there, and may be written over several connections', async () => {
    const fixture = await RemoteFixture.start();
    const claim = await fixture.claim();
    const uri = `nbd+unix:///?socket=${(claim.block as { socket: string }).socket}`;
    const can = JSON.parse(execFileSync('nbdinfo', ['--json', uri], { encoding: 'utf8' })).exports[0];
    expect(can).toMatchObject({ 'export-size': SIZE, can_multi_conn: true, can_flush: true, can_zero: true, can_trim: true });
    const io = (...commands: string[]) => {
      execFileSync('qemu-io', ['-f', 'raw', '-d', 'unmap', ...commands.flatMap((one) => ['-c', one]), uri]);
      return stat(fixture.device.backing);
    };
    // Past the device's own cache, in the file behind it, while it is held.
    const written = await io('write -P 7 0 8M', 'flush');
    expect(differsAt(await readFile(fixture.device.backing), Buffer.alloc(SIZE, 7))).toBeUndefined();
    const zeroed = await io('write -z -u 0 4M', 'flush');
    expect((await readFile(fixture.device.backing)).subarray(0, 4 * MiB).every((byte) => byte === 0)).toBe(true);
    expect(zeroed.blocks).toBeLessThan(written.blocks);
    expect((await io('discard 4M 4M', 'flush')).blocks).toBeLessThan(zeroed.blocks);
  });

  test('is not another device: serial, partition, number and size are looked at before anything is served', async () => {
    const fixture = await RemoteFixture.start();
    const wrong = async (about: Readonly<Record<string, string>>, size = SIZE): Promise<string> => {
      const sysDir = await sysfs(fixture, about);
      const refused = await refusalOf(fixture.claim({ size, host: { folders: { byIdDir: fixture.device.byIdDir, sysDir } } }));
      await rm(sysDir, { recursive: true });
      return refused.said;
    };
    expect(await wrong({}, SIZE + 512)).toContain(`it has ${SIZE} bytes where the volume has ${SIZE + 512}; nothing was written`);
    if (fixture.device.kind === 'file') return;
    expect(await wrong({ serial: 'c0ffee00-1111-4222-8' })).toContain("its serial is 'c0ffee00-1111-4222-8'");
    expect(await wrong({ 'device/vpd_pg80': '\0\x80\0\x24c0ffee00-1111-4222-8333-444455556666' })).toContain('its serial is');
    expect(await wrong({ partition: '1' })).toContain('it is a partition');
    expect(await wrong({ dev: '254:0' })).toContain('is about another device');
    const right = await sysfs(fixture, { serial: fixture.volume.slice(0, 20) });
    await (await fixture.claim({ host: { folders: { byIdDir: fixture.device.byIdDir, sysDir: right } } })).close();
  });

  test('of an encrypted volume the LUKS header may be missing', async () => {
    const fixture = await RemoteFixture.start();
    await (await fixture.claim({ size: SIZE + 16 * MiB, encrypted: true })).close();
  });

  test('several devices with its serial are refused', async () => {
    const fixture = await RemoteFixture.start();
    await symlink(fixture.device.backing, join(fixture.device.byIdDir, `scsi-0QEMU_QEMU_HARDDISK_${fixture.volume}`));
    if (fixture.device.kind === 'loop')
      expect((await refusalOf(fixture.claim())).said).toContain('several devices have the serial');
  });

  test('one that does not show is waited for with a bound, and the machine tells which it is', async () => {
    const fixture = await RemoteFixture.start();
    const sysDir = await sysfs(fixture, { 'class/dmi/id/product_uuid': 'ABCDEF01-2222-4333-8444-555555555555\n' });
    const host = fixture.host({ host: { folders: { byIdDir: '/nowhere', sysDir } } });
    const expected = { volume: fixture.volume, size: SIZE, encrypted: false };
    expect(await host.claim(expected, { site, timeoutMs: 300 })).toEqual({
      none: true,
      machine: 'abcdef01-2222-4333-8444-555555555555',
    });
  });

  test('one that shows late is taken', async () => {
    const fixture = await RemoteFixture.start();
    const link = join(fixture.device.byIdDir, `virtio-${fixture.volume.slice(0, 20)}`);
    await rm(link);
    const claim = fixture.claim({ timeoutMs: 20_000 });
    await until('the program to wait', async () => (await fixture.running()).has('python'));
    await symlink(fixture.device.path, link);
    expect((await claim).block.driver).toBe('nbd');
  });
});

test('an interruption ends the wait for a device at once, and the program there', async () => {
  const fixture = await RemoteFixture.start();
  await rm(join(fixture.device.byIdDir, `virtio-${fixture.volume.slice(0, 20)}`));
  const abort = new AbortController();
  const claim = interruptible(abort.signal, () => fixture.claim({ timeoutMs: 60_000 }));
  await until('the program to wait', async () => (await fixture.running()).has('python'));
  const began = performance.now();
  abort.abort();
  await expect(claim).rejects.toMatchObject({ name: 'AbortError' });
  expect(performance.now() - began).toBeLessThan(30_000);
  await fixture.dead();
});

describe('a device that is held', () => {
  test('by another run, on the host itself or by ssh, is refused to everybody', async () => {
    const fixture = await RemoteFixture.start();
    if (fixture.device.kind === 'file') return;
    const claim = await fixture.claim();
    const { said, error } = await refusalOf(fixture.claim());
    expect(said).toContain(`${fixture.device.path}, which is volume ${fixture.volume}, cannot be opened: host conv1 uses it`);
    expect(error.details.nextSteps?.join()).toContain('pgrep -af nbdkit');
    const here = new LocalDeviceHost({ byIdDir: fixture.device.byIdDir, sysDir: '/sys' }, systemClock);
    const expected = { volume: fixture.volume, size: SIZE, encrypted: false };
    expect((await refusalOf(here.claim(expected, { site, timeoutMs: 0 }))).said).toContain('this machine uses it');
    await claim.close();
    const other = await open(fixture.device.path, constants.O_RDWR | constants.O_EXCL);
    expect((await refusalOf(fixture.claim())).said).toContain('host conv1 uses it');
    await other.close();
    await (await fixture.claim()).close();
  });
});

describe('death', () => {
  const kill = (pid: number | undefined) => process.kill(pid!, 'SIGKILL');

  test.each([
    ['ssh', async (fixture: RemoteFixture) => (await sshPids(fixture)).forEach(kill), /the connection to host conv1/],
    [
      'the program on the host',
      async (fixture: RemoteFixture) => kill((await fixture.running()).get('python')),
      /the connection to host/,
    ],
    [
      'nbdkit',
      async (fixture: RemoteFixture) => kill((await fixture.running()).get('nbdkit')),
      /nbdkit on host conv1 .* status -9/,
    ],
  ])('of %s ends all of it, is told as the reason, and the device can be had again', async (_name, strike, reason) => {
    const fixture = await RemoteFixture.start();
    const claim = await fixture.claim();
    expect([...(await fixture.running()).keys()]).toEqual(expect.arrayContaining(['nbdkit', 'python']));
    await strike(fixture);
    await fixture.dead();
    expect(String(await claim.broken?.())).toMatch(reason);
    await claim.close();
    await fixture.ageFolders();
    await (await fixture.claim()).close();
  });

  test('of everybody else does not free the device while nbdkit lives: it has the claim too', async () => {
    const fixture = await RemoteFixture.start();
    if (fixture.device.kind === 'file') return;
    await fixture.claim();
    const nbdkit = `/proc/${(await fixture.running()).get('nbdkit')}`;
    // It opens the device for each client, and the one that looked whether it speaks is leaving.
    await until('nbdkit to have no client', async () => (await readdir(`${nbdkit}/task`)).length === 1);
    const open = await Promise.all((await readdir(`${nbdkit}/fd`)).map((fd) => readlink(`${nbdkit}/fd/${fd}`)));
    expect(open.filter((path) => path === fixture.device.path)).toHaveLength(1);
  });

  test('of the program on the host ends a server that would not notice by itself', async () => {
    // Debian's nbdkit ends when its parent does, without being told to; another stands in for it here.
    const serve = `exec qemu-nbd --persistent --socket="$3" --pid-file="$5" --format=raw "\${7#file=}"`;
    const nbdkit = `[ "$1" = --version ] && echo nbdkit 1.32.5 && exit; ${serve}`;
    const path = `${await hostPrograms({ nbdkit })}:/usr/bin:/bin`;
    const fixture = await RemoteFixture.start({ path });
    await fixture.claim();
    kill((await fixture.running()).get('python'));
    await fixture.dead();
    await fixture.ageFolders();
    await (await fixture.claim()).close();
  });

  test('a line that has gone silent: the host ends by itself what nobody can reach any more', async () => {
    const fixture = await RemoteFixture.start();
    const claim = await fixture.claim({ host: { silenceSeconds: 2 } });
    const pids = await sshPids(fixture);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    await fixture.quiet();
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    expect(String(await claim.broken?.())).toContain('the connection to host conv1');
    await (await fixture.claim()).close();
  });

  test('a word now and then keeps it alive', async () => {
    const fixture = await RemoteFixture.start();
    const claim = await fixture.claim({ host: { silenceSeconds: 2 } });
    await systemClock.sleep(4_000);
    expect(await claim.broken?.()).toBeUndefined();
  });
});

describe('doctor', () => {
  test('sees what the host is like', async () => {
    const fixture = await RemoteFixture.start();
    const sysDir = await sysfs(fixture, { 'class/dmi/id/product_uuid': '11111111-2222-4333-8444-555555555555\n' });
    const checks = await fixture.host({ host: { folders: { byIdDir: fixture.device.byIdDir, sysDir } } }).look(server, site);
    expect(checks.every(({ problem }) => problem === undefined)).toBe(true);
    expect(checks.map(({ what, found }) => `${what}: ${found}`).join('\n')).toMatch(
      /^host conv1 is reached by ssh: yes.*\nhost conv1 is server conv: yes \(1{8}.*\)\nattached volumes may be opened: yes\nlinks .*\nprogram .*: nbdkit 1\.\d+\.\d+$/,
    );
  });

  test('sees that it is another machine, and that there are no links yet', async () => {
    const fixture = await RemoteFixture.start();
    const sysDir = await sysfs(fixture, { 'class/dmi/id/product_uuid': '22222222-2222-4333-8444-555555555555\n' });
    const checks = await fixture.host({ host: { folders: { byIdDir: '/nowhere', sysDir } } }).look(server, site);
    const problems = checks.flatMap(({ problem }) => problem ?? []);
    expect(problems.map(({ isFatal, detail }) => `${isFatal} ${detail}`)).toEqual([
      'true host conv1 is machine 22222222-2222-4333-8444-555555555555, server conv is 11111111-2222-4333-8444-555555555555',
      'false /nowhere is not there on host conv1; udev makes it with the first disk that has a serial',
    ]);
  });
});
