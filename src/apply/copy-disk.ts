import type { NbdEndpoint } from '../contracts/data-plane.js';
import type { DiskReader } from '../contracts/disk-reader.js';
import { batches, clip, type Extent, intersect, subtract, totalLength, union } from '../model/extent.js';
import { partsOf } from '../model/parts.js';
import { requireWithinAdoption } from './adoption.js';
import { requireTimeToGoOn } from './check-windows.js';
import type { ApplyContext } from './handler.js';
import { writeState } from './records.js';
import { repairExtents } from './repair-extents.js';
import type { SyncJob } from './sync-job.js';

export interface OpenDisk {
  readonly source: NbdEndpoint;
  readonly target: NbdEndpoint;
  readonly reader: DiskReader;
}

interface Work {
  readonly extents: readonly Extent[];
  /** Those of `extents` where the target reads as zero now, so that zero blocks need not be written. */
  readonly overZeroes: readonly Extent[];
}

export interface CopiedDisk {
  /** Written. */
  readonly bytes: number;
  /** Of a repair: what was read from each side and compared, and what was missing on the target. */
  readonly compared?: number;
}

/** Copies, or compares and mends, what the job says, in batches. Each batch is flushed, then the record says how far the disk is. */
export async function copyDisk(job: SyncJob, open: OpenDisk, context: ApplyContext): Promise<CopiedDisk> {
  const { partial, recopyExtents } = job;
  const done = partial?.upTo ?? 0;
  const rest = await restOf(job, open, context);
  const total = totalLength(recopyExtents) + totalLength(rest.extents);
  const progress = new Progress(job, total, context);

  // The earlier run's part first, as a whole: until all of it has moved on, its record stays true as it is.
  for (const [index, batch] of batches(recopyExtents, context.settings.batchBytes).entries()) {
    if (index > 0) waitForWindow(job, context);
    await copyBatch({ extents: batch.extents, overZeroes: [] }, open, { context, progress });
  }
  const steps = batches(rest.extents, context.settings.batchBytes);
  if (recopyExtents.length > 0 && steps.length > 0) await checkpoint(job, done, context);
  for (const [index, { extents, end }] of steps.entries()) {
    if (index > 0 || recopyExtents.length > 0) waitForWindow(job, context);
    const work = { extents, overZeroes: intersect(extents, rest.overZeroes) };
    await (job.isRepair ? repairBatch : copyBatch)(work, open, { context, progress });
    if (index < steps.length - 1) await checkpoint(job, end, context);
  }
  // Nothing to copy is no reason not to flush what an earlier run may have left in a cache.
  if (total === 0) await copyBatch({ extents: [], overZeroes: [] }, open, { context, progress });
  return job.isRepair
    ? { bytes: totalLength(recopyExtents) + progress.repaired, compared: total - totalLength(recopyExtents) }
    : { bytes: total };
}

/**
 * A full copy writes where the source may hold data and where the target may hold something else than zero; elsewhere both
 * read as zero. The target is asked each time, so no memory of what a killed run wrote is needed.
 */
async function restOf(
  { remainingExtents, snapshotDisk, partial }: SyncJob,
  { source, target }: OpenDisk,
  { dataPlane, signal }: ApplyContext,
): Promise<Work> {
  if (remainingExtents !== 'all') return { extents: remainingExtents, overZeroes: [] };
  const from = partial?.upTo ?? 0;
  const region = { offset: from, length: snapshotDisk.capacity - from };
  const data = clip(await dataPlane.nonZeroExtents(source, signal), region);
  const stale = clip(await dataPlane.nonZeroExtents(target, signal), region);
  return { extents: union(data, stale), overZeroes: subtract(data, stale) };
}

interface Copying {
  readonly context: ApplyContext;
  readonly progress: Progress;
}

async function copyBatch(
  { extents, overZeroes }: Work,
  { source, target, reader }: OpenDisk,
  { context, progress }: Copying,
): Promise<void> {
  const parts = [
    { part: subtract(extents, overZeroes), skipZeroes: false },
    { part: overZeroes, skipZeroes: true },
  ].filter(({ part }, index) => part.length > 0 || (extents.length === 0 && index === 0));
  for (const { part, skipZeroes } of parts) {
    context.signal.throwIfAborted();
    const { report, finish } = progress.part(totalLength(part));
    await context.dataPlane.copy({
      source,
      target,
      extents: part,
      skipZeroes,
      requestBytesMax: reader.requestBytesMax,
      connections: reader.connections,
      onProgress: report,
      signal: context.signal,
    });
    finish();
  }
}

/** What is missing on the target differs for sure: it is copied without a look. The rest is compared, and mended where it differs. */
async function repairBatch({ extents, overZeroes }: Work, open: OpenDisk, { context, progress }: Copying): Promise<void> {
  const missing = totalLength(overZeroes);
  if (missing > 0) {
    requireWithinAdoption(progress.job, progress.repaired + missing, context);
    await copyBatch({ extents: overZeroes, overZeroes }, open, { context, progress });
    progress.repaired += missing;
  }
  const { source, target, reader } = open;
  const { dataPlane, settings, signal } = context;
  const { requestBytesMax, connections } = reader;
  const compared = subtract(extents, overZeroes);
  const { report, finish } = progress.part(totalLength(compared));
  const before = progress.repaired;
  await repairExtents(compared, {
    dataPlane,
    copy: { source, target, requestBytesMax, connections, signal },
    blockBytes: settings.repairBytes,
    allow: (written) => requireWithinAdoption(progress.job, before + written, context),
    onProgress: (upTo, written) => {
      progress.repaired = before + written;
      report(totalLength(clip(compared, { offset: 0, length: upTo })));
    },
  });
  finish();
}

/** Between batches, and never before the first: each run gets a little further, however short the window. */
function waitForWindow({ isLive }: SyncJob, context: ApplyContext): void {
  if (isLive) requireTimeToGoOn(context);
}

/** Durable: [0, upTo) is at this snapshot. Without tracking no later run could continue from it. */
async function checkpoint(
  { disk, snapshotDisk, base, cycle, origin }: SyncJob,
  upTo: number,
  context: ApplyContext,
): Promise<void> {
  const { address } = context.desired;
  await context.journal.write('checkpoint', { address, disk, upTo });
  if (snapshotDisk.changeId === undefined) return;
  const partial = { at: snapshotDisk.changeId, upTo };
  await writeState(context, disk, { state: { kind: 'dirty', base, partial }, cycle, capacity: snapshotDisk.capacity, origin });
}

/** How far a disk is, told with every change. */
class Progress {
  /** Written so far because it differed. */
  repaired = 0;
  readonly part = partsOf((bytesDone) => this.tell(bytesDone));

  constructor(
    readonly job: SyncJob,
    private readonly bytesTotal: number,
    private readonly context: ApplyContext,
  ) {}

  private tell(bytesDone: number): void {
    const { disk, isRepair } = this.job;
    const { desired, emit } = this.context;
    const { bytesTotal, repaired } = this;
    emit({ type: 'progress', address: desired.address, disk, bytesDone, bytesTotal, ...(isRepair && { repaired }) });
  }
}
