import { type ChangeId, sameEpoch } from '../../model/change-id.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ForeignSeed } from '../../model/foreign-seed.js';
import { luksHeader } from '../../model/luks-header.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedDisk } from '../../model/observed-source.js';
import type { ObservedVolume } from '../../model/observed-target.js';
import type { PartialSync, RecordParseResult, SyncRecord, SyncState } from '../../model/sync-record.js';
import { normalizeUuid } from '../../model/uuid.js';
import type { FullSyncReason } from './action.js';
import { begunBy, convertedElsewhere, isAdoption, ofAnotherDisk } from './adoption.js';
import type { Blocker } from './blocker.js';
import {
  alreadyExists,
  held,
  newerRecord,
  noChangeId,
  noDelta,
  noRecord,
  replaced,
  resized,
  revertBlocker,
  severalVolumes,
  tooSmall,
  trackingInactive,
  trackingReset,
} from './disk-blockers.js';
import { requestsFor, reseedProgress, revertOf, soundPartial } from './reseed.js';
import { isServerWanted } from './server-wanted.js';
import { statusProblem } from './volume-state.js';
import { isWholeGuest } from './whole-guest.js';

/** What one disk needs, from its volume's record and the source's tracking; the VM's planner puts disks together. */
export type DiskAssessment =
  | { readonly kind: 'blocked'; readonly blocker: Blocker }
  | { readonly kind: 'create' }
  | {
      readonly kind: 'full';
      readonly volume: ObservedVolume;
      readonly reason: FullSyncReason;
      readonly repair?: true;
      /** The volume has no record yet: another tool began it. */
      readonly begunBy?: ForeignSeed;
      readonly partial?: PartialSync;
    }
  | {
      readonly kind: 'delta';
      readonly volume: ObservedVolume;
      readonly since: ChangeId;
      readonly partial?: PartialSync;
      /** clean: nothing is left over from a dead run. */
      readonly clean: boolean;
    }
  /** A complete copy that cannot take deltas. */
  | { readonly kind: 'complete'; readonly volume: ObservedVolume }
  | { readonly kind: 'committing'; readonly volume: ObservedVolume; readonly run: string }
  | { readonly kind: 'converted'; readonly volume: ObservedVolume };

export function assessDisk(disk: ObservedDisk, desired: DesiredMigration, observed: ObservedMigration): DiskAssessment {
  const volumes = observed.volumes[String(disk.key)] ?? [];
  if (volumes.length > 1) return blocked(severalVolumes(volumes));
  const volume = volumes[0];
  if (volume === undefined) return { kind: 'create' };

  const { reading } = volume;
  if (reading.kind === 'unreadable' && reading.isNewer) return blocked(newerRecord(volume, reading.why));
  // Nothing is done to it any more, unless a server is still to take it.
  const isOver = isConverted(reading) && !isServerWanted(desired, observed.server);
  const problem = isOver ? undefined : volumeProblem(volume, disk, observed);
  if (problem !== undefined) return blocked(problem);
  if (reading.kind === 'foreign' && reading.converted)
    return desired.adopt === true ? blocked(convertedElsewhere(volume, reading)) : { kind: 'converted', volume };
  if (reading.kind === 'record') return assessRecord(reading.record, { disk, volume, desired, observed });
  const { reseed } = desired;
  // Nobody looks into the manifest for what was carried out last month: a record that was edited is no reason to do it once more.
  const isKnown = reseed !== undefined && reading.kind === 'unreadable' && reading.reseed === reseed.request;
  if (isKnown) return blocked(noRecord(volume, requestsFor(observed), reseed.request));
  const seed = begunBy(volume, disk, observed);
  const begun = seed === undefined ? {} : { begunBy: seed };
  if (reseed !== undefined) return { kind: 'full', volume, reason: 'reseed', ...repairOf(desired), ...begun };
  if (desired.adopt === true && reading.kind === 'foreign')
    return seed === undefined
      ? blocked(ofAnotherDisk(volume, reading, requestsFor(observed)))
      : { kind: 'full', volume, reason: 'adopt', repair: true, ...begun };
  return blocked(desired.cbtSync ? noRecord(volume, requestsFor(observed)) : alreadyExists(volume));
}

export const isConverted = (reading: RecordParseResult): boolean =>
  reading.kind === 'record' ? reading.record.state.kind === 'converted' : reading.kind === 'foreign' && reading.converted;

interface Subject {
  readonly disk: ObservedDisk;
  readonly volume: ObservedVolume;
  readonly desired: DesiredMigration;
  readonly observed: ObservedMigration;
}

function assessRecord(record: SyncRecord, subject: Subject): DiskAssessment {
  const { disk, volume, desired, observed } = subject;
  if (record.state.kind === 'converted') return { kind: 'converted', volume };
  if (record.state.kind === 'committing' && isWholeGuest(observed)) return { kind: 'committing', volume, run: record.run };
  const progress = reseedProgress(desired, record, isNeverTracked(observed));
  if (progress === 'due') return { kind: 'full', volume, reason: 'reseed', ...repairOf(desired) };
  if (progress === 'begun' || isWantedAdoption(record, desired)) return unfinishedCopy(record, subject);
  if (record.state.kind === 'committing') return { kind: 'committing', volume, run: record.run };
  if (record.state.kind === 'clean' && waitsForTheRest(record, observed)) return { kind: 'complete', volume };
  const mayGoOn = desired.cbtSync || skipsFinalSync(desired) || observed.local.unfinishedRuns.includes(record.run);
  if (!mayGoOn) return blocked(alreadyExists(volume, progress === 'done' ? requestsFor(observed) : undefined));

  const uuids = { before: record.identity.diskUuid, now: normalizeUuid(disk.uuid) };
  if (uuids.now !== uuids.before) return blocked(replaced(volume, uuids, requestsFor(observed)));
  if (disk.capacity !== record.capacity)
    return blocked(resized({ before: record.capacity, now: disk.capacity }, requestsFor(observed)));
  return assessState({ ...record, state: record.state }, subject);
}

/**
 * While the overlays of some disks are being merged, or their copies become final, the others wait for that, complete and of the same cycle:
 * nothing is read from the source any more, so neither its history nor its tracking says anything about them, nor does whose run it was.
 */
function waitsForTheRest({ cycle }: SyncRecord, { source, volumes }: ObservedMigration): boolean {
  const isCopied = source.kind === 'found' && source.vm.traits.conversion === 'none';
  const last = isCopied ? 'converted' : 'committing';
  return Object.values(volumes).some((found) =>
    found.some(
      ({ reading }) => reading.kind === 'record' && reading.record.state.kind === last && reading.record.cycle === cycle,
    ),
  );
}

type LiveRecord = SyncRecord & { readonly state: Exclude<SyncState, { kind: 'converted' | 'committing' }> };

function assessState(record: LiveRecord, subject: Subject): DiskAssessment {
  const { disk, volume, desired, observed } = subject;
  const { state } = record;
  // What is on the volume is taken as it is, whatever became of the source.
  if (skipsFinalSync(desired) && state.kind === 'clean') return { kind: 'complete', volume };
  const { reading } = volume;
  const unfinished = reading.kind === 'record' && observed.local.unfinishedRuns.includes(reading.record.run);
  const current = disk.changeId;
  // An unfinished first copy was never usable, so starting over is what the plan already promised.
  if (state.kind === 'dirty' && state.base === undefined) return unfinishedCopy(record, subject);
  const since = state.kind === 'dirty' ? state.base : state.at;
  if (isNeverTracked(observed)) return untrackedCopy(since, subject, unfinished);
  if (since === undefined) return withoutBase(subject);
  const ways = requestsFor(observed);
  if (current === undefined) return blocked(trackingInactive(since, ways));
  if (!sameEpoch(since, current)) return blocked(trackingReset({ since, current }, ways));
  const revert = revertOf(record, disk, observed);
  if (revert.kind !== 'no') return blocked(revertBlocker(revert, desired, ways));
  const partial = state.kind === 'dirty' ? state.partial : undefined;
  return { kind: 'delta', volume, since, clean: state.kind === 'clean', ...(partial === undefined ? {} : { partial }) };
}

/** As with a reseed: what the manifest asks for goes on, whichever machine began it. */
const isWantedAdoption = (record: SyncRecord, { adopt }: DesiredMigration): boolean => adopt === true && isAdoption(record);

const repairOf = ({ reseed }: DesiredMigration): { repair?: true } => (reseed?.how === 'compare' ? { repair: true } : {});

function unfinishedCopy(record: SyncRecord, { disk, volume, desired, observed }: Subject): DiskAssessment {
  const partial = soundPartial(record, disk, observed);
  const goesOn = partial === undefined ? {} : { partial };
  if (isAdoption(record)) return { kind: 'full', volume, reason: 'adopt', repair: true, ...goesOn };
  const repair = desired.reseed?.request === record.reseed ? repairOf(desired) : {};
  return { kind: 'full', volume, reason: 'interrupted-full', ...repair, ...goesOn };
}

const isNeverTracked = ({ source }: ObservedMigration): boolean =>
  source.kind === 'found' && source.vm.traits.tracking === 'none';

/**
 * Of a source that tracks no changes but tells which content a disk has, an equal one is as it was copied, however long ago; another
 * one is copied again, all of it. What tells nothing may be of any instant.
 */
function untrackedCopy(copied: ChangeId | undefined, subject: Subject, unfinished: boolean): DiskAssessment {
  const { disk, volume } = subject;
  if (copied === undefined || disk.changeId === undefined) return completeCopy(subject, unfinished);
  const isSame = sameEpoch(copied, disk.changeId) && copied.sequence === disk.changeId.sequence;
  return isSame ? { kind: 'complete', volume } : { kind: 'full', volume, reason: 'source-changed' };
}

/**
 * A complete copy of an OpenStack server's volume is as good as it gets: never brought up to date, only made again. At
 * cutover one that an earlier run left may be of any instant, so it counts only as an unfinished piece of work.
 */
function completeCopy({ volume, desired, observed }: Subject, unfinished: boolean): DiskAssessment {
  if (skipsFinalSync(desired) || (!desired.cutover && desired.phase !== 'sync')) return { kind: 'complete', volume };
  return unfinished ? { kind: 'full', volume, reason: 'interrupted-full' } : blocked(noDelta(volume, requestsFor(observed)));
}

/** Only a cutover has a last sync to leave out. */
const skipsFinalSync = ({ cutover, finalSync }: DesiredMigration): boolean => cutover && finalSync === 'skip';

/** Without tracking there is no delta: a copy that must be brought up to date is made again. */
const withoutBase = ({ disk, volume, desired: { cbtSync, cutover }, observed }: Subject): DiskAssessment =>
  cbtSync
    ? blocked(noChangeId(volume, { cutover, current: disk.changeId }, requestsFor(observed)))
    : { kind: 'full', volume, reason: 'interrupted-full' };

const blocked = (blocker: Blocker): DiskAssessment => ({ kind: 'blocked', blocker });

function volumeProblem(volume: ObservedVolume, disk: ObservedDisk, observed: ObservedMigration): Blocker | undefined {
  const { local, server, conversionHost } = observed;
  const busy = statusProblem(volume);
  if (busy !== undefined) return busy;
  // More does certainly not fit; whether the rest does shows when the volume is opened.
  const header = conversionHost !== undefined && volume.encrypted ? luksHeader.least : 0;
  // A source that grew after the conversion asks for nothing.
  if (!isConverted(volume.reading) && volume.size - header < disk.capacity) return tooSmall(volume, disk);
  const mine = new Set<string>(local.ownAttachments);
  const foreign = volume.attachments.filter(
    ({ id, server: holder }) => !mine.has(id) && (holder === undefined || holder !== server?.id),
  );
  if (foreign.length > 0) return held(volume, foreign, { host: conversionHost, local });
  return undefined;
}
