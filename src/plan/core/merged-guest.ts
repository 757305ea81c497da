import type { SyncRecord } from '../../model/sync-record.js';
import type { AssessedDisk } from './plan-context.js';

type Records = readonly (SyncRecord | undefined)[];

/**
 * The run that merged the overlays of every disk, where some records do not say so yet. All disks are merged and flushed before the first of
 * them is marked as converted, so one that is marked proves it for all that the same run was merging, wherever its overlays are.
 */
export function mergedBy(disks: readonly AssessedDisk[]): string | undefined {
  const records = disks.map(mergingRecord);
  return isMerged(records) ? oneConversion(records) : undefined;
}

/** Each of these is of a disk; some say that it is converted, and the others prove it. */
export function isMerged(records: Records): boolean {
  const kinds = records.map((record) => record?.state.kind);
  const isEach = kinds.every((kind) => kind === 'converted' || kind === 'committing');
  return isEach && kinds.includes('converted') && kinds.includes('committing') && oneConversion(records) !== undefined;
}

/** The run whose overlays all of these get; undefined: they are not of one conversion. */
export const oneConversion = (records: Records): string | undefined =>
  onlyOne(records.map((record) => record?.cycle)) === undefined ? undefined : onlyOne(records.map((record) => record?.run));

/** Of a disk that an overlay is being merged into, or has been. */
export function mergingRecord({ assessment }: AssessedDisk): SyncRecord | undefined {
  if (assessment.kind !== 'committing' && assessment.kind !== 'converted') return undefined;
  const { reading } = assessment.volume;
  return reading.kind === 'record' ? reading.record : undefined;
}

const onlyOne = <Value>(values: readonly Value[]): Value | undefined => (new Set(values).size === 1 ? values[0] : undefined);
