import type { SyncRecord } from '../../model/sync-record.js';

type Records = readonly (SyncRecord | undefined)[];

/**
 * Each of these is of a disk, and some say that it is converted. All disks are merged and flushed before the first of them is marked so: one
 * that is proves it for all that the same run was merging, wherever its overlays are.
 */
export function isMerged(records: Records): boolean {
  const kinds = records.map((record) => record?.state.kind);
  const isEach = kinds.every((kind) => kind === 'converted' || kind === 'committing');
  return isEach && kinds.includes('converted') && kinds.includes('committing') && oneConversion(records) !== undefined;
}

/** The run whose overlays all of these get; undefined: they are not of one conversion. */
export const oneConversion = (records: Records): string | undefined =>
  onlyOne(records.map((record) => record?.cycle)) === undefined ? undefined : onlyOne(records.map((record) => record?.run));

const onlyOne = <Value>(values: readonly Value[]): Value | undefined => (new Set(values).size === 1 ? values[0] : undefined);
