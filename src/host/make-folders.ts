import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from './files.js';

/**
 * Makes a folder and those above it that are missing; one that is there is fine. Unlike Node's own way it comes to an end where
 * the system says that a folder is missing and makes none, as in /proc.
 */
export async function makeFolders(path: string, mode = 0o777): Promise<void> {
  if (await made(path, mode)) return;
  const above = dirname(path);
  if (above !== path) await makeFolders(above, mode);
  await mkdir(path, { mode }).catch(ignoreThere);
}

/** false: the folder above is missing. */
async function made(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    ignoreThere(error as NodeJS.ErrnoException);
    return true;
  }
}

/** What is there and no folder shows with the first use of it, with a better reason. */
function ignoreThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
