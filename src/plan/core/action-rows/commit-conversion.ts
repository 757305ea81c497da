import { type ActionRow, asks, ofDisks, ofNone } from '../action-row.js';
import { ofRun } from './of-run.js';

export const commitConversion: ActionRow<'commit-conversion'> = {
  disks: ofDisks,
  volumes: 'final',
  copies: ofNone,
  cutover: 'merges',
  needs: 'conversion',
  uses: [],
  asks: asks('cutover'),
  allowedBy: ['commit-conversion', 'convert'],
  fields: { kind: 'identity', disks: 'equal', run: ofRun },
  // What it was before is half of both.
  change: () => ({ reason: 'conversion_interrupted', after: { converted: 'true' } }),
};
