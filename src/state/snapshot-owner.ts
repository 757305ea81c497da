import type { RunId } from '../model/ids.js';
import { SNAPSHOT_NAME_PREFIX } from '../model/own-names.js';

/** vSphere refuses longer snapshot names. */
const NAME_LENGTH_MAX = 80;

/**
 * Unique per run, VM and sync cycle: a lost answer to CreateSnapshot is found again by it, and neither two runs nor two syncs of
 * one run ever share one. The last sync of a cutover must not be given the snapshot of the sync before.
 */
export function snapshotName(run: RunId, vm: string, cycle: number): string {
  const tail = `-c${cycle}`;
  const plain = vm.replace(/[^A-Za-z0-9._-]/g, '_');
  return `${SNAPSHOT_NAME_PREFIX}${run}-${plain}`.slice(0, NAME_LENGTH_MAX - tail.length) + tail;
}

/** What stands in the snapshot's description, for people in vCenter and for cleaning up. */
export interface SnapshotOwner {
  readonly run: RunId;
  readonly lineage: string;
  readonly vm: string;
  readonly host: string;
}

export const encodeSnapshotOwner = (owner: SnapshotOwner): string => JSON.stringify({ tool: 'migplan', ...owner });

/** undefined: not a snapshot of migplan. */
export function decodeSnapshotOwner(description: string): SnapshotOwner | undefined {
  try {
    const value: unknown = JSON.parse(description);
    if (typeof value !== 'object' || value === null) return undefined;
    const owner = value as Partial<SnapshotOwner> & { tool?: unknown };
    return owner.tool === 'migplan' && typeof owner.lineage === 'string' && typeof owner.vm === 'string'
      ? (owner as SnapshotOwner)
      : undefined;
  } catch {
    return undefined;
  }
}
