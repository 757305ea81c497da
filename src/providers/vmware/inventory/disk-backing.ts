import { isA } from '../properties.js';
import type { Vim } from '../wsdl/vim.js';

/** What matters of a disk's backing, whatever its type. */
export interface DiskBacking {
  /** '' when the backing has none. */
  readonly uuid: string;
  /** The file behind the disk; undefined for raw devices. */
  readonly file?: string;
  readonly changeId?: string;
  /** false: no snapshot freezes it. */
  readonly inSnapshots: boolean;
  /** Why it cannot be read at all. */
  readonly unsupported?: string;
}

type Backing = Vim<'VirtualDeviceBackingInfo'>;

const INDEPENDENT = new Set(['independent_persistent', 'independent_nonpersistent']);
const LEGACY_MODES = new Set(['nonpersistent', 'undoable', 'append']);

export function readBacking(backing: Backing | undefined): DiskBacking {
  const file = isA(backing, 'VirtualDeviceFileBackingInfo') ? backing.fileName : undefined;
  const { diskMode, uuid, changeId } = fieldsOf(backing);
  const unsupported = unsupportedBacking(backing) ?? unsupportedMode(diskMode);
  return {
    uuid: uuid ?? '',
    inSnapshots: diskMode === undefined || !INDEPENDENT.has(diskMode),
    ...(file === undefined ? {} : { file }),
    ...(changeId === undefined || changeId === '' ? {} : { changeId }),
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

interface BackingFields {
  readonly diskMode?: string;
  readonly uuid?: string;
  readonly changeId?: string;
}

/** Backings have no common ancestor with these fields. */
function fieldsOf(backing: Backing | undefined): BackingFields {
  if (isA(backing, 'VirtualDiskFlatVer2BackingInfo')) return backing;
  if (isA(backing, 'VirtualDiskSeSparseBackingInfo')) return backing;
  if (isA(backing, 'VirtualDiskSparseVer2BackingInfo')) return backing;
  if (isA(backing, 'VirtualDiskRawDiskMappingVer1BackingInfo')) return backing;
  if (isA(backing, 'VirtualDiskRawDiskVer2BackingInfo')) return backing;
  if (isA(backing, 'VirtualDiskLocalPMemBackingInfo')) return backing;
  if (isA(backing, 'VirtualDiskFlatVer1BackingInfo')) return backing;
  if (isA(backing, 'VirtualDiskSparseVer1BackingInfo')) return backing;
  return {};
}

const SHARED = 'is shared with other VMs (multi-writer): snapshots cannot freeze it';

function unsupportedBacking(backing: Backing | undefined): string | undefined {
  if (backing === undefined) return 'has no backing';
  if (isA(backing, 'VirtualDiskFlatVer2BackingInfo')) {
    if (backing.sharing === 'sharingMultiWriter') return SHARED;
    return backing.keyId === undefined ? undefined : 'is encrypted';
  }
  if (isA(backing, 'VirtualDiskSeSparseBackingInfo') || isA(backing, 'VirtualDiskSparseVer2BackingInfo')) {
    return backing.keyId === undefined ? undefined : 'is encrypted';
  }
  if (isA(backing, 'VirtualDiskRawDiskMappingVer1BackingInfo')) {
    if (backing.sharing === 'sharingMultiWriter') return SHARED;
    return backing.compatibilityMode === 'virtualMode' ? undefined : 'is a raw device mapping in physical mode';
  }
  if (isA(backing, 'VirtualDiskRawDiskVer2BackingInfo')) return 'is a raw device';
  if (isA(backing, 'VirtualDiskLocalPMemBackingInfo')) return 'is persistent memory of one host';
  if (isA(backing, 'VirtualDiskFlatVer1BackingInfo') || isA(backing, 'VirtualDiskSparseVer1BackingInfo'))
    return 'has a legacy format';
  return `has a backing of unknown type ${backing.$type}`;
}

const unsupportedMode = (mode: string | undefined): string | undefined =>
  mode !== undefined && LEGACY_MODES.has(mode) ? `has the legacy mode ${mode}` : undefined;
