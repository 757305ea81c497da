import { type BigIntStats, constants } from 'node:fs';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeDurably } from './durable-file.js';
import { isMissing } from './files.js';
import { makeFolders } from './make-folders.js';
import { removeAbandonedBeside } from './passing-file.js';

/** The place cannot be written to; `why` in plain words. */
export class NoOutput extends Error {
  override readonly name = 'NoOutput';
}

const LINKS_MAX = 40;

/**
 * Writes where somebody pointed at. A link leads to what it names, a regular file is replaced as a whole, and a terminal, a pipe
 * with a reader or /dev/null is written to as it is: nothing that is no file is ever replaced by one.
 */
export async function writeOutput(path: string, text: string, mode?: number): Promise<void> {
  const there = await statOf(path);
  if (there === undefined || there.isFile()) return replace(await endOfLinks(path), text, mode);
  if (there.isCharacterDevice()) return pour(path, text);
  if (there.isFIFO()) return pourIntoPipe(path, text);
  throw new NoOutput(`${path} is ${there.isDirectory() ? 'a folder' : 'no file that can be written'}`);
}

async function replace(path: string, text: string, mode: number | undefined): Promise<void> {
  await makeFolders(dirname(path));
  await removeAbandonedBeside(path);
  await writeDurably(path, text, mode);
}

async function pour(path: string, text: string): Promise<void> {
  await using handle = await open(path, constants.O_WRONLY | constants.O_NOCTTY);
  await handle.writeFile(text);
}

/** Opening a pipe that nobody reads would wait for ever. */
async function pourIntoPipe(path: string, text: string): Promise<void> {
  const probe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENXIO' ? new NoOutput(`${path} is a pipe that nobody reads`) : error;
  });
  try {
    await pour(path, text);
  } finally {
    await probe.close();
  }
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Where a file is, or will be when the last link leads nowhere yet. */
async function endOfLinks(path: string): Promise<string> {
  let end = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    const real = await realpath(end).catch(() => undefined);
    if (real !== undefined) return real;
    const next = await readlink(end).catch(() => undefined);
    if (next === undefined) return end;
    end = resolve(dirname(end), next);
  }
  throw new NoOutput(`${path}: its symbolic links do not end`);
}
