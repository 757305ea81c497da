import { isProviderError } from '../contracts/provider-error.js';
import type { SnapshotDisk, SourceSnapshot } from '../contracts/source-provider.js';
import type { TargetBlock } from '../contracts/target-provider.js';
import { DiagnosticsError, invariant } from '../diag/diagnostic.js';
import type { ChangeId } from '../model/change-id.js';
import { clip, type Extent, totalLength } from '../model/extent.js';
import type { ForeignSeed } from '../model/foreign-seed.js';
import { formatBytes } from '../model/format.js';
import type { DiskKey } from '../model/ids.js';
import type { Origin } from '../model/origin.js';
import { freshRequests } from '../model/reseed.js';
import type { PartialSync } from '../model/sync-record.js';
import { normalizeUuid } from '../model/uuid.js';
import type { ActionMap, DiskSync, SyncVerification } from '../plan/core/action.js';
import { isAdopted } from '../plan/core/adoption.js';
import { originOf } from '../plan/core/reverts.js';
import { doubtGone } from './doubts.js';
import type { ApplyContext } from './handler.js';
import { completelyTracked, partialObstacle, requireSameLine, type Taken } from './same-line.js';

/** What one disk of a sync will do, known before anything is written. */
export interface SyncJob {
  readonly disk: DiskKey;
  readonly snapshot: SourceSnapshot;
  readonly snapshotDisk: SnapshotDisk;
  /** What the snapshot was taken under. */
  readonly origin: Origin;
  readonly cycle: number;
  readonly verify: SyncVerification;
  /** Another run may write to the volume still. */
  readonly isDoubted?: true;
  /** The VM runs meanwhile: the copy may wait for the next window at any batch. */
  readonly isLive: boolean;
  /** undefined: a full copy. */
  readonly base: ChangeId | undefined;
  readonly partial: PartialSync | undefined;
  /** Of the rest only what differs is written; all of it is compared. */
  readonly isRepair: boolean;
  /** What is compared is a volume that another tool began. */
  readonly isAdoption: boolean;
  /** It has no record yet, and is kept from going on. */
  readonly begunBy: ForeignSeed | undefined;
  /** Of an adoption: what may be written. undefined: no limit. */
  readonly limitBytes: number | undefined;
  /** [0, upTo) was brought to partial.at by an earlier run: what changed there since. */
  readonly recopyExtents: readonly Extent[];
  /** Beyond partial.upTo: what changed since the base, or 'all' for a full copy. */
  readonly remainingExtents: readonly Extent[] | 'all';
}

/** Reads what every disk needs; throws before the first write when a disk is not what was planned or a limit is passed. */
export async function prepareJobs(action: ActionMap['sync'], found: Taken, context: ApplyContext): Promise<SyncJob[]> {
  const taken = completelyTracked(found, context);
  await requireSameLine(action, taken, context);
  const { snapshot } = taken;
  requireNoOther(action, snapshot, context);
  const origin = originOf(taken.history, snapshot.ref);
  const jobs: SyncJob[] = [];
  // One after the other: vCenter reads a disk's whole map for an answer.
  for (const disk of action.disks) {
    const snapshotDisk = snapshotDiskOf(context, snapshot, disk);
    requireTracked(action, snapshotDisk, context);
    jobs.push({
      disk: disk.disk,
      snapshot,
      snapshotDisk,
      origin,
      cycle: action.cycle,
      verify: action.verify,
      isLive: action.stage === 'live',
      isRepair: isRepair(disk),
      isAdoption: isAdopted(disk),
      ...seedOf(disk),
      ...(await extentsOf(disk, { context, taken, snapshotDisk })),
    });
  }
  for (const [index, job] of jobs.entries()) requireWithinLimit(context, job, action.disks[index]!);
  return jobs;
}

/**
 * Before its volume is opened: whoever wrote to it is cut off where that can be done, and what it wrote before lies within what is copied
 * now. Else it may write anywhere, and what was asked to be left out is not left out then.
 */
export async function withoutDoubt(job: SyncJob, block: TargetBlock, context: ApplyContext): Promise<SyncJob> {
  const { disk, verify } = job;
  const { doubted, emit, desired, dataPlane } = context;
  const doubt = doubted.get(disk);
  if (doubt === undefined) return job;
  const isCutOff = doubt === 'writer' && (await dataPlane.cutOff(block));
  emit({ type: 'note', address: desired.address, note: { kind: isCutOff ? 'cut-off' : 'compares-all', disk } });
  if (isCutOff) {
    await doubtGone(context, disk);
    return job;
  }
  return {
    ...job,
    isDoubted: true,
    verify: { ...(verify.mode === 'off' ? { mode: 'compare', blocks: 0, doubts: [] } : verify), full: [disk] },
  };
}

/** All disks of a VM are copied from one snapshot: one that came since the plan was made would be missing on the target. */
function requireNoOther({ disks }: ActionMap['sync'], snapshot: SourceSnapshot, { desired }: ApplyContext): void {
  const others = snapshot.disks.filter(({ key }) => !disks.some(({ disk }) => disk === key));
  if (others.length === 0) return;
  throw new DiagnosticsError(
    others.map(({ key }) => ({
      severity: 'error',
      code: 'MP2022',
      address: desired.address,
      detail: `disk ${key} was added after the plan was made; nothing was written`,
      nextSteps: ['run migplan plan again: it shows what changed'],
    })),
  );
}

function snapshotDiskOf({ vm, desired }: ApplyContext, snapshot: SourceSnapshot, { disk, capacity }: DiskSync): SnapshotDisk {
  const snapshotDisk = snapshot.disks.find(({ key }) => key === disk);
  const observed = vm.disks.find(({ key }) => key === disk);
  const address = `${desired.address}/disk/${disk}`;
  const again = ['run migplan plan again: it shows what changed'];
  if (snapshotDisk === undefined || observed === undefined || normalizeUuid(snapshotDisk.uuid) !== normalizeUuid(observed.uuid)) {
    throw new DiagnosticsError([
      {
        severity: 'error',
        code: 'MP2008',
        address,
        detail: 'the disk was removed or replaced after the plan was made',
        nextSteps: again,
      },
    ]);
  }
  if (snapshotDisk.capacity !== capacity) {
    const detail = `the disk had ${capacity} bytes when planned and has ${snapshotDisk.capacity} now`;
    throw new DiagnosticsError([{ severity: 'error', code: 'MP2007', address, detail, nextSteps: again }]);
  }
  return snapshotDisk;
}

/**
 * A copy that takes hours must not end as one that no delta can follow; at a cutover the VM would be off by then. From an
 * OpenStack cloud no delta ever follows, and the plan said so.
 */
function requireTracked({ stage }: ActionMap['sync'], { key, changeId }: SnapshotDisk, { desired, vm }: ApplyContext): void {
  if (vm.traits.tracking === 'none' || !desired.cbtSync || changeId !== undefined) return;
  // At a cutover from a VM that is off this is the last copy, and needs none after it.
  if (stage !== 'live' && desired.cutover) return;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP2005',
      address: `${desired.address}/disk/${key}`,
      detail:
        'changed block tracking is switched on and yet not active for this disk, so no delta could follow; nothing was written',
      nextSteps: [
        'run the same plan again: tracking becomes active when a snapshot is taken or removed',
        'or power the VM off and on again; if that does not help, migrate it cold: phase: cutover, cbtSync: false',
      ],
    },
  ]);
}

interface ExtentQuery {
  readonly context: ApplyContext;
  readonly taken: Taken;
  readonly snapshotDisk: SnapshotDisk;
}

async function extentsOf(
  disk: DiskSync,
  asking: ExtentQuery,
): Promise<Pick<SyncJob, 'base' | 'partial' | 'recopyExtents' | 'remainingExtents'>> {
  const whole = { offset: 0, length: asking.snapshotDisk.capacity };
  if (disk.mode === 'full') {
    const recopyExtents = disk.partial === undefined ? undefined : await changedSincePartial(disk.partial, disk, asking);
    return {
      base: undefined,
      partial: recopyExtents && disk.partial,
      recopyExtents: recopyExtents ?? [],
      remainingExtents: 'all',
    };
  }
  const base = baseOf(disk, asking.context);
  const changed = await changedSince(base, disk, asking);
  if (disk.partial === undefined) return { base, partial: undefined, recopyExtents: [], remainingExtents: clip(changed, whole) };
  const { at, upTo } = disk.partial;
  const recopyExtents = clip(await changedSince(at, disk, asking), { offset: 0, length: upTo });
  return {
    base,
    partial: disk.partial,
    recopyExtents,
    remainingExtents: clip(changed, { offset: upTo, length: whole.length - upTo }),
  };
}

const seedOf = (disk: DiskSync): Pick<SyncJob, 'begunBy' | 'limitBytes'> =>
  disk.mode === 'full' ? { begunBy: disk.begunBy, limitBytes: disk.limitBytes } : { begunBy: undefined, limitBytes: undefined };

const isRepair = (disk: DiskSync): boolean => disk.mode === 'full' && disk.repair === true;

/** A first copy that cannot be continued starts over: it is still the full copy that was planned. */
async function changedSincePartial(
  partial: PartialSync,
  disk: DiskSync,
  { context, taken }: ExtentQuery,
): Promise<Extent[] | undefined> {
  const startsOver = (why: string): undefined => {
    const address = `${context.desired.address}/disk/${disk.disk}`;
    context.emit({ type: 'note', address, note: { kind: 'starts-over', copy: isRepair(disk) ? 'repair' : 'full', why } });
    return undefined;
  };
  const obstacle = partialObstacle(disk.disk, taken, context);
  if (obstacle !== undefined) return startsOver(obstacle);
  try {
    const changed = await context.source.changedExtents(taken.snapshot, disk.disk, partial.at);
    return clip(changed, { offset: 0, length: partial.upTo });
  } catch (error) {
    if (!isProviderError(error, 'cbt-invalid')) throw error;
    return startsOver(error.details.detail);
  }
}

function baseOf(disk: Extract<DiskSync, { mode: 'delta' }>, { records }: ApplyContext): ChangeId {
  if (disk.since !== 'live-sync') return disk.since;
  const state = records.get(disk.disk)?.state;
  invariant(
    state?.kind === 'clean' && state.at !== undefined,
    `disk ${disk.disk} has no point to continue from after its live sync`,
  );
  return state.at;
}

/** Trouble with tracking never becomes "nothing changed", nor a full copy that nobody reviewed. */
async function changedSince(
  since: ChangeId,
  { disk }: DiskSync,
  { context, taken: { snapshot } }: ExtentQuery,
): Promise<readonly Extent[]> {
  try {
    return await context.source.changedExtents(snapshot, disk, since);
  } catch (error) {
    if (!isProviderError(error, 'cbt-invalid')) throw error;
    const { once } = freshRequests([...context.records.values()]);
    const { detail, nextSteps = [`set spec.reseed: ${once} in the manifest and plan again (full copy)`] } = error.details;
    const refusal = {
      severity: 'error',
      address: `${context.desired.address}/disk/${disk}`,
      detail: `no delta can be trusted: ${detail}. Nothing was written`,
      nextSteps,
    } as const;
    // A map that cannot be read now says nothing about the base.
    const isUnread = error.details.code === 'MP2045';
    const steps = [...nextSteps, `if it stays so: set spec.reseed: ${once}`];
    throw new DiagnosticsError([isUnread ? { ...refusal, code: 'MP2045', nextSteps: steps } : { code: 'MP2006', ...refusal }], {
      cause: error,
    });
  }
}

function requireWithinLimit({ desired }: ApplyContext, job: SyncJob, disk: DiskSync): void {
  if (disk.mode !== 'delta' || disk.limitBytes === undefined || job.remainingExtents === 'all') return;
  const bytes = totalLength(job.recopyExtents) + totalLength(job.remainingExtents);
  if (bytes <= disk.limitBytes) return;
  throw new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP6004',
      address: `${desired.address}/disk/${disk.disk}`,
      detail: `delta is ${formatBytes(bytes)}, the approved limit is ${formatBytes(disk.limitBytes)}; nothing was written`,
      nextSteps: ['raise spec.limits.delta and plan again'],
    },
  ]);
}
