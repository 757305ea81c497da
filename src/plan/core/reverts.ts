import type { SnapshotRef } from '../../model/ids.js';
import type { ObservedSnapshot, VmHistory } from '../../model/observed-source.js';
import type { Origin } from '../../model/origin.js';
import type { SyncRecord } from '../../model/sync-record.js';
import { newestSequence } from '../../model/sync-record.js';

/** Clocks of hosts differ a little, and no VM is synced, reverted and powered on within this. */
const BOOT_TOLERANCE_SECONDS = 2;

/** The VM's current snapshot and all that it stands on, newest first. */
function chain({ snapshots, currentSnapshot }: VmHistory): ObservedSnapshot[] {
  return ancestors(snapshots, currentSnapshot);
}

function ancestors(snapshots: readonly ObservedSnapshot[], from: SnapshotRef | undefined): ObservedSnapshot[] {
  const found: ObservedSnapshot[] = [];
  let ref = from;
  while (ref !== undefined && found.length < snapshots.length) {
    const snapshot = snapshots.find((candidate) => candidate.ref === ref);
    if (snapshot === undefined) break;
    found.push(snapshot);
    ref = snapshot.parent;
  }
  return found;
}

/**
 * What `own` was taken under. Any snapshot of before it is a point to go back to, on whichever branch and whosever it is; what was
 * taken after it is not.
 */
export function originOf(history: VmHistory, own: SnapshotRef): Origin {
  const { snapshots } = history;
  const under = ancestors(snapshots, own).slice(1);
  const later = new Set(
    snapshots.filter(({ ref }) => ancestors(snapshots, ref).some((one) => one.ref === own)).map(({ ref }) => ref),
  );
  const older = under[0] ?? snapshots.find(({ ref }) => !later.has(ref));
  return { older: older?.ref, bootedAt: bootSeconds(history) };
}

function bootSeconds({ bootTime }: VmHistory): number | undefined {
  const ms = bootTime === undefined ? Number.NaN : Date.parse(bootTime);
  return Number.isFinite(ms) && ms > 0 ? Math.floor(ms / 1000) : undefined;
}

/** no: it is excluded; maybe: nothing proves that it was not. Why, in words. */
export type Revert = { readonly kind: 'no' } | { readonly kind: 'maybe' | 'yes'; readonly why: string };

const no: Revert = { kind: 'no' };

/**
 * Whether the VM was reverted behind what a record stands on. Then what was written since is gone from the disk and still on the
 * volume, tracking does not tell, and after enough further snapshots its numbers look as if nothing had happened.
 *
 * A revert needs a snapshot to go back to, and ends the running VM: without an older snapshot, or with the boot time of
 * then, there was none.
 */
export function revertSince(now: VmHistory, { origin, isReverted }: Pick<SyncRecord, 'origin' | 'isReverted'>): Revert {
  if (isReverted === true) return { kind: 'yes', why: 'an earlier run found it at an earlier point than the volume' };
  const { older, bootedAt } = origin;
  if (older === undefined) return no;
  const isThere = now.snapshots.some(({ ref }) => ref === older);
  if (isThere && !chain(now).some(({ ref }) => ref === older)) {
    return { kind: 'yes', why: `it does not stand on snapshot ${named(now, older)} any more, as it did then` };
  }
  const booted = bootSeconds(now);
  if (bootedAt !== undefined && booted !== undefined && Math.abs(booted - bootedAt) <= BOOT_TOLERANCE_SECONDS) return no;
  const where = isThere ? `snapshot ${named(now, older)} was there already` : `there was a snapshot that is gone (${older})`;
  return { kind: 'maybe', why: `${where}, and the VM has not been running all the time since` };
}

const named = ({ snapshots }: VmHistory, ref: SnapshotRef): string => {
  const name = snapshots.find((snapshot) => snapshot.ref === ref)?.name;
  return name === undefined ? ref : `"${name}" (${ref})`;
};

/** Whether a new snapshot's number is behind what the volume may hold; an equal one is of another snapshot and proves nothing. */
export function wentBack({ state }: Pick<SyncRecord, 'state'>, sequence: number): boolean {
  const newest = newestSequence(state);
  return newest !== undefined && sequence <= newest;
}

/** The same snapshots in the same order: nobody took, removed or went back to one. `own` does not count. */
export function isSameTree(a: VmHistory, b: VmHistory, own: SnapshotRef): boolean {
  const text = (history: VmHistory): string => {
    const refs = history.snapshots
      .map(({ ref, parent }) => `${ref}<${parent ?? ''}`)
      .filter((line) => !line.startsWith(`${own}<`));
    const current = chain(history).find(({ ref }) => ref !== own)?.ref ?? '';
    return [current, ...refs.sort()].join(' ');
  };
  return text(a) === text(b);
}
