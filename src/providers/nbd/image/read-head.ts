import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** The first bytes of a file, or of a part of it; fewer where it ends. */
export async function readHead(path: string, length: number, offset = 0): Promise<Buffer> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW);
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
