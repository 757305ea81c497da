import { own } from './own.js';

/**
 * What a status of Cinder means to somebody who wants to attach the volume and to write its metadata.
 * held: by whom, its attachments say. passing: Cinder is busy with it, and refuses until that is over. handed-over: offered to
 * another project. broken: somebody has to mend it.
 */
export type VolumeStatusKind = 'free' | 'held' | 'passing' | 'handed-over' | 'broken';

/** Every status that Cinder's API reference and its own code set. */
export const volumeStatuses = {
  available: 'free',
  reserved: 'held',
  attaching: 'held',
  'in-use': 'held',
  detaching: 'held',
  creating: 'passing',
  deleting: 'passing',
  managing: 'passing',
  unmanaging: 'passing',
  downloading: 'passing',
  uploading: 'passing',
  'backing-up': 'passing',
  'restoring-backup': 'passing',
  extending: 'passing',
  retyping: 'passing',
  reverting: 'passing',
  maintenance: 'passing',
  'awaiting-transfer': 'handed-over',
  error: 'broken',
  error_deleting: 'broken',
  error_managing: 'broken',
  error_managing_deleting: 'broken',
  error_unmanaging: 'broken',
  error_attaching: 'broken',
  error_detaching: 'broken',
  error_extending: 'broken',
  'error_backing-up': 'broken',
  error_restoring: 'broken',
} as const satisfies Record<string, VolumeStatusKind>;

/** Undefined: a word that is not known, and so nothing to build on. */
export function statusKind(status: string): VolumeStatusKind | undefined {
  return own<VolumeStatusKind>(volumeStatuses, status) ?? (status.startsWith('error') ? 'broken' : undefined);
}
