import type { SyncRecord } from '../../model/sync-record.js';
import { isMerged, oneConversion } from './one-conversion.js';
import type { AssessedDisk } from './plan-context.js';

/** The run that merged the overlays of every disk, where some records do not say so yet. */
export function mergedBy(disks: readonly AssessedDisk[]): string | undefined {
  const records = disks.map(mergingRecord);
  return isMerged(records) ? oneConversion(records) : undefined;
}

/** Of a disk that an overlay is being merged into, or has been. */
export function mergingRecord({ assessment }: AssessedDisk): SyncRecord | undefined {
  if (assessment.kind !== 'committing' && assessment.kind !== 'converted') return undefined;
  const { reading } = assessment.volume;
  return reading.kind === 'record' ? reading.record : undefined;
}
