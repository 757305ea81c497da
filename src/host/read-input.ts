import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';

/** The file is not read, for the reason in plain words; the system's own refusals stay errors with a code. */
export class UnfitInput extends Error {
  override readonly name = 'UnfitInput';
  constructor(
    why: string,
    /** What to do about it. */
    readonly nextStep: string,
  ) {
    super(why);
  }
}

const CHUNK_BYTES_MIN = 4 * 1024;
const CHUNK_BYTES_MAX = 64 * 1024;

export interface InputLimits {
  readonly bytesMax: number;
  /** Folder that the file, with all links followed, has to be in. */
  readonly within?: string;
}

/**
 * Reads a file that somebody else may have chosen. Only regular ones: a pipe or a device would be waited for, or read, for ever.
 * Never more than the limit, whatever its size is said to be.
 */
export async function readInput(path: string, { bytesMax, within }: InputLimits): Promise<Buffer> {
  if (within !== undefined && !isBelow(await realpath(within), await realpath(path)))
    throw new UnfitInput(
      'it is a link that leads out of the project folder, where a review does not see it',
      'Put the file itself there, not a link that leads away',
    );
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const facts = await handle.stat();
  if (facts.isDirectory()) throw new UnfitInput('it is a folder', 'Put a file in its place, or name a file that is in it');
  if (!facts.isFile()) throw notRegular();
  if (facts.size > bytesMax) throw tooLong(`${facts.size} bytes`, bytesMax);
  // Awaited here: the handle is closed when this function ends.
  return await firstBytes(handle, facts.size, bytesMax);
}

/** Some files, as those in /proc, are longer than they say. Many are read at once: each takes little more memory than it is long. */
async function firstBytes(handle: FileHandle, size: number, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const chunk = Buffer.alloc(Math.min(Math.max(size, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX));
  for (let length = 0; ; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return Buffer.concat(chunks);
    length += bytesRead;
    if (length > bytesMax) throw tooLong('more', bytesMax);
    chunks.push(Buffer.from(chunk.subarray(0, bytesRead)));
  }
}

const notRegular = (): UnfitInput =>
  new UnfitInput('it is a device, pipe or socket, and only regular files are read', 'Write what it would give into a file first');

const tooLong = (length: string, bytesMax: number): UnfitInput =>
  new UnfitInput(
    `it has ${length}, and at most ${bytesMax} are read`,
    'Leave out what is not needed, or split what may be split',
  );

/** Of absolute paths without links; a folder is not below itself. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way.split('/')[0] !== '..' && !isAbsolute(way);
}
