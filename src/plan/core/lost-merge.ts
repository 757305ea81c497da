import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { SyncRecord } from '../../model/sync-record.js';
import { requestsFor, reseedProgress } from './reseed.js';

/**
 * A conversion was being merged by a machine that has lost the VM, and its overlays with it. Where all machines see who works on what, nobody
 * merges on; so the disks are brought back to the source by comparison, which the plan shows as it shows a request in the manifest, and
 * are converted anew. A volume that is converted is never written again.
 */
export function withLostMerge(desired: DesiredMigration, observed: ObservedMigration): DesiredMigration {
  const { isShared, overlayRuns } = observed.local;
  const records = recordsOf(observed);
  const merging = records.filter(({ state }) => state.kind === 'committing');
  const isLost = merging.length > 0 && merging.every(({ run }) => !overlayRuns.includes(run));
  const isPast = records.some(({ state }) => state.kind === 'converted');
  if (isShared !== true || !desired.cutover || !isLost || isPast || isAsked(desired, records)) return desired;
  return { ...desired, reseed: { request: requestsFor(observed).compare, how: 'compare' } };
}

/** What the plan says of it. */
export const lostMerge = (desired: DesiredMigration): Diagnostic => ({
  severity: 'warning',
  code: 'MP2017',
  address: desired.address,
  detail:
    'a conversion was being merged by a machine that has lost this VM, and its overlays are not here: the disks are compared with the source, what differs is copied, and the guest is converted anew',
  nextSteps: ['or, if that machine and its .migplan folder come back, apply there instead: it merges what it has'],
});

const recordsOf = ({ volumes }: ObservedMigration): SyncRecord[] =>
  Object.values(volumes).flatMap(([volume]) => (volume?.reading.kind === 'record' ? [volume.reading.record] : []));

const isAsked = (desired: DesiredMigration, records: readonly SyncRecord[]): boolean =>
  records.some((record) => reseedProgress(desired, record, false) === 'due');
