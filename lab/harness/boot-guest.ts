import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './project-root.js';

const run = promisify(execFile);
/** What the guest prints on COM1. */
export const BOOT_LINE = 'MIGPLAN-BOOT-OK';
const PROGRAM = 'import sys; from cloudlab.boot_sector import boot_sector; sys.stdout.buffer.write(boot_sector())';

/** Makes a raw sparse disk that begins with the lab's one-sector guest. */
export async function makeBootDisk(path: string, bytes: number): Promise<void> {
  const env = { PATH: '/usr/bin:/bin', PYTHONPATH: join(projectRoot, 'lab/openstack'), PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await run('/usr/bin/python3', ['-c', PROGRAM], { env, encoding: 'buffer' });
  await using disk = await open(path, 'w');
  await disk.write(stdout);
  await disk.truncate(bytes);
}
