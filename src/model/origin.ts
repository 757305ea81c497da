import { type SnapshotRef, snapshotRef } from './ids.js';

/**
 * What a snapshot of ours was taken under: whether, later, the VM can have been reverted to a point before it. A change id is a
 * base only together with this: a revert counts on from an older number within the same epoch, and leaves on the volume
 * what it undid.
 */
export interface Origin {
  /** The newest snapshot that is older than ours; undefined: there was none, so nothing to go back to. */
  readonly older: SnapshotRef | undefined;
  /** When the VM had been powered on, in seconds since 1970; undefined: it was off, or nobody told. */
  readonly bootedAt: number | undefined;
}

/** Of a volume that holds nothing yet. */
export const noOrigin: Origin = { older: undefined, bootedAt: undefined };

/** Older snapshots may have been there, and nobody noted which. */
export const unknownOrigin: Origin = { older: snapshotRef('?'), bootedAt: undefined };
