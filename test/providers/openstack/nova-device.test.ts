import { existsSync } from 'node:fs';
import { mkdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bestDeviceKind } from '../../../lab/openstack-sim/compute/host-devices.js';
import type { VolumeId } from '../../../src/model/ids.js';
import { held, NovaFixture, SERVER } from './nova-fixture.js';
import { refusalOf } from './refusal-of.js';

describe('the device', () => {
  test('one that never shows is waited for with a bound', async () => {
    const fixture = await NovaFixture.start({ hypervisor: { hostShowsDevices: false } });
    const provider = await fixture.open({ sysDir: join(tmpdir(), 'no-sysfs') });
    const volume = fixture.plant();
    const attachment = await provider.reserve(volume);
    const before = fixture.cloud.clock.now().getTime();
    const { said, error } = await refusalOf(provider.connect(volume, attachment));
    expect(said).toContain(
      `is attached to server ${SERVER}, but ${fixture.byIdDir} has neither virtio-${volume.slice(0, 20)} nor `,
    );
    expect(error.details.nextSteps?.join()).toContain('no slot left');
    expect((fixture.cloud.clock.now().getTime() - before) / 1000).toBeLessThan(70);
    await provider.release(attachment);
    expect(fixture.status(volume)).toBe('available');
  });

  test('on a machine that is not the conversion host the message says so', async () => {
    const fixture = await NovaFixture.start({ hypervisor: { hostShowsDevices: false } });
    const sysDir = join(fixture.folder, 'sys');
    await mkdir(join(sysDir, 'class/dmi/id'), { recursive: true });
    await writeFile(join(sysDir, 'class/dmi/id/product_uuid'), '11111111-2222-4333-8444-555555555555\n');
    const { said, error } = await refusalOf(held(await fixture.open({ sysDir }), fixture.plant()));
    expect(said).toContain(`this machine is 11111111-2222-4333-8444-555555555555, the server is ${fixture.host.id}`);
    expect(error.details.nextSteps?.[0]).toContain(`Run migplan on server ${SERVER}`);
  });

  test('one of another size is refused', async () => {
    const fixture = await NovaFixture.start({ hypervisor: { hostDeviceMissingBytes: 512 } });
    const { said } = await refusalOf(held(await fixture.open(), fixture.plant()));
    expect(said).toContain('but it has 1073741312 bytes where the volume has 1073741824; nothing was written to it');
  });

  test('of an encrypted volume the guest sees what follows the LUKS header', async () => {
    const fixture = await NovaFixture.start({ hypervisor: { hostDeviceMissingBytes: 16 * 2 ** 20 } });
    const { block } = await held(await fixture.open(), fixture.plant({ volumeType: 'luks' }));
    expect(block.driver).toBe('file');
    fixture.cloud.sim.control.setHypervisor({ hostDeviceMissingBytes: 17 * 2 ** 20 });
    expect((await refusalOf(held(await fixture.open(), fixture.plant({ volumeType: 'luks' })))).said).toContain(
      'nothing was written to it',
    );
  });

  test('two devices with one serial are refused', async () => {
    const fixture = await NovaFixture.start();
    const volume = fixture.plant();
    const other = join(fixture.folder, 'other');
    await writeFile(other, '');
    await symlink(other, join(fixture.byIdDir, `scsi-0QEMU_QEMU_HARDDISK_${volume}`));
    expect((await refusalOf(held(await fixture.open(), volume))).said).toContain(
      `several devices have the serial of volume ${volume}`,
    );
  });

  test('a link that leads nowhere is no device', async () => {
    const fixture = await NovaFixture.start({ hypervisor: { hostShowsDevices: false } });
    const volume = fixture.plant();
    await symlink('/dev/none/such', fixture.link(volume));
    expect((await refusalOf(held(await fixture.open(), volume))).said).toContain('has neither');
  });
});

// Real block devices, where the kernel lets us have them.
const hasLoop = bestDeviceKind(tmpdir()) === 'loop';

describe.runIf(hasLoop)('a block device', () => {
  const start = () => NovaFixture.start({ host: { devices: 'loop' } });

  /** A sysfs of ours that says `about` of the volume's device, and otherwise what the kernel says. */
  async function sysfs(fixture: NovaFixture, volume: VolumeId, about: Readonly<Record<string, string>>): Promise<string> {
    const name = basename(await readlink(fixture.link(volume)));
    const sysDir = join(fixture.folder, 'sys');
    const folder = join(sysDir, 'class/block', name);
    await mkdir(join(folder, 'device'), { recursive: true });
    for (const file of ['dev', 'size']) await symlink(join('/sys/class/block', name, file), join(folder, file));
    for (const [file, text] of Object.entries(about)) {
      await rm(join(folder, file), { force: true });
      await writeFile(join(folder, file), text, 'latin1');
    }
    return sysDir;
  }

  test('is opened as a host device', async () => {
    const fixture = await start();
    const volume = fixture.plant();
    const { block } = await held(await fixture.open(), volume);
    expect(block).toEqual({ driver: 'host_device', path: await readlink(fixture.link(volume)) });
  });

  test('is ours alone: a second one who opens it so, as mount does, gets nothing', async () => {
    const fixture = await start();
    const volume = fixture.plant();
    const first = await fixture.open();
    const { attachment } = await held(first, volume);
    const backing = join('/sys/class/block', basename(await readlink(fixture.link(volume))), 'loop/backing_file');
    const { said, error } = await refusalOf((await fixture.open()).connect(volume, attachment));
    expect(said).toContain('cannot be opened: this machine uses it');
    expect(error.details.nextSteps?.join()).toContain('what uses it: lsblk /');
    expect(existsSync(backing)).toBe(true);
    await first.release(attachment);
    expect(fixture.status(volume)).toBe('available');
    // A loop device that somebody has open outlives its detach.
    expect(existsSync(backing)).toBe(false);
  });

  test.each([
    ['another serial', { serial: 'c0ffee00-1111-4222-8' }, "its serial is 'c0ffee00-1111-4222-8'"],
    ['no serial', { serial: '' }, "its serial is ''"],
    ['another SCSI serial', { 'device/vpd_pg80': '\0\x80\0\x24c0ffee00-1111-4222-8333-444455556666' }, "its serial is 'c0ffee00"],
    ['a partition', { partition: '1' }, 'it is a partition'],
    ['what sysfs does not know', { dev: '254:0' }, 'is about another device'],
    ['another size', { size: '2097151' }, 'it has 1073741312 bytes'],
  ])('%s is refused before anything is written', async (_name, about, expected) => {
    const fixture = await start();
    const volume = fixture.plant();
    const provider = await fixture.open({ sysDir: join(fixture.folder, 'sys') });
    const attachment = await provider.reserve(volume);
    fixture.cloud.sim.control.advance(100);
    await sysfs(fixture, volume, about as Record<string, string>);
    expect((await refusalOf(provider.connect(volume, attachment))).said).toContain(expected);
    await provider.release(attachment);
    expect(fixture.status(volume)).toBe('available');
  });

  test.each([
    ['cut to 20 characters', (volume: string) => ({ serial: volume.slice(0, 20) })],
    ['whole, of a SCSI disk', (volume: string) => ({ 'device/vpd_pg80': `\0\x80\0\x24${volume}` })],
  ])('the serial is the volume’s id, %s', async (_name, about) => {
    const fixture = await start();
    const volume = fixture.plant();
    const provider = await fixture.open({ sysDir: join(fixture.folder, 'sys') });
    const attachment = await provider.reserve(volume);
    fixture.cloud.sim.control.advance(100);
    await sysfs(fixture, volume, about(volume));
    expect((await provider.connect(volume, attachment)).block.driver).toBe('host_device');
  });
});
