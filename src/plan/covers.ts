import type { Action, DiskSync } from './action.js';
import { cleanupKinds } from './action.js';

/**
 * What of `fresh` the reviewed actions do not allow, in words; empty when everything is covered. A plan that was interrupted
 * is planned again from what is there now: what is left must be less of the same, never something new.
 */
export function notCovered(approved: readonly Action[], fresh: readonly Action[]): string[] {
  return fresh.flatMap((action) => uncovered(approved, action));
}

function uncovered(approved: readonly Action[], action: Action): string[] {
  if (cleanupKinds.has(action.kind)) return [];
  if (action.kind === 'sync') return action.disks.flatMap((disk) => uncoveredSync(approved, disk));
  if (action.kind === 'commit-conversion') return has(approved, 'convert') || has(approved, action.kind) ? [] : [action.kind];
  const same = approved.filter(({ kind }) => kind === action.kind);
  if (action.kind === 'create-volume') return volumeCovered(same, action);
  if (action.kind === 'set-image-metadata')
    return imageMetadataCovered(same, action) ? [] : ['set-image-metadata with other values'];
  return same.length > 0 ? [] : [action.kind];
}

const has = (actions: readonly Action[], kind: Action['kind']): boolean => actions.some((action) => action.kind === kind);

/** Size, type and zone cost money and room: they are what was reviewed, too. */
function volumeCovered(approved: readonly Action[], wanted: Extract<Action, { kind: 'create-volume' }>): string[] {
  const same = approved.find((action) => action.kind === 'create-volume' && action.disk === wanted.disk);
  if (same?.kind !== 'create-volume') return [`create-volume for disk ${wanted.disk}`];
  if (same.sizeGiB !== wanted.sizeGiB) {
    return [`create-volume for disk ${wanted.disk} with ${wanted.sizeGiB} GiB instead of ${same.sizeGiB} GiB`];
  }
  const isSame = same.name === wanted.name && same.type === wanted.type && same.availabilityZone === wanted.availabilityZone;
  return isSame ? [] : [`create-volume for disk ${wanted.disk} with another name, type or zone`];
}

function imageMetadataCovered(
  approved: readonly Action[],
  { set, unset, disk }: Extract<Action, { kind: 'set-image-metadata' }>,
): boolean {
  return approved.some(
    (action) =>
      action.kind === 'set-image-metadata' &&
      action.disk === disk &&
      Object.entries(set).every(([key, value]) => action.set[key] === value) &&
      unset.every((key) => action.unset.includes(key)),
  );
}

/** A full copy needs an approved full copy; a delta is allowed where the disk was to be synced at all. */
function uncoveredSync(approved: readonly Action[], { disk, mode }: DiskSync): string[] {
  const modes = approved.flatMap((action) =>
    action.kind === 'sync' ? action.disks.filter((candidate) => candidate.disk === disk).map((candidate) => candidate.mode) : [],
  );
  if (mode === 'full') return modes.includes('full') ? [] : [`a full copy of disk ${disk}`];
  return modes.length > 0 ? [] : [`a sync of disk ${disk}`];
}
