import type { NbdEndpoint } from '../contracts/data-plane.js';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { drawFrom, newSeed } from '../host/random.js';
import { clip, type Extent, endOf, subtract, totalLength, union } from '../model/extent.js';
import { blockCount, sampleBlocks } from '../model/sample.js';
import { VERIFY_BLOCK_BYTES } from '../plan/sync/verification.js';
import type { ApplyContext, Verified } from './handler.js';
import { writeState } from './records.js';
import type { SyncJob } from './sync-job.js';

export interface ComparedSides {
  readonly source: NbdEndpoint;
  readonly target: NbdEndpoint;
}

/** What is read from both sides. */
interface Comparison {
  readonly extents: readonly Extent[];
  readonly verified: Exclude<Verified, { mode: 'off' }>;
}

/**
 * Reads the snapshot and the volume again and compares: what was copied, and blocks that were drawn by lot from the rest. A
 * difference means that changed block tracking or the storage lied, so the volume loses its base: the next plan shows a full
 * copy.
 */
export async function verifyDisk(job: SyncJob, sides: ComparedSides, context: ApplyContext): Promise<Verified> {
  const { verify, disk, snapshotDisk, cycle, origin } = job;
  if (verify.mode === 'off') return verify;
  const { extents, verified } = verify.full.includes(disk)
    ? whole(snapshotDisk.capacity)
    : await drawn(job, verify.blocks, context);
  const difference = await context.dataPlane.firstDifference({ ...sides, extents, signal: context.signal });
  if (difference === undefined) return verified;
  await writeState(context, disk, { state: { kind: 'dirty', base: undefined }, cycle, capacity: snapshotDisk.capacity, origin });
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP6005',
      address: `${context.desired.address}/disk/${disk}`,
      ...told(job, difference),
    },
  ]);
}

const whole = (capacity: number): Comparison => ({
  extents: [{ offset: 0, length: capacity }],
  verified: { mode: 'full', bytes: capacity },
});

/** The seed stands in the journal: with it the same blocks can be compared again. */
async function drawn(job: SyncJob, wanted: number, { journal, desired }: ApplyContext): Promise<Comparison> {
  const copied = copiedExtents(job);
  const uncopied = subtract([{ offset: 0, length: job.snapshotDisk.capacity }], copied);
  const seed = newSeed();
  await journal.write('verify', { address: desired.address, disk: job.disk, seed, blocks: wanted });
  const sample = sampleBlocks(uncopied, { blockBytes: VERIFY_BLOCK_BYTES, wanted, draw: drawFrom(seed) });
  const extents = union(copied, sample);
  return {
    extents,
    verified: {
      mode: 'sample',
      bytes: totalLength(extents),
      copiedBytes: totalLength(copied),
      blocks: sample.length,
      of: blockCount(uncopied, VERIFY_BLOCK_BYTES),
    },
  };
}

/** A full copy has no rest: all of it is what blocks are drawn from. */
function copiedExtents({ remainingExtents, recopyExtents, snapshotDisk }: SyncJob): Extent[] {
  const all = remainingExtents === 'all' ? [] : union(recopyExtents, remainingExtents);
  return clip(all, { offset: 0, length: snapshotDisk.capacity });
}

/** Whose fault it is shows in where the difference is. */
function told(job: SyncJob, offset: number): { detail: string; nextSteps: string[] } {
  const wasCopied =
    job.remainingExtents === 'all' || copiedExtents(job).some((extent) => extent.offset <= offset && offset < endOf(extent));
  const where = `at offset ${offset}`;
  if (job.isDoubted)
    return {
      detail: `the volume differs from the snapshot ${where}: another run whose end nobody saw wrote to it; it can no longer be used as a base`,
      nextSteps: [
        'make sure that no earlier run of this VM is alive on another machine',
        'run migplan plan again: it shows a full copy of this disk',
      ],
    };
  if (wasCopied) {
    return {
      detail: `the volume differs from the snapshot ${where}, where it was just written; it can no longer be used as a base`,
      nextSteps: [
        'run migplan plan again: it shows a full copy of this disk',
        'check the storage on both sides before trusting another copy',
      ],
    };
  }
  return {
    detail: `the volume differs from the snapshot ${where}, which was not reported as changed; it can no longer be used as a base`,
    nextSteps: [
      'run migplan plan again: it shows a full copy of this disk',
      'ask VMware support about changed block tracking on this host before trusting further deltas',
    ],
  };
}
