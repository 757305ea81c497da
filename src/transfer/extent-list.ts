import { rm, writeFile } from 'node:fs/promises';
import { invariant } from '../diag/diagnostic.js';
import { type Extent, endOf } from '../model/extent.js';

const LINES_PER_WRITE = 10_000;

function* linesOf(extents: readonly Extent[]): Generator<string> {
  for (let start = 0; start < extents.length; start += LINES_PER_WRITE) {
    const part = extents.slice(start, start + LINES_PER_WRITE);
    yield part.map(({ offset, length }) => `${offset} ${length}\n`).join('');
  }
}

/** nbdkit refuses a list that overlaps; one that leaves the disk would copy less than was asked for. */
export function assertFits(extents: readonly Extent[], size: number): void {
  let end = 0;
  for (const extent of extents) {
    invariant(extent.offset >= end && extent.length > 0, `extents are not sorted and disjoint at ${extent.offset}`);
    end = endOf(extent);
  }
  invariant(end <= size, `extents end at ${end}, the disk at ${size}`);
}

/** A file that is gone when disposed. */
export interface ExtentListFile extends AsyncDisposable {
  readonly path: string;
}

/**
 * Writes the file of nbdkit's extentlist filter: a line for each extent that is data; all else counts as a hole. The filter
 * takes neither comments nor blank lines.
 */
export async function writeExtentList(path: string, extents: readonly Extent[]): Promise<ExtentListFile> {
  await writeFile(path, linesOf(extents), { mode: 0o600 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}
