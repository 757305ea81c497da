import { sameEpoch } from '../../model/change-id.js';
import type { ActionKind, ActionMap, DiskSync, SyncVerification } from '../core/action.js';
import { blocksFor } from '../sync/verification.js';

/**
 * How a field of an action that is left to do stands to the same field of the action that was reviewed:
 * identity: it says which reviewed action this is; equal: the same, leaf by leaf; fewer: entries of a record or a list may
 * be missing, none may be new or other; within: what an interruption may have left of it, and why; derived: it is not
 * compared, because nobody decides it.
 */
export type FieldRule<Left, Reviewed> =
  | 'identity'
  | 'equal'
  | 'fewer'
  | { readonly within: (left: Left, reviewed: Reviewed) => boolean; readonly why: string }
  | { readonly derived: string };

/** Every field has a rule: one that is added to an action does not compile without. */
export type FieldRules<Left, Reviewed = Left> = { readonly [Field in keyof Left]-?: FieldRule<Left, Reviewed> };

type FullSync = Extract<DiskSync, { mode: 'full' }>;
type DeltaSync = Extract<DiskSync, { mode: 'delta' }>;

/** The disks of a sync are compared one by one, each with the reviewed sync of the same disk: see diskRules. */
interface RulesOf {
  readonly sync: FieldRules<Omit<ActionMap['sync'], 'disks'>> & { readonly disks: 'each' };
  readonly 'commit-conversion': FieldRules<ActionMap['commit-conversion'], ActionMap['commit-conversion'] | ActionMap['convert']>;
}

type ActionRules = { readonly [Kind in ActionKind]: Kind extends keyof RulesOf ? RulesOf[Kind] : FieldRules<ActionMap[Kind]> };

const leftover = {
  derived: 'what a dead run left is known only after it; it is removed, and nothing that was reviewed is undone',
};
const estimate = { derived: 'an estimate that moves with the clock; the limit and the capacity are what binds' };

export const actionRules: ActionRules = {
  'release-attachment': { kind: 'identity', disk: leftover, volume: leftover, attachment: leftover },
  'discard-overlays': { kind: 'identity', runs: leftover, disks: leftover },
  'release-snapshot': { kind: 'identity', snapshot: leftover },
  'enable-cbt': { kind: 'identity' },
  'create-volume': {
    kind: 'identity',
    disk: 'identity',
    name: 'equal',
    sizeGiB: 'equal',
    type: 'equal',
    availabilityZone: 'equal',
    capacity: 'equal',
    metadata: 'equal',
  },
  'set-image-metadata': {
    kind: 'identity',
    disk: 'identity',
    set: 'fewer',
    unset: 'fewer',
    before: 'fewer',
    bootable: { why: 'it may be done already', within: ({ bootable }, reviewed) => !bootable || reviewed.bootable === true },
    notBootable: {
      why: 'it may be done already',
      within: ({ notBootable = false }, reviewed) => !notBootable || reviewed.notBootable === true,
    },
    machineTypeAsked: {
      why: 'it goes with hw_machine_type, which may be written already',
      within: ({ machineTypeAsked: left }, reviewed) => left === undefined || left === reviewed.machineTypeAsked,
    },
  },
  sync: {
    kind: 'identity',
    stage: {
      why: 'a VM that went off meanwhile is read cold; one that runs is touched only when a live sync was reviewed',
      within: ({ stage }, reviewed) => stage === reviewed.stage || stage !== 'live',
    },
    cycle: { derived: 'the number after all that were ever used' },
    disks: 'each',
    verify: {
      why: 'doubts come and go with what is done already and with what others do; what they lead to does not',
      within: ({ verify }, reviewed) => isAsThorough(verify, reviewed.verify),
    },
  },
  'power-off': { kind: 'identity', timeoutSeconds: 'equal', force: 'equal' },
  convert: { kind: 'identity', disks: 'equal', firmware: 'equal', guestFamily: 'equal', guestId: 'equal', hardware: 'equal' },
  'finalize-copy': { kind: 'identity', disks: 'equal' },
  'commit-conversion': {
    kind: 'identity',
    disks: 'equal',
    run: {
      why: 'a reviewed conversion has no run yet',
      within: ({ run }, reviewed) => reviewed.kind === 'convert' || run === reviewed.run,
    },
  },
  'create-server': {
    kind: 'identity',
    disks: 'equal',
    server: 'equal',
    availabilityZone: 'equal',
    nics: 'equal',
    replaces: { derived: 'a server of this very VM that ended in ERROR: an interrupted run may have left it' },
  },
};

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
    capacity: 'equal',
    partial: partialLeft,
    forecast: estimate,
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
function isAsThorough(left: SyncVerification, reviewed: SyncVerification): boolean {
  if (left.mode === 'off' || reviewed.mode === 'off') return left.mode === reviewed.mode;
  const follows = ({ blocks, doubts }: typeof left): boolean => blocks === blocksFor(doubts);
  return follows(left) && follows(reviewed) && left.full.every((disk) => reviewed.full.includes(disk));
}

type Since = DeltaSync['since'];

const isSamePoint = (a: Since, b: Since): boolean =>
  a === 'live-sync' || b === 'live-sync' ? a === b : sameEpoch(a, b) && a.sequence === b.sequence;

/** 'live-sync' is a point that nobody knew yet when the plan was reviewed. */
function isLater(now: Since, reviewed: Since): boolean {
  if (now === 'live-sync') return false;
  return reviewed === 'live-sync' || (sameEpoch(now, reviewed) && now.sequence > reviewed.sequence);
}

/** Reviewed kinds that allow an action of this kind; cleanup of a dead run's leftovers needs none. */
export const allowedBy: { readonly [Kind in ActionKind]: readonly ActionKind[] | 'always' } = {
  'release-attachment': 'always',
  'discard-overlays': 'always',
  'release-snapshot': 'always',
  'enable-cbt': ['enable-cbt'],
  'create-volume': ['create-volume'],
  'set-image-metadata': ['set-image-metadata'],
  sync: ['sync'],
  'power-off': ['power-off'],
  convert: ['convert'],
  'finalize-copy': ['finalize-copy'],
  'commit-conversion': ['commit-conversion', 'convert'],
  'create-server': ['create-server'],
};
