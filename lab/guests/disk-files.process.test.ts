import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeIntoDisk } from './disk-files.js';
import { PARTITION_OFFSET } from './partition-table.js';

const run = promisify(execFile);
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
const MiB = 2 ** 20;

let folder: string;
let disk: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'disk-files-'));
  disk = join(folder, 'disk');
  await writeFile(disk, '');
  await truncate(disk, 9 * MiB);
  await run('mke2fs', ['-q', '-t', 'ext4', '-E', `offset=${PARTITION_OFFSET}`, disk, '8M'], { env });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ask = async (request: string): Promise<string> =>
  (await run('debugfs', ['-R', request, `${disk}?offset=${PARTITION_OFFSET}`], { env })).stdout;

test('files and texts are in the file system, root’s and with their modes', async () => {
  const from = join(folder, 'key');
  await writeFile(from, 'secret\n', { mode: 0o666 });
  await writeIntoDisk(disk, [
    { name: 'key', from, mode: 0o600 },
    { name: 'address', text: 'ADDRESS=192.0.2.7/24\n', mode: 0o644 },
  ]);
  expect(await ask('cat key')).toBe('secret\n');
  expect(await ask('cat address')).toBe('ADDRESS=192.0.2.7/24\n');
  expect(await ask('stat key')).toMatch(/Mode: {2}0600[\s\S]*User: {5}0/);
  await run('e2fsck', ['-fn', `${disk}?offset=${PARTITION_OFFSET}`], { env });
});

test('a folder that is not there is said', async () => {
  await expect(writeIntoDisk(disk, [{ name: 'etc/key', text: '', mode: 0o600 }])).rejects.toThrow('File not found');
});
