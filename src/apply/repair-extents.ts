import type { CopyJob, DataPlane } from '../contracts/data-plane.js';
import { clip, type Extent, endOf, totalLength } from '../model/extent.js';

/** Differences that are mended block by block; from there on each takes twice as much along as the one before. */
const SINGLE_BLOCKS = 16;

export interface Repair {
  readonly dataPlane: Pick<DataPlane, 'copy' | 'firstDifference'>;
  /** All of a copy but what is copied. */
  readonly copy: Omit<CopyJob, 'extents' | 'skipZeroes' | 'onProgress'>;
  /** Bytes; differences are mended in multiples of it. */
  readonly blockBytes: number;
  /** Called before a difference is mended, with all that is written once it is; what it throws ends the comparison. */
  readonly allow?: (written: number) => void;
  /** Everything before `upTo` is compared, and `written` bytes of it were mended. */
  readonly onProgress: (upTo: number, written: number) => void;
}

/**
 * Compares source and target in `extents` and copies what differs; flushed when it resolves, whether anything differed or not. Returns
 * the bytes written. Each difference costs the start of a comparison and of a copy, so where many follow each other in one list
 * more and more of the same source is written around them: a few dozen starts for a batch, however much of it differs.
 */
export async function repairExtents(extents: readonly Extent[], repair: Repair): Promise<number> {
  const { dataPlane, copy, onProgress, allow = () => {} } = repair;
  const { source, target, signal } = copy;
  let remainingExtents = [...extents];
  let written = 0;
  for (let found = 1; remainingExtents.length > 0; found++) {
    signal?.throwIfAborted();
    const at = await dataPlane.firstDifference({
      source,
      target,
      extents: remainingExtents,
      ...(signal === undefined ? {} : { signal }),
    });
    if (at === undefined) break;
    const block = around(at, found, repair.blockBytes);
    const part = clip(remainingExtents, block);
    const more = written + totalLength(part);
    allow(more);
    await dataPlane.copy({ ...copy, extents: part, skipZeroes: false });
    written = more;
    remainingExtents = clip(remainingExtents, { offset: endOf(block), length: Number.MAX_SAFE_INTEGER - endOf(block) });
    onProgress(endOf(block), written);
  }
  // What an earlier run wrote may stand in a cache still, and was found equal there.
  if (written === 0) await dataPlane.copy({ ...copy, extents: [], skipZeroes: false });
  return written;
}

function around(at: number, found: number, blockBytes: number): Extent {
  const offset = Math.floor(at / blockBytes) * blockBytes;
  return { offset, length: blockBytes * 2 ** Math.max(0, found - SINGLE_BLOCKS) };
}
