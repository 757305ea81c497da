import { shortChangeId } from '../../model/change-id.js';
import { formatBytes, formatSeconds } from '../../model/format.js';
import { type DiskKey, GiB } from '../../model/ids.js';
import { own } from '../../model/own.js';
import type { Action, ActionMap, DiskSync } from '../../plan/core/action.js';
import { makesVolume, powersOff, touches } from '../../plan/core/action-table.js';
import type { PlannedEntry } from '../../plan/file/planned-entry.js';
import { verificationText } from '../../plan/sync/verification.js';
import type { Attribute } from './change-symbol.js';

const REASONS = {
  'new-volume': 'full seed',
  'interrupted-full': 'full seed, continued',
  reseed: 'full seed AGAIN, replacing the content of the volume',
  'source-changed': 'full seed AGAIN, because the source has changed since it was copied',
} as const;

/** What happens to one disk, in the order it happens. */
export function diskAttributes(entry: PlannedEntry, disk: DiskKey): Attribute[] {
  const actions = entry.actions.filter((action) => touches(action, disk) || powersOff(action));
  return [...volumeAttributes(entry, disk), ...actions.flatMap((action) => attributesOf(action, disk, entry))];
}

function volumeAttributes({ facts, actions }: PlannedEntry, disk: DiskKey): Attribute[] {
  if (actions.some((action) => makesVolume(action) && touches(action, disk))) return [];
  const volume = own(facts, `disk/${disk}.volume`);
  const size = Number(own(facts, `disk/${disk}.size`));
  if (volume === undefined || volume === 'none') return [];
  return [{ symbol: ' ', name: 'volume', value: `"${volume}" (${Math.round(size / GiB)} GiB)` }];
}

function attributesOf(action: Action, disk: DiskKey, entry: PlannedEntry): Attribute[] {
  switch (action.kind) {
    case 'create-volume': {
      return [
        { symbol: '+', name: 'volume', value: `"${action.name}" (${sizeText(action)})` },
        ...Object.entries(action.metadata ?? {}).map(
          ([key, value]): Attribute => ({ symbol: '+', name: key, value: `"${value}" (metadata of the source volume)` }),
        ),
      ];
    }
    case 'release-attachment':
      return [{ symbol: '-', name: 'attachment', value: `"${action.attachment}" (left by an earlier run)` }];
    case 'set-image-metadata':
      return imageAttributes(action);
    case 'sync':
      return action.disks.filter((sync) => sync.disk === disk).flatMap((sync) => syncAttributes(sync, action));
    case 'power-off':
      return entry.disks[0] === disk ? [powerAttribute(action)] : [];
    case 'convert':
      return [
        { symbol: '!', name: 'converted', value: '"false" -> "true" (virt-v2v, on an overlay that is merged when it succeeded)' },
      ];
    case 'finalize-copy':
      return [{ symbol: '!', name: 'converted', value: '"false" -> "true" (no conversion: the guest runs on KVM already)' }];
    case 'commit-conversion':
      return [{ symbol: '!', name: 'converted', value: '(half merged) -> "true" (the interrupted merge is completed)' }];
    // Of the VM, or of its server: told in blocks of their own.
    case 'release-snapshot':
    case 'discard-overlays':
    case 'enable-cbt':
    case 'create-server':
      return [];
  }
}

/** Volumes come in whole GiB; a disk that is none is rounded up, and the difference stays unused. */
function sizeText({ sizeGiB, capacity, type }: Extract<Action, { kind: 'create-volume' }>): string {
  const rounded = capacity < sizeGiB * GiB ? ` for a disk of ${formatBytes(capacity)}` : '';
  return `${sizeGiB} GiB${rounded}${type === undefined ? '' : `, type ${type}`}`;
}

function powerAttribute({ timeoutSeconds, force }: Extract<Action, { kind: 'power-off' }>): Attribute {
  const forced = force ? ', then powered off hard' : '';
  return { symbol: '!', name: 'power', value: `on -> off (guest shutdown, ${formatSeconds(timeoutSeconds)} timeout${forced})` };
}

function imageAttributes({
  set,
  unset,
  before,
  bootable,
  notBootable,
  machineTypeAsked,
}: Extract<Action, { kind: 'set-image-metadata' }>): Attribute[] {
  const changed = Object.entries(set).map(([key, value]): Attribute => {
    const old = own(before, key);
    const asked = key === 'hw_machine_type' && machineTypeAsked !== undefined ? ` (in place of "${machineTypeAsked}")` : '';
    return old === undefined
      ? { symbol: '+', name: `image_metadata.${key}`, value: `"${value}"${asked}` }
      : { symbol: '~', name: `image_metadata.${key}`, value: `"${old}" -> "${value}"${asked}` };
  });
  const removed = unset.map(
    (key): Attribute => ({
      symbol: '-',
      name: `image_metadata.${key}`,
      value: `"${own(before, key) ?? ''}" -> (the destination's default)`,
    }),
  );
  const boots: Attribute[] = [
    ...(bootable ? [{ symbol: '+', name: 'bootable', value: '"true"' } as const] : []),
    ...(notBootable === true
      ? [{ symbol: '~', name: 'bootable', value: '"true" -> "false" (another disk is the boot disk)' } as const]
      : []),
  ];
  return [...changed, ...removed, ...boots];
}

function syncAttributes(sync: DiskSync, { stage, verify }: ActionMap['sync']): Attribute[] {
  const value = verificationText(verify, sync);
  return [...dataAttributes(sync, stage), { symbol: verify.mode === 'off' ? '!' : ' ', name: 'verify', value }];
}

function repairText({ capacity, partial }: Extract<DiskSync, { mode: 'full' }>): string {
  const begun =
    partial === undefined ? '' : ` continued from ${formatBytes(partial.upTo)} on, and what changed before it copied;`;
  return `compared in full with the source,${begun} only what differs is written (reads ${formatBytes(capacity - (partial?.upTo ?? 0))} on each side)`;
}

function fullSeedText({ reason, partial }: Extract<DiskSync, { mode: 'full' }>): string {
  if (reason === 'interrupted-full' && partial === undefined) return 'full seed, from the start';
  return reason === 'reseed' && partial !== undefined ? 'full seed AGAIN, continued' : REASONS[reason];
}

function dataAttributes(sync: DiskSync, stage: 'live' | 'final' | 'cold'): Attribute[] {
  const unknown = '(known after apply)';
  if (sync.mode === 'full' && sync.repair === true) {
    return [
      { symbol: '~', name: 'data', value: repairText(sync) },
      { symbol: '+', name: 'changeID', value: unknown },
    ];
  }
  if (sync.mode === 'full') {
    const size = sync.forecast.confidence === 'unknown' ? '' : `, up to ${formatBytes(sync.forecast.bytes)}`;
    const from = sync.partial === undefined ? '' : ` from ${formatBytes(sync.partial.upTo)} on, and what changed before it`;
    return [
      {
        symbol: sync.reason === 'reseed' || sync.reason === 'source-changed' ? '!' : '+',
        name: 'data',
        value: `${fullSeedText(sync)}${from}${size}`,
      },
      { symbol: '+', name: 'changeID', value: unknown },
    ];
  }
  const name = stage === 'final' ? 'final delta' : 'delta';
  const limit = sync.limitBytes === undefined ? '' : ` (limit ${formatBytes(sync.limitBytes)})`;
  const size =
    sync.forecast.confidence === 'unknown' ? 'size known once a snapshot is taken' : `about ${formatBytes(sync.forecast.bytes)}`;
  if (sync.since === 'live-sync')
    return [{ symbol: '~', name: 'data', value: `${name} of what the guest wrote since, until it was off${limit}` }];
  const since = shortChangeId(sync.since);
  return [
    { symbol: '~', name: 'data', value: `${name} from changeID ${since}, ${size}${limit}` },
    { symbol: '~', name: 'changeID', value: `"${since}" -> ${unknown}` },
  ];
}
