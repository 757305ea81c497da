import type { ChangeId } from './change-id.js';
import type { SeedReading } from './foreign-seed.js';
import type { DiskKey, RunId } from './ids.js';
import type { Origin } from './origin.js';

/**
 * How much of a disk an unfinished sync has brought to a newer point: every byte of [0, upTo) equals the source at `at`,
 * flushed. The rest is at the sync's base. A partial sync is continued by copying what changed since `at` inside
 * [0, upTo), and what the base asks for beyond it; so no snapshot has to outlive the run that took it.
 */
export interface PartialSync {
  readonly at: ChangeId;
  /** Bytes. */
  readonly upTo: number;
}

/**
 * What a target volume's content is, as its record says.
 *
 * - dirty: a sync began from `base` and has not committed; `base` undefined means a full sync. While it is dirty, bytes
 *   outside of `partial` may already be newer than `base`; they are all among what changed since `base`. `writing`: number
 *   of the snapshot that they are copied from; absent where it is that of `partial`, or a first copy begins.
 * - clean: every byte equals the source at `at`, flushed. `takenAt`: when the snapshot was asked for, in seconds since 1970 by the clock
 *   of the machine that copied; absent in older records. It says whether a sync is due, and never where a delta begins.
 * - committing: a converted overlay made from `from` is being merged into the volume; only forward from here.
 * - converted: the guest was converted from the source at `from`; it must never be synced again.
 *
 * `at` and `from` are undefined after a full copy of a disk without active tracking: complete, but no base for a delta.
 */
export type SyncState =
  | { readonly kind: 'dirty'; readonly base: ChangeId | undefined; readonly partial?: PartialSync; readonly writing?: number }
  | { readonly kind: 'clean'; readonly at: ChangeId | undefined; readonly takenAt?: number }
  | { readonly kind: 'committing'; readonly from: ChangeId | undefined }
  | { readonly kind: 'converted'; readonly from: ChangeId | undefined };

/** Which disk of which VM the volume holds. Compared field by field; names and morefs are no identity. */
export interface DiskIdentity {
  /** instanceUuid of the VM. */
  readonly vm: string;
  readonly disk: DiskKey;
  /** Backing uuid of the virtual disk. */
  readonly diskUuid: string;
}

/** The whole durable state of one volume. Stored in one metadata value; see state/sync-record-codec.ts. */
export interface SyncRecord {
  readonly identity: DiskIdentity;
  readonly state: SyncState;
  /** Bytes of the source disk when the record was written. */
  readonly capacity: number;
  /** Counts the VM's sync cycles; disks with the same cycle come from the same snapshot. */
  readonly cycle: number;
  readonly run: RunId;
  /** Of the lease under which it was written; a record with a lower one was written by somebody who has lost the VM. Absent: without one. */
  readonly lease?: number;
  /** Of the newest snapshot whose bytes the volume may hold. */
  readonly origin: Origin;
  /** The VM was seen at an earlier point of its tracking than the volume: no delta until somebody decides. */
  readonly isReverted?: boolean;
  /**
   * Request (spec.reseed) for which the copy was begun that the volume holds or is getting, or the mark of an adoption; gone with the first sync that
   * asks for none.
   */
  readonly reseed?: string;
}

/**
 * What reading a volume's metadata gave. `foreign`: made by another tool; `unreadable`: ours, but damaged, or written by a version of
 * migplan that this one does not know (`isNewer`), whose word on the volume nothing may pass over. `reseed` is the request that it
 * names where the rest cannot be relied on.
 */
export type RecordParseResult =
  | { readonly kind: 'none' }
  | { readonly kind: 'record'; readonly record: SyncRecord }
  | ({ readonly kind: 'foreign' } & SeedReading)
  | { readonly kind: 'unreadable'; readonly why: string; readonly isNewer?: true; readonly reseed?: string };

/** In place of a request, on a volume that another tool began: it is compared with its disk, and was copied by nobody whom we know. */
export const adoptionMark = 'adopt';

/** Identifies the server that a VM became, across names and runs. */
export const serverIdentityKey = 'migplan_vm';

/** The metadata keys of a volume that say how its copy stands; state/sync-record-codec.ts tells what each means. */
export const recordKeys = {
  osm: 'osm',
  changeId: 'changeID',
  converted: 'converted',
  record: 'migplan',
  lineage: 'migplan_lineage',
} as const;

/** Whether somebody is writing to the volume, or was when it ended. */
export const isBegun = ({ kind }: SyncState): boolean => kind === 'dirty' || kind === 'committing';

/** The point on the disk's timeline that the volume is at, or that its next delta begins from. undefined: none is known. */
export function changeIdOf(state: SyncState): ChangeId | undefined {
  switch (state.kind) {
    case 'dirty':
      return state.base;
    case 'clean':
      return state.at;
    case 'committing':
    case 'converted':
      return state.from;
  }
}

/** Number of the newest snapshot whose bytes the volume may hold; any later snapshot has a higher one, unless the VM went back. */
export function newestSequence(state: SyncState): number | undefined {
  switch (state.kind) {
    case 'dirty':
      return largest(state.base?.sequence, state.partial?.at.sequence, state.writing);
    case 'clean':
      return state.at?.sequence;
    case 'committing':
    case 'converted':
      return state.from?.sequence;
  }
}

function largest(...numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
