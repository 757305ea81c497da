import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GRUB_FOLDER, type LinuxGuest, linuxRecipe, makeLinuxRoot } from './linux-root.js';
import { PARTITION_OFFSET, writePartitionTable } from './partition-table.js';

const run = promisify(execFile);
/** mke2fs is in a folder that only root's PATH has. */
const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

const BYTES = 640 * 1_048_576;
const SIGNATURE = 0x4d50_4c4f;
const SECTOR = 512;
/** Younger than the GRUB of some guests, which then finds no file. */
const WITHOUT_FEATURES = '^metadata_csum_seed,^orphan_file';

/** The BIOS starts the first sector, which reads GRUB's core from those that follow it: neither needs to know the disk. */
async function writeBootLoader(path: string, root: string): Promise<void> {
  const part = (name: string) => readFile(join(root, GRUB_FOLDER, name));
  const core = await part('core.img');
  if (SECTOR + core.length > PARTITION_OFFSET) throw new Error(`${core.length} bytes of GRUB do not fit before the partition`);
  const bytes = BYTES - PARTITION_OFFSET;
  await writePartitionTable(path, { type: 0x83, bytes, signature: SIGNATURE, bootCode: await part('boot.img') });
  await using disk = await open(path, 'r+');
  await disk.write(core, 0, core.length, SECTOR);
}

async function build(path: string, guest: LinuxGuest): Promise<void> {
  const root = `${path}.root`;
  await makeLinuxRoot(root, guest);
  await run('truncate', ['-s', String(BYTES), path]);
  const offset = ['-E', `offset=${PARTITION_OFFSET},nodiscard`, '-d', root];
  const size = `${(BYTES - PARTITION_OFFSET) / 1024}k`;
  await run('mke2fs', ['-q', '-t', 'ext4', '-m', '0', '-U', guest.uuid, '-O', WITHOUT_FEATURES, ...offset, path, size], { env });
  await writeBootLoader(path, root);
}

/** Where a disk that is made already is kept: nothing of it belongs to one cloud or one run. */
function cachePath(guest: LinuxGuest): string {
  const recipe = JSON.stringify([linuxRecipe(guest), BYTES, SIGNATURE, WITHOUT_FEATURES]);
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  return join(process.env['XDG_CACHE_HOME'] || '/var/tmp', 'migplan-guests', `${guest.hostname}-${digest}.raw`);
}

async function ensureCached(cached: string, guest: LinuxGuest): Promise<void> {
  const isThere = await access(cached).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const home = join(cached, '..');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(home, '.making-'));
  try {
    await build(join(folder, 'disk'), guest);
    await rename(join(folder, 'disk'), cached);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Makes a raw disk of 640 MiB with a real Debian 12 guest (BIOS, GRUB, systemd). Needs root and mmdebstrap; the first of a
 * kind takes a minute or two, the following ones, copies of the first, a second.
 */
export async function makeDebianDisk(path: string, guest: LinuxGuest): Promise<void> {
  const cached = cachePath(guest);
  await ensureCached(cached, guest);
  await run('cp', ['--sparse=always', '--reflink=auto', cached, path]);
}
