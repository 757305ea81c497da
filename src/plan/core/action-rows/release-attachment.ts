import { type ActionRow, asks, ofDisk, ofNone } from '../action-row.js';
import { leftover } from './leftover.js';

export const releaseAttachment: ActionRow<'release-attachment'> = {
  disks: ofDisk,
  volumes: 'changed',
  copies: ofNone,
  cutover: 'none',
  needs: 'none',
  uses: [],
  asks: asks('sync'),
  allowedBy: 'always',
  fields: { kind: 'identity', disk: leftover, volume: leftover, attachment: leftover },
  change: () => ({ reason: 'metadata_differs' }),
};
