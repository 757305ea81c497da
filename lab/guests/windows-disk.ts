import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { patternBlock } from './data-disk.js';
import { PARTITION_OFFSET, writePartitionTable } from './partition-table.js';
import { portableExecutable } from './portable-executable.js';
import { registryHive } from './registry-hive.js';
import { DISK_SIGNATURE, softwareHive, systemHive } from './windows-registry.js';

const run = promisify(execFile);
/** Tools for file systems are in folders that only root's PATH has. */
const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

export interface WindowsDisk {
  /** Bytes of the whole disk; 192 MiB unless given. */
  readonly bytes?: number;
  readonly hostname?: string;
  /** As Windows leaves it after "fast startup": NTFS must not be written, so a conversion fails. */
  readonly hibernated?: boolean;
}

/** What stands where a BIOS begins: a jump to itself. */
const BOOT_CODE = Buffer.from('ebfe', 'hex');

const DEFAULT_BYTES = 192 * 1_048_576;
const SECTOR = 512;

async function writeGuestFiles(root: string, { hostname = 'win2019', hibernated = false }: WindowsDisk): Promise<void> {
  const folders = ['Windows/System32/config', 'Windows/System32/drivers', 'Windows/inf', 'Program Files/VMware', 'Users'];
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true });
  const files: Readonly<Record<string, Uint8Array>> = {
    'Windows/System32/config/SYSTEM': registryHive(systemHive(hostname)),
    'Windows/System32/config/SOFTWARE': registryHive(softwareHive()),
    'Windows/System32/cmd.exe': portableExecutable('x86_64'),
    'Windows/explorer.exe': portableExecutable('x86_64'),
    'Users/marker.bin': Buffer.concat(Array.from({ length: 16 }, (_, block) => patternBlock(1, block))),
    bootmgr: Buffer.alloc(0),
    ...(hibernated ? { 'hiberfil.sys': Buffer.concat([Buffer.from('hibr'), Buffer.alloc(4092)]) } : {}),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(root, name), content);
}

/** An NTFS file system in a plain file, filled through FUSE: no loop device and no partition scan are needed. */
async function makePartition(image: string, bytes: number, disk: WindowsDisk): Promise<void> {
  const root = `${image}.root`;
  await writeFile(image, '');
  await truncate(image, bytes);
  await mkdir(root);
  const geometry = ['-p', String(PARTITION_OFFSET / SECTOR), '-H', '255', '-S', '63'];
  await run('mkntfs', ['-F', '-Q', '-q', '-L', 'System', ...geometry, image], { env });
  await run('ntfs-3g', [image, root], { env });
  try {
    await writeGuestFiles(root, disk);
  } finally {
    await run('umount', [root], { env });
  }
}

/**
 * Makes a raw disk that inspection takes for Windows Server 2019 with VMware Tools, and that virt-v2v converts. It does not
 * boot. Needs root, /dev/fuse and ntfs-3g; takes less than a second.
 */
export async function makeWindowsDisk(path: string, disk: WindowsDisk = {}): Promise<void> {
  const bytes = disk.bytes ?? DEFAULT_BYTES;
  const folder = await mkdtemp(join(dirname(path), '.windows-'));
  const image = join(folder, 'ntfs');
  try {
    await makePartition(image, bytes - PARTITION_OFFSET, disk);
    await rm(path, { force: true });
    const seek = String(PARTITION_OFFSET / 65_536);
    await run('dd', [`if=${image}`, `of=${path}`, 'bs=65536', `seek=${seek}`, 'conv=sparse', 'status=none'], { env });
    await truncate(path, bytes);
    const table = { type: 0x07, bytes: bytes - PARTITION_OFFSET, signature: DISK_SIGNATURE, bootCode: BOOT_CODE };
    await writePartitionTable(path, table);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
