import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { SyncRecord } from '../../model/sync-record.js';
import { oneConversion } from './one-conversion.js';
import { requestsFor, reseedProgress } from './reseed.js';

/**
 * A conversion was being merged by a machine that has lost the VM, and its overlays with it; or they are here, and some disk was brought back to
 * the source since, so that it is not what its overlay was made from. Where all machines see who works on what, nobody merges on; so the disks
 * are brought back to the source by comparison, which the plan shows as it shows a request in the manifest, and are converted anew. A volume
 * that is converted is not written for that.
 */
export function withLostMerge(desired: DesiredMigration, observed: ObservedMigration): DesiredMigration {
  const records = recordsOf(observed);
  const merging = records.filter(isMerging);
  const isPast = records.some(({ state }) => state.kind === 'converted');
  if (observed.local.isShared !== true || !desired.cutover || merging.length === 0 || isPast) return desired;
  const isMergeable = overlaysHere(merging, observed) && records.every((record) => waitsBeside(record, merging));
  if (isMergeable || isAsked(desired, merging)) return desired;
  return { ...desired, reseed: { request: requestsFor(observed).compare, how: 'compare' } };
}

/** What the plan says of it. */
export function lostMerge({ address }: DesiredMigration, observed: ObservedMigration): Diagnostic {
  const isHere = overlaysHere(recordsOf(observed).filter(isMerging), observed);
  const why = isHere
    ? 'a conversion was being merged when it stopped, and some of its disks were copied from the source since'
    : 'a conversion was being merged by a machine that has lost this VM, and its overlays are not here';
  const detail = `${why}: the disks are compared with the source, what differs is copied, and the guest is converted anew`;
  return { severity: 'warning', code: 'MP2017', address, detail, ...(isHere ? {} : { nextSteps: [thereInstead] }) };
}

const thereInstead = 'or, if that machine and its .migplan folder come back, apply there instead: it merges what it has';

/** Of the disks that the VM has. */
function recordsOf({ source, volumes }: ObservedMigration): SyncRecord[] {
  const disks = source.kind === 'found' ? source.vm.disks : [];
  return disks.flatMap(({ key }) => {
    const [volume] = volumes[String(key)] ?? [];
    return volume?.reading.kind === 'record' ? [volume.reading.record] : [];
  });
}

const isMerging = ({ state }: SyncRecord): boolean => state.kind === 'committing';

function overlaysHere(merging: readonly SyncRecord[], { local }: ObservedMigration): boolean {
  const run = oneConversion(merging);
  return run !== undefined && local.overlayRuns.includes(run);
}

/** It is being merged, or it is what its overlay was made from. */
const waitsBeside = (record: SyncRecord, merging: readonly SyncRecord[]): boolean =>
  isMerging(record) || (record.state.kind === 'clean' && merging.every(({ cycle }) => cycle === record.cycle));

const isAsked = (desired: DesiredMigration, merging: readonly SyncRecord[]): boolean =>
  merging.every((record) => reseedProgress(desired, record, false) === 'due');
