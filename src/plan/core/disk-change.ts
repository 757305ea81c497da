import type { DiskKey } from '../../model/ids.js';

/** Why a disk changes; the first of these that an action gives is the disk's. */
export const changeReasons = [
  'volume_missing',
  'conversion_interrupted',
  'cutover_requested',
  'adoption_requested',
  'repair_requested',
  'reseed_requested',
  'seed_incomplete',
  'sync_behind',
  'metadata_differs',
] as const;

type Fields = Readonly<Record<string, unknown>>;

/** What an action makes of the resource of a disk; absent fields stay as they are. */
export interface DiskChange {
  readonly reason: (typeof changeReasons)[number];
  readonly before?: Fields;
  readonly after?: Fields;
  /** Known only after apply. */
  readonly unknown?: Readonly<Record<string, true>>;
}

/** Builds before this one told the same of all disks that are synced together; plans that they saved say so. */
export type Whose = DiskKey | 'as-all-before';
