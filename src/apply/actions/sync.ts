import type { DiskReader } from '../../contracts/disk-reader.js';
import { loggedAs } from '../../host/program-logs.js';
import { formatChangeId } from '../../model/change-id.js';
import { totalLength } from '../../model/extent.js';
import { adoptionMark, type SyncState } from '../../model/sync-record.js';
import type { ActionMap } from '../../plan/core/action.js';
import { warnIfMostDiffered } from '../adoption.js';
import { allOrAbort } from '../all-or-abort.js';
import { attachVolumes, type OpenAttachments } from '../attached-volumes.js';
import { type CopiedDisk, copyDisk } from '../copy-disk.js';
import { doubtGone } from '../doubts.js';
import type { ActionHandler, ApplyContext, Verified } from '../handler.js';
import { type NextState, writeState } from '../records.js';
import { releaseAfter } from '../release-after.js';
import { reportWhileWaiting } from '../report-while-waiting.js';
import { withSnapshot } from '../snapshot-cycle.js';
import { prepareJobs, type SyncJob, withoutDoubt } from '../sync-job.js';
import { verifyDisk } from '../verify-disk.js';
import { requireOff } from './power-off.js';

/**
 * One snapshot of all disks; for each disk intent, bytes, flush, commit. The order is the crash safety: a volume whose record
 * says clean has been flushed, and a volume being written never says clean.
 */
export const sync: ActionHandler<'sync'> = async (action, context) => {
  // A VM that was found running has been seen off twice by the power-off before this.
  if (action.stage !== 'live') await requireOff(context, context.vm.power === 'on' ? 'once' : 'twice');
  const takenAt = Math.floor(context.clock.now().getTime() / 1000);
  await withSnapshot(action.cycle, context, async (snapshot) => {
    const history = await context.source.history(context.vm.ref);
    const jobs = await prepareJobs(action, { snapshot, history }, context);
    for (const job of jobs) announce(job, action, context);
    await allOrAbort(jobs, context.settings.transfersMax, context.signal, (job, signal) =>
      loggedAs(`disk-${job.disk}`, () => syncDisk(job, takenAt, { ...context, signal })),
    );
  });
};

async function syncDisk(job: SyncJob, takenAt: number, context: ApplyContext): Promise<void> {
  const { disk, snapshotDisk, cycle, origin } = job;
  const { capacity } = snapshotDisk;
  const began = context.clock.monotonicMs();
  await context.journal.write('disk-start', { address: context.desired.address, ...aimOf(job) });
  const attachments = await attachVolumes(context, [disk]);
  const copied = await releaseAfter(
    () =>
      withReader(job, context, async (reader) => {
        await writeState(context, disk, {
          state: dirtyState(job),
          cycle,
          capacity,
          origin,
          ...reseedOf(job, context),
          begunBy: job.begunBy,
        });
        const copied = await attachments.during(() => copyInto(attachments, { job, reader }, context));
        await reader.requireUnmoved?.();
        const state = { kind: 'clean', at: snapshotDisk.changeId, takenAt } as const;
        await writeState(context, disk, { state, cycle, capacity, origin });
        await doubtGone(context, disk);
        return copied;
      }),
    async () => {
      await attachments[Symbol.asyncDispose]();
    },
  );
  await committed(job, { ...copied, seconds: (context.clock.monotonicMs() - began) / 1000 }, context);
}

/** What is about to be copied. Of a full copy nobody knows yet how much of the disk holds data. */
function aimOf({ disk, snapshotDisk, cycle, base, isRepair, recopyExtents, remainingExtents }: SyncJob) {
  const mode = isRepair ? 'repair' : base === undefined ? 'full' : 'delta';
  const aim = { disk, mode, cycle, capacity: snapshotDisk.capacity };
  if (remainingExtents === 'all') return aim;
  const extents = recopyExtents.length + remainingExtents.length;
  return { ...aim, bytes: totalLength(recopyExtents) + totalLength(remainingExtents), extents };
}

/** A full copy carries out what the manifest asks for; where nothing is asked for any more, what was asked for once is forgotten. */
function reseedOf({ base, isAdoption }: SyncJob, { desired: { reseed } }: ApplyContext): Pick<NextState, 'reseed'> {
  if (isAdoption) return { reseed: { request: adoptionMark } };
  return reseed === undefined || base === undefined ? { reseed: { request: reseed?.request } } : {};
}

/** Without a base and without a part that is done, nothing of what the volume holds will be relied on. */
function dirtyState({ base, partial, snapshotDisk }: SyncJob): SyncState {
  const writing = base === undefined && partial === undefined ? undefined : snapshotDisk.changeId?.sequence;
  return {
    kind: 'dirty',
    base,
    ...(partial === undefined ? {} : { partial }),
    ...(writing === undefined ? {} : { writing }),
  };
}

/**
 * A reader may take a volume's place on a server: each work takes its target's place first and never waits for one while it holds
 * a reader's, so that no two disks wait for each other. What a reader cannot give back does no harm to a copy that its record says
 * is complete.
 */
async function withReader<T>(
  { snapshot, disk }: SyncJob,
  context: ApplyContext,
  work: (reader: DiskReader) => Promise<T>,
): Promise<T> {
  const { source, signal } = context;
  // A cloud whose back end copies all of a snapshot before anybody may read it takes hours.
  const reader = await reportWhileWaiting(context, { kind: 'readable', disk }, () => source.reader(snapshot, disk, signal));
  return releaseAfter(
    // Of a source that is gone, work has seen an end of file only.
    () => work(reader).catch(async (error: unknown) => Promise.reject((await reader.broken?.()) ?? error)),
    async () => reader.release?.(),
  );
}

interface OpenReader {
  readonly job: SyncJob;
  readonly reader: DiskReader;
}

interface Copied extends CopiedDisk {
  readonly verified: Verified;
}

/** Resolves when the writer is closed. */
async function copyInto({ blocks }: OpenAttachments, opened: OpenReader, context: ApplyContext): Promise<Copied> {
  const { reader } = opened;
  const { snapshotDisk } = opened.job;
  const { dataPlane } = context;
  const job = await withoutDoubt(opened.job, blocks[0]!, context);
  const target = await dataPlane.openTarget(blocks[0]!, snapshotDisk.capacity);
  return releaseAfter(
    async () => {
      const source = await dataPlane.openSource(reader, snapshotDisk.capacity);
      return releaseAfter(
        async () => {
          const copied = await copyDisk(job, { source, target, reader }, context);
          return { ...copied, verified: await verifyDisk(job, { source, target }, context) };
        },
        () => source.close(),
      );
    },
    () => target.close(),
  );
}

async function committed(
  job: SyncJob,
  { seconds, ...copied }: Copied & { readonly seconds: number },
  context: ApplyContext,
): Promise<void> {
  const { disk, snapshotDisk, base } = job;
  const { address } = context.desired;
  const { changeId } = snapshotDisk;
  const { bytes } = copied;
  await context.ledger.synced(disk, { bytes, seconds, at: context.clock.now(), isDelta: base !== undefined });
  await context.journal.write('disk-synced', {
    address,
    disk,
    changeId: changeId && formatChangeId(changeId),
    seconds,
    ...copied,
  });
  context.emit({ type: 'disk-synced', address, disk, changeId, seconds, ...copied });
  warnIfMostDiffered(job, copied, context);
}

function announce({ disk, recopyExtents, remainingExtents }: SyncJob, action: ActionMap['sync'], context: ApplyContext): void {
  if (remainingExtents === 'all') return;
  const planned = action.disks.find((candidate) => candidate.disk === disk);
  context.emit({
    type: 'transfer-known',
    address: context.desired.address,
    disk,
    bytes: totalLength(recopyExtents) + totalLength(remainingExtents),
    extents: recopyExtents.length + remainingExtents.length,
    ...(planned?.mode === 'delta' && planned.limitBytes !== undefined ? { limitBytes: planned.limitBytes } : {}),
  });
}
