import { type Extent, endOf, subtract, totalLength } from '../model/extent.js';
import { MiB } from '../model/ids.js';

/** One run of nbdcopy. */
export interface CopyRun {
  /** A power of two: every extent starts and ends at a multiple of it, or at the end of the disk. */
  readonly requestBytes: number;
  readonly extents: readonly Extent[];
}

/** CBT tells changes in units of 64 KiB; 64 requests of that size in flight fill a link as well as larger ones do. */
const UNIT = 65_536;
const LARGE_UNIT = MiB;
/** nbdcopy's smallest request. */
const SMALL_UNIT = 4_096;
/** A run of its own costs a login at the source: seconds. */
const WORTH_BYTES = 64 * MiB;

function alignInward(extents: readonly Extent[], unit: number, size: number): Extent[] {
  const aligned: Extent[] = [];
  for (const extent of extents) {
    const offset = Math.ceil(extent.offset / unit) * unit;
    const end = endOf(extent) === size ? size : Math.floor(endOf(extent) / unit) * unit;
    if (end > offset) aligned.push({ offset, length: end - offset });
  }
  return aligned;
}

const powerOfTwo = (bytes: number): number => 2 ** Math.floor(Math.log2(bytes));

/**
 * Cuts a list into runs. nbdcopy rounds every extent outward to its request size (measured with 1.14: a list of one sector
 * and requests of 256 KiB copies 256 KiB), so to copy just what is listed, a request must not be larger than what the extents
 * are aligned to. Large extents go in large requests, their edges and small ones in smaller ones; when a run would not be
 * worth its start, the next one takes its part. What is not aligned to 4 KiB brings its surroundings of the same source along.
 */
export function copyRuns(extents: readonly Extent[], size: number, requestBytesMax: number): CopyRun[] {
  const largest = Math.max(powerOfTwo(requestBytesMax), SMALL_UNIT);
  const units = [...new Set([LARGE_UNIT, UNIT, SMALL_UNIT].map((unit) => Math.min(unit, largest)))];
  const result: CopyRun[] = [];
  let rest = extents;
  for (const requestBytes of units) {
    const isLast = requestBytes === units.at(-1);
    const core = isLast ? rest : alignInward(rest, requestBytes, size);
    const left = isLast ? [] : subtract(rest, core);
    if (core.length === 0 || (left.length > 0 && totalLength(core) < WORTH_BYTES)) continue;
    result.push({ requestBytes, extents: core });
    rest = left;
  }
  return result;
}
