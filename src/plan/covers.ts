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
  if (action.kind === 'create-volume') {
    return same.some((candidate) => candidate.kind === 'create-volume' && candidate.disk === action.disk)
      ? []
      : [`create-volume for disk ${action.disk}`];
  }
  if (action.kind === 'set-image-metadata')
    return imageMetadataCovered(same, action) ? [] : ['set-image-metadata with other values'];
  return same.length > 0 ? [] : [action.kind];
}

const has = (actions: readonly Action[], kind: Action['kind']): boolean => actions.some((action) => action.kind === kind);

function imageMetadataCovered(
  approved: readonly Action[],
  { set, disk }: Extract<Action, { kind: 'set-image-metadata' }>,
): boolean {
  return approved.some(
    (action) =>
      action.kind === 'set-image-metadata' &&
      action.disk === disk &&
      Object.entries(set).every(([key, value]) => action.set[key] === value),
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
