import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** After it resolves the file holds exactly `content`, on disk; before, the old content. Mode 0600 unless given. */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.${randomUUID()}.new`;
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
  await mkdir(dirname(path), { recursive: true });
  await using handle = await open(path, 'a', 0o600);
  await handle.appendFile(`${line}\n`);
  await handle.datasync();
}
