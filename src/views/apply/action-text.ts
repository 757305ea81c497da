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
  const place =
    'disk' in action ? `${address}/disk/${action.disk}` : action.kind === 'create-server' ? `${address}/server` : address;
  return `${place}: ${DONE[action.kind]} after ${formatSeconds(seconds)}`;
}

const DONE: Readonly<Record<Action['kind'], string>> = {
  'release-attachment': 'Released',
  'release-snapshot': 'Snapshot removed',
  'discard-overlays': 'Discarded',
  'enable-cbt': 'Tracking switched on',
  'create-volume': 'Creation complete',
  'set-image-metadata': 'Image metadata set',
  sync: 'Sync complete',
  'power-off': 'Powered off',
  convert: 'Conversion complete',
  'finalize-copy': 'Copy is final',
  'commit-conversion': 'Merge complete',
  'create-server': 'Creation complete',
};
