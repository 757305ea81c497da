import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Extent } from '../../src/model/extent.js';

const run = promisify(execFile);

/** Compares two files, from their beginning or where they say. */
export const sameBytes = async (a: string, b: string, part: number | Extent): Promise<boolean> =>
  (await firstDifference(a, b, part)) === undefined;

/**
 * What tells the first byte in which two files differ; undefined when they are equal. Throws when one of them ends before the part
 * does. Reads only what one of the files has allocated: most of a volume of 1 GiB is not.
 */
export async function firstDifference(a: string, b: string, part: number | Extent): Promise<string | undefined> {
  const { offset, length } = typeof part === 'number' ? { offset: 0, length: part } : part;
  const partOf = (file: string): string =>
    `driver=raw,offset=${offset},size=${length},file.driver=file,file.filename=${file.replaceAll(',', ',,')}`;
  try {
    await run('qemu-img', ['compare', '-U', '--image-opts', partOf(a), partOf(b)]);
    return undefined;
  } catch (error) {
    const { code, stdout = '' } = error as { code?: number; stdout?: string };
    if (code === 1 && stdout.trim() !== '') return stdout.trim();
    throw error;
  }
}
