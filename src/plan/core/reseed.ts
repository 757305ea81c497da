import { sameEpoch } from '../../model/change-id.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedDisk } from '../../model/observed-source.js';
import { type FreshRequests, freshRequests } from '../../model/reseed.js';
import { newestSequence, type PartialSync, type RecordParseResult, type SyncRecord } from '../../model/sync-record.js';
import { normalizeUuid } from '../../model/uuid.js';
import { type Revert, revertSince } from './reverts.js';

/**
 * How a volume stands to `spec.reseed`. due: it was not carried out; begun: the copy that it began has not ended; done: it was, and
 * only still stands in the manifest.
 */
export type ReseedProgress = 'not asked' | 'due' | 'begun' | 'done';

export function reseedProgress(
  { reseed, cutover }: DesiredMigration,
  record: SyncRecord,
  isNeverTracked: boolean,
): ReseedProgress {
  if (reseed === undefined) return 'not asked';
  if (record.reseed !== reseed.request) return 'due';
  if (record.state.kind === 'dirty' && record.state.base === undefined) return 'begun';
  // No delta follows there: to write over the earlier copy is all that a cutover can ask for, each time it is tried.
  return isNeverTracked && cutover && record.state.kind === 'clean' ? 'due' : 'done';
}

/** The moving disk's own number is at least that of the newest snapshot, unless the VM went back behind it. */
export function revertOf(record: SyncRecord, { changeId }: ObservedDisk, { source }: ObservedMigration): Revert {
  if (source.kind !== 'found') return { kind: 'no' };
  const newest = newestSequence(record.state);
  if (newest !== undefined && changeId !== undefined && changeId.sequence < newest)
    return { kind: 'yes', why: `the disk is at point ${changeId.sequence} of its tracking and the volume at ${newest}` };
  return revertSince(source.vm, record);
}

/** Where an unfinished full copy goes on: what it has is sound only on the same line of the same epoch of the same disk. */
export function soundPartial(record: SyncRecord, disk: ObservedDisk, observed: ObservedMigration): PartialSync | undefined {
  const { state, identity, capacity } = record;
  const partial = state.kind === 'dirty' && state.base === undefined ? state.partial : undefined;
  if (partial === undefined || disk.changeId === undefined || !sameEpoch(partial.at, disk.changeId)) return undefined;
  if (normalizeUuid(disk.uuid) !== identity.diskUuid || disk.capacity !== capacity) return undefined;
  return revertOf(record, disk, observed).kind === 'no' ? partial : undefined;
}

/** Requests that an advice may name. */
export const requestsFor = ({ volumes }: Pick<ObservedMigration, 'volumes'>): FreshRequests =>
  freshRequests(Object.values(volumes).flatMap((found) => found.flatMap(({ reading }) => recordsIn(reading))));

const recordsIn = (reading: RecordParseResult): { readonly reseed?: string }[] => {
  if (reading.kind === 'record') return [reading.record];
  return reading.kind === 'unreadable' ? [reading] : [];
};
