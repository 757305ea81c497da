import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PARTITION_OFFSET } from './partition-table.js';

const run = promisify(execFile);
/** debugfs is in a folder that only root's PATH has. */
const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

export type DiskFile = {
  /** Below the root; its folder is there, and it is not. */
  readonly name: string;
  readonly mode: number;
} & ({ readonly from: string } | { readonly text: string });

/** Puts files of root's into the ext4 of a lab disk that nobody has mounted, without mounting it. */
export async function writeIntoDisk(disk: string, files: readonly DiskFile[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'disk-files-'));
  try {
    const commands = await Promise.all(files.map((file, index) => writeCommand(file, join(folder, String(index)))));
    await writeFile(join(folder, 'commands'), commands.join(''));
    const { stderr } = await run('debugfs', ['-w', '-f', join(folder, 'commands'), `${disk}?offset=${PARTITION_OFFSET}`], {
      env,
    });
    // Success is its exit status whatever happened; it always says its version there.
    const complaints = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('debugfs '));
    if (complaints.length > 0) throw new Error(`debugfs: ${complaints.join('; ')}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** debugfs gives the file the mode of what it copies, and root as its owner. */
async function writeCommand(file: DiskFile, copy: string): Promise<string> {
  if ('text' in file) await writeFile(copy, file.text);
  else await copyFile(file.from, copy);
  await chmod(copy, file.mode);
  return `write ${copy} /${file.name}\n`;
}
