import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootDisk } from '../../lab/guests/boot-disk.js';
import { makeLinuxDisk } from '../../lab/guests/make.js';

// Goal: that the Debian guest boots in the cloud is the work of its conversion.
// Method: before it, on VMware's controller and on the cloud's. Needs no cloud, but what these tests have installed.
const BOOTS_MS = 600_000;
let folder: string;
let disk: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'linux-'));
  disk = join(folder, 'debian.raw');
  await makeLinuxDisk(disk);
}, BOOTS_MS);
afterAll(() => rm(folder, { recursive: true }));

test.concurrent('a guest as VMware leaves it boots from its own controller', { timeout: BOOTS_MS }, async () => {
  const log = await bootDisk(disk, { bus: 'pvscsi', until: /debian12 login:/, timeoutMs: BOOTS_MS });
  expect(log).toContain('EXT4-fs (sda1): mounted filesystem');
});

test.concurrent('and does not find its root on the controller of a cloud', { timeout: BOOTS_MS }, async () => {
  const log = await bootDisk(disk, { bus: 'virtio-blk', until: /\(initramfs\)|login:/, timeoutMs: BOOTS_MS });
  expect(log).toMatch(/ALERT! {2}UUID=\S+ does not exist/);
});
