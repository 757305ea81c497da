import { formatSeconds, plural } from '../../model/format.js';
import type { Action } from '../../plan/core/action.js';

/** Who an action is about, and how its start is told: `vm/x/disk/2000: Creating volume "x-2000"...`. */
export function startText(address: string, action: Action): string {
  switch (action.kind) {
    case 'release-attachment':
      return `${address}/disk/${action.disk}: Releasing attachment ${action.attachment} left by an earlier run...`;
    case 'release-snapshot':
      return `${address}: Removing snapshot ${action.snapshot} left by an earlier run...`;
    case 'discard-overlays':
      return `${address}: Discarding conversion overlays left by an earlier run...`;
    case 'enable-cbt':
      return `${address}: Switching changed block tracking on...`;
    case 'create-volume':
      return `${address}/disk/${action.disk}: Creating volume "${action.name}" (${action.sizeGiB} GiB)...`;
    case 'set-image-metadata':
      return `${address}/disk/${action.disk}: Setting image metadata (${[...Object.keys(action.set), ...(action.bootable ? ['bootable'] : [])].join(', ')})...`;
    case 'sync':
      return `${address}: Syncing ${plural(action.disks.length, 'disk')} ${STAGES[action.stage]}...`;
    case 'power-off':
      return `${address}: Powering off (guest shutdown, up to ${formatSeconds(action.timeoutSeconds)})...`;
    case 'convert':
      return `${address}: Converting (virt-v2v, on overlays; cannot be undone once it is merged)...`;
    case 'finalize-copy':
      return `${address}: Making the copy final (no conversion: the guest runs on KVM already)...`;
    case 'commit-conversion':
      return `${address}: Completing the interrupted merge of a conversion...`;
    case 'create-server':
      return `${address}/server: Creating server "${action.server.name}"...`;
  }
}

const STAGES = {
  live: 'from one snapshot while the VM runs',
  final: 'for the last time, the VM is off',
  cold: 'while the VM is off',
} as const;

export function doneText(address: string, action: Action, seconds: number): string {
  const { said, of } = DONE[action.kind];
  return `${placeOf(address, action, of)}: ${said} after ${formatSeconds(seconds)}`;
}

const placeOf = (address: string, action: Action, of: Done['of']): string =>
  of === 'disk' && 'disk' in action ? `${address}/disk/${action.disk}` : of === 'server' ? `${address}/server` : address;

interface Done {
  readonly said: string;
  /** What it was done to. */
  readonly of: 'disk' | 'server' | 'vm';
}

const DONE: Readonly<Record<Action['kind'], Done>> = {
  'release-attachment': { said: 'Released', of: 'disk' },
  'release-snapshot': { said: 'Snapshot removed', of: 'vm' },
  'discard-overlays': { said: 'Discarded', of: 'vm' },
  'enable-cbt': { said: 'Tracking switched on', of: 'vm' },
  'create-volume': { said: 'Creation complete', of: 'disk' },
  'set-image-metadata': { said: 'Image metadata set', of: 'disk' },
  sync: { said: 'Sync complete', of: 'vm' },
  'power-off': { said: 'Powered off', of: 'vm' },
  convert: { said: 'Conversion complete', of: 'vm' },
  'finalize-copy': { said: 'Copy is final', of: 'vm' },
  'commit-conversion': { said: 'Merge complete', of: 'vm' },
  'create-server': { said: 'Creation complete', of: 'server' },
};
