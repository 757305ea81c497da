import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedVolume } from '../../model/observed-target.js';
import { isMerged } from './one-conversion.js';

/** All disks that the VM has are converted, or merged and not marked yet. */
export function isWholeGuest(observed: ObservedMigration): boolean {
  const readings = volumesOf(observed).map((volume) => volume?.reading);
  const records = readings.map((reading) => (reading?.kind === 'record' ? reading.record : undefined));
  const isConverted = readings.every(
    (reading, index) => records[index]?.state.kind === 'converted' || (reading?.kind === 'foreign' && reading.converted),
  );
  return isConverted || isMerged(records);
}

/** Of each disk that the VM has, one after the other. */
function volumesOf({ source, volumes }: ObservedMigration): (ObservedVolume | undefined)[] {
  const disks = source.kind === 'found' ? source.vm.disks : [];
  return disks.map(({ key }) => volumes[String(key)]?.[0]);
}
