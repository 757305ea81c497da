import { execFile } from 'node:child_process';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** mke2fs is in a folder that only root's PATH has. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** As much of a Photon OS as makes libguestfs see a Linux, one that it has no name for, on a disk without a partition table. */
export async function makePhotonDisk(path: string, { bytes }: { readonly bytes: number }): Promise<void> {
  const root = `${path}.root`;
  for (const name of ['etc', 'bin', 'usr', 'boot']) await mkdir(join(root, name), { recursive: true });
  await writeFile(join(root, 'etc/fstab'), '/dev/sda / ext4 defaults 0 1\n');
  const release = 'NAME="VMware Photon OS"\nID=photon\nVERSION_ID=5.0\nPRETTY_NAME="VMware Photon OS/Linux"\n';
  await writeFile(join(root, 'etc/os-release'), release);
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', root, path, '16m'], { env });
  await truncate(path, bytes);
  await rm(root, { recursive: true });
}
