import { type ActionRow, asks, ofDisks, ofNone } from '../action-row.js';
import { ofRun } from './of-run.js';

export const markConverted: ActionRow<'mark-converted'> = {
  disks: ofDisks,
  volumes: 'final',
  copies: ofNone,
  cutover: 'merges',
  needs: 'none',
  uses: [],
  asks: asks('cutover'),
  allowedBy: ['mark-converted', 'commit-conversion', 'convert'],
  fields: { kind: 'identity', disks: 'equal', run: ofRun },
  change: () => ({ reason: 'conversion_interrupted', after: { converted: 'true' } }),
};
