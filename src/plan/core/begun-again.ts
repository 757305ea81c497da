import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedVolume } from '../../model/observed-target.js';
import type { SyncRecord } from '../../model/sync-record.js';
import { isMerged } from './one-conversion.js';
import { requestsFor, reseedProgress } from './reseed.js';

/**
 * A volume that is converted is written again only where somebody asks for it who gets no guest otherwise: other disks of the VM are not
 * converted with it, and no server was made or has one of its volumes, so that nothing ever ran from them.
 */
export const isBegunAgain = (record: SyncRecord, desired: DesiredMigration, observed: ObservedMigration): boolean =>
  reseedProgress(desired, record, false) === 'due' && !isWholeGuest(observed) && !isUsedByServer(observed);

/** All disks that the VM has are converted, or merged and not marked yet. */
export function isWholeGuest(observed: ObservedMigration): boolean {
  const readings = volumesOf(observed).map((volume) => volume?.reading);
  const records = readings.map((reading) => (reading?.kind === 'record' ? reading.record : undefined));
  const isConverted = readings.every(
    (reading, index) => records[index]?.state.kind === 'converted' || (reading?.kind === 'foreign' && reading.converted),
  );
  return isConverted || isMerged(records);
}

/** A server of the VM is there, in whatever state, or any server but the conversion host has one of its volumes. */
function isUsedByServer(observed: ObservedMigration): boolean {
  const holders = volumesOf(observed).flatMap((volume) => volume?.attachments.map(({ server }) => server) ?? []);
  const host = observed.conversionHost?.server;
  return observed.server !== undefined || holders.some((holder) => holder !== undefined && holder !== host);
}

/** What leads out where some disks are final and others are not. Nobody is told to write over, or to delete, what a guest may run on. */
export const copyAnew = (observed: ObservedMigration): string =>
  isUsedByServer(observed)
    ? 'the guest was migrated and a server has its volumes: take its manifest away, or the other disks off the source VM'
    : `set spec.reseed: ${requestsFor(observed).once} to copy all disks again and to end the cutover with that, which replaces what the volumes hold`;

/** Of each disk that the VM has, one after the other. */
function volumesOf({ source, volumes }: ObservedMigration): (ObservedVolume | undefined)[] {
  const disks = source.kind === 'found' ? source.vm.disks : [];
  return disks.map(({ key }) => volumes[String(key)]?.[0]);
}
