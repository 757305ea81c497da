import { type ActionRow, asks, ofNone } from '../action-row.js';
import { leftover } from './leftover.js';

export const releaseSnapshot: ActionRow<'release-snapshot'> = {
  disks: ofNone,
  volumes: 'none',
  copies: ofNone,
  cutover: 'none',
  needs: 'none',
  uses: ['copy'],
  asks: asks('sync'),
  allowedBy: 'always',
  fields: { kind: 'identity', snapshot: leftover },
  change: 'none',
};
