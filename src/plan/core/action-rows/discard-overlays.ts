import { type ActionRow, asks, ofDisks, ofNone } from '../action-row.js';
import { leftover } from './leftover.js';

export const discardOverlays: ActionRow<'discard-overlays'> = {
  disks: ofDisks,
  volumes: 'none',
  copies: ofNone,
  cutover: 'none',
  needs: 'none',
  uses: [],
  asks: asks('sync'),
  allowedBy: 'always',
  fields: { kind: 'identity', runs: leftover, disks: leftover },
  change: 'none',
};
