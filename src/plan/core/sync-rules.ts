import { sameEpoch } from '../../model/change-id.js';
import type { ForeignSeed } from '../../model/foreign-seed.js';
import type { DiskSync, SyncVerification } from './action.js';
import { blocksFor } from './blocks-compared.js';
import type { FieldRules } from './field-rule.js';

type FullSync = Extract<DiskSync, { mode: 'full' }>;
type DeltaSync = Extract<DiskSync, { mode: 'delta' }>;

const estimate = { derived: 'an estimate that moves with the clock; the limit and the capacity are what binds' };

const partialLeft = {
  why: 'a copy goes on where it stopped, or has ended; from the start again is more than was reviewed',
  within: (left: DiskSync, reviewed: DiskSync): boolean =>
    reviewed.partial === undefined ||
    (left.partial !== undefined && left.partial.upTo >= reviewed.partial.upTo) ||
    (left.mode === 'delta' && (reviewed.mode === 'full' || isLater(left.since, reviewed.since))),
};

/** By the mode of what is left to do. */
export const diskRules: { readonly full: FieldRules<FullSync, DiskSync>; readonly delta: FieldRules<DeltaSync, DiskSync> } = {
  full: {
    mode: { why: 'a full copy is never less than a delta', within: (_, reviewed) => reviewed.mode === 'full' },
    disk: 'identity',
    reason: {
      why: 'a full copy that began and did not end is an interrupted one',
      within: ({ reason }, reviewed) => reviewed.mode === 'full' && (reason === reviewed.reason || reason === 'interrupted-full'),
    },
    repair: {
      why: 'comparing writes no more than the full copy that was reviewed; a copy writes more than a comparison that was',
      within: ({ repair }, reviewed) => repair === true || reviewed.mode === 'delta' || reviewed.repair !== true,
    },
    begunBy: {
      why: 'the first record of ours takes the place of what another tool noted',
      within: ({ begunBy }, reviewed) =>
        begunBy === undefined || (reviewed.mode === 'full' && isSameSeed(begunBy, reviewed.begunBy)),
    },
    capacity: 'equal',
    partial: partialLeft,
    forecast: estimate,
    limitBytes: {
      why: 'an adoption that goes on keeps to the limit that was reviewed',
      within: ({ limitBytes }, reviewed) => limitBytes === (reviewed.mode === 'full' ? reviewed.limitBytes : undefined),
    },
  },
  delta: {
    mode: { why: 'the full copy that was reviewed is done', within: () => true },
    disk: 'identity',
    since: {
      why: 'a delta that is done moves the point where the next one begins, within one epoch',
      within: ({ since }, reviewed) =>
        reviewed.mode === 'full' ? since !== 'live-sync' : isSamePoint(since, reviewed.since) || isLater(since, reviewed.since),
    },
    capacity: 'equal',
    partial: partialLeft,
    forecast: estimate,
    limitBytes: {
      why: 'a full copy has none, and the delta after it may have one',
      within: ({ limitBytes }, reviewed) => reviewed.mode === 'full' || limitBytes === reviewed.limitBytes,
    },
  },
};

/** Blocks follow from doubts, on both sides; disks that are compared as a whole may be fewer when time is short. */
export function isAsThorough(left: SyncVerification, reviewed: SyncVerification): boolean {
  if (left.mode === 'off' || reviewed.mode === 'off') return left.mode === reviewed.mode;
  const follows = ({ blocks, doubts }: typeof left): boolean => blocks === blocksFor(doubts);
  return follows(left) && follows(reviewed) && left.full.every((disk) => reviewed.full.includes(disk));
}

const isSameSeed = (a: ForeignSeed, b: ForeignSeed | undefined): boolean => a.tool === b?.tool && a.foundBy === b.foundBy;

type Since = DeltaSync['since'];

const isSamePoint = (a: Since, b: Since): boolean =>
  a === 'live-sync' || b === 'live-sync' ? a === b : sameEpoch(a, b) && a.sequence === b.sequence;

/** 'live-sync' is a point that nobody knew yet when the plan was reviewed. */
function isLater(now: Since, reviewed: Since): boolean {
  if (now === 'live-sync') return false;
  return reviewed === 'live-sync' || (sameEpoch(now, reviewed) && now.sequence > reviewed.sequence);
}
