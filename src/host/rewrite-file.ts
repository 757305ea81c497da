import { access, chmod, chown, constants, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder, writeDurably } from './durable-file.js';
import { passingPath, removeAbandonedBeside } from './passing-file.js';
import { readInput } from './read-input.js';

/** The file is not what it was when it was read; nothing was written. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';
}

/**
 * Replaces the content of a regular file of somebody else's as a whole: whoever reads it finds the old text or the new one. A link stays
 * a link; mode and owner stay. Throws ChangedMeanwhile when the content is no longer `before`, and the system's errors (EACCES for a file
 * that may not be written); the file is then as it was.
 */
export async function rewriteFile(path: string, before: Uint8Array, text: string): Promise<void> {
  const file = await realpath(path);
  await access(file, constants.W_OK);
  const { mode, uid, gid, size } = await stat(file);
  await removeAbandonedBeside(file);
  const temporary = await passingPath(file);
  try {
    await writeDurably(temporary, text);
    const own = await stat(temporary);
    if (own.uid !== uid || own.gid !== gid) await chown(temporary, uid, gid);
    // Not at once: the mode of a new file is cut by the umask, and chown takes bits away.
    await chmod(temporary, mode & 0o7777);
    const isSame = size === before.length && Buffer.compare(await readInput(file, { bytesMax: size }), before) === 0;
    if (!isSame) throw new ChangedMeanwhile('it was changed meanwhile');
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}
