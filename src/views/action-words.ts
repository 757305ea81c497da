import { formatBytes, formatSeconds, plural } from '../model/format.js';
import { type DiskKey, GiB } from '../model/ids.js';
import type { Action, ActionKind, ActionMap } from '../plan/core/action.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import type { Attribute } from './plan/change-symbol.js';
import { imageAttributes } from './plan/image-attributes.js';
import { syncAttributes } from './plan/sync-attributes.js';

/** Everything that people are told of the actions of one kind. */
interface ActionWords<A> {
  /** What it is done to; the address of it stands in front. */
  readonly of: 'disk' | 'server' | 'vm';
  /** While it is done, with dots behind: `Creating volume "x-2000" (5 GiB)`. */
  readonly starts: (action: A) => string;
  /** When it is done, with the time it took behind: `Creation complete`. */
  readonly done: string;
  /** Its lines in the plan's block of the VM. none: it is told in another block. */
  readonly vmLines: ((action: A) => Attribute[]) | 'none';
  /** Its lines in the plan's block of a disk that it touches, or of every disk when the VM is powered off. */
  readonly diskLines: ((action: A, disk: DiskKey, entry: PlannedEntry) => Attribute[]) | 'none';
}

const STAGES = {
  live: 'from one snapshot while the VM runs',
  final: 'for the last time, the VM is off',
  cold: 'while the VM is off',
} as const;

/** A kind without words does not compile. */
const actionWords: { readonly [K in ActionKind]: ActionWords<ActionMap[K]> } = {
  'release-attachment': {
    of: 'disk',
    starts: ({ attachment }) => `Releasing attachment ${attachment} left by an earlier run`,
    done: 'Released',
    vmLines: 'none',
    diskLines: ({ attachment }) => [{ symbol: '-', name: 'attachment', value: `"${attachment}" (left by an earlier run)` }],
  },
  'release-snapshot': {
    of: 'vm',
    starts: ({ snapshot }) => `Removing snapshot ${snapshot} left by an earlier run`,
    done: 'Snapshot removed',
    vmLines: ({ snapshot }) => [{ symbol: '-', name: 'snapshot', value: `"${snapshot}" (left by an earlier run)` }],
    diskLines: 'none',
  },
  'discard-overlays': {
    of: 'vm',
    starts: () => 'Discarding conversion overlays left by an earlier run',
    done: 'Discarded',
    vmLines: ({ runs }) => [{ symbol: '-', name: 'overlays', value: `of ${runs.join(', ')} (left by an earlier run)` }],
    diskLines: 'none',
  },
  'enable-cbt': {
    of: 'vm',
    starts: () => 'Switching changed block tracking on',
    done: 'Tracking switched on',
    vmLines: () => [{ symbol: '~', name: 'changed block tracking', value: 'off -> on' }],
    diskLines: 'none',
  },
  'create-volume': {
    of: 'disk',
    starts: ({ name, sizeGiB }) => `Creating volume "${name}" (${sizeGiB} GiB)`,
    done: 'Creation complete',
    vmLines: 'none',
    diskLines: (action) => [
      { symbol: '+', name: 'volume', value: `"${action.name}" (${sizeText(action)})` },
      ...Object.entries(action.metadata ?? {}).map(
        ([key, value]): Attribute => ({ symbol: '+', name: key, value: `"${value}" (metadata of the source volume)` }),
      ),
    ],
  },
  'set-image-metadata': {
    of: 'disk',
    starts: ({ set, bootable }) =>
      `Setting image metadata (${[...Object.keys(set), ...(bootable ? ['bootable'] : [])].join(', ')})`,
    done: 'Image metadata set',
    vmLines: 'none',
    diskLines: imageAttributes,
  },
  sync: {
    of: 'vm',
    starts: ({ disks, stage }) => `Syncing ${plural(disks.length, 'disk')} ${STAGES[stage]}`,
    done: 'Sync complete',
    vmLines: 'none',
    diskLines: (action, disk) =>
      action.disks.filter((sync) => sync.disk === disk).flatMap((sync) => syncAttributes(sync, action)),
  },
  'power-off': {
    of: 'vm',
    starts: ({ timeoutSeconds }) => `Powering off (guest shutdown, up to ${formatSeconds(timeoutSeconds)})`,
    done: 'Powered off',
    vmLines: 'none',
    diskLines: (action, disk, { disks }) => (disks[0] === disk ? [powerAttribute(action)] : []),
  },
  convert: {
    of: 'vm',
    starts: () => 'Converting (virt-v2v, on overlays; cannot be undone once it is merged)',
    done: 'Conversion complete',
    vmLines: 'none',
    diskLines: () => [
      { symbol: '!', name: 'converted', value: '"false" -> "true" (virt-v2v, on an overlay that is merged when it succeeded)' },
    ],
  },
  'finalize-copy': {
    of: 'vm',
    starts: () => 'Making the copy final (no conversion: the guest runs on KVM already)',
    done: 'Copy is final',
    vmLines: 'none',
    diskLines: () => [
      { symbol: '!', name: 'converted', value: '"false" -> "true" (no conversion: the guest runs on KVM already)' },
    ],
  },
  'commit-conversion': {
    of: 'vm',
    starts: () => 'Completing the interrupted merge of a conversion',
    done: 'Merge complete',
    vmLines: 'none',
    diskLines: () => [{ symbol: '!', name: 'converted', value: '(half merged) -> "true" (the interrupted merge is completed)' }],
  },
  'mark-converted': {
    of: 'vm',
    starts: () => 'Marking the disks of a merged guest as converted',
    done: 'Marking complete',
    vmLines: 'none',
    diskLines: () => [
      { symbol: '!', name: 'converted', value: '(merged, not marked on every disk) -> "true" (nothing but records is written)' },
    ],
  },
  // Its lines are the block of the server.
  'create-server': {
    of: 'server',
    starts: ({ server }) => `Creating server "${server.name}"`,
    done: 'Creation complete',
    vmLines: 'none',
    diskLines: 'none',
  },
};

const wordsOf = (action: Action): ActionWords<never> => actionWords[action.kind];

/** Who an action is about, and how its start is told: `vm/x/disk/2000: Creating volume "x-2000"...`. */
export const startText = (address: string, action: Action): string =>
  `${placeOf(address, action)}: ${wordsOf(action).starts(action as never)}...`;

export const doneText = (address: string, action: Action, seconds: number): string =>
  `${placeOf(address, action)}: ${wordsOf(action).done} after ${formatSeconds(seconds)}`;

export function vmLines(action: Action): Attribute[] {
  const { vmLines: lines } = wordsOf(action);
  return lines === 'none' ? [] : lines(action as never);
}

export function diskLines(action: Action, disk: DiskKey, entry: PlannedEntry): Attribute[] {
  const { diskLines: lines } = wordsOf(action);
  return lines === 'none' ? [] : lines(action as never, disk, entry);
}

function placeOf(address: string, action: Action): string {
  const { of } = wordsOf(action);
  return of === 'disk' && 'disk' in action ? `${address}/disk/${action.disk}` : of === 'server' ? `${address}/server` : address;
}

/** Volumes come in whole GiB; a disk that is none is rounded up, and the difference stays unused. */
function sizeText({ sizeGiB, capacity, type }: ActionMap['create-volume']): string {
  const rounded = capacity < sizeGiB * GiB ? ` for a disk of ${formatBytes(capacity)}` : '';
  return `${sizeGiB} GiB${rounded}${type === undefined ? '' : `, type ${type}`}`;
}

function powerAttribute({ timeoutSeconds, force }: ActionMap['power-off']): Attribute {
  const forced = force ? ', then powered off hard' : '';
  return { symbol: '!', name: 'power', value: `on -> off (guest shutdown, ${formatSeconds(timeoutSeconds)} timeout${forced})` };
}
