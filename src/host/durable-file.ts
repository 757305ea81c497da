import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders } from './make-folders.js';
import { passingPath } from './passing-file.js';

/** What was renamed in a folder is so on disk. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/**
 * For a file of ours, in a folder of ours. After it resolves the file holds exactly `content`, on disk; before, the old content.
 * Mode 0600 unless given; folders that are made are private. What others named is written by `writeOutput`.
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = dirname(path);
  await makeFolders(folder, 0o700);
  const temporary = await passingPath(path);
  try {
    await using handle: FileHandle = await open(temporary, 'wx', mode);
    await handle.writeFile(content);
    await handle.sync();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, path);
  await syncFolder(folder);
}

/** Appends one line; durable when it resolves. Lines of one file must come from one process. */
export async function appendDurably(path: string, line: string): Promise<void> {
  await makeFolders(dirname(path), 0o700);
  await using handle = await open(path, 'a', 0o600);
  await handle.appendFile(`${line}\n`);
  await handle.datasync();
}
