import { type ActionRow, asks, ofDisks, ofNone } from '../action-row.js';

export const finalizeCopy: ActionRow<'finalize-copy'> = {
  disks: ofDisks,
  volumes: 'final',
  copies: ofNone,
  cutover: 'finalizes',
  needs: 'none',
  uses: [],
  asks: asks('cutover'),
  allowedBy: ['finalize-copy'],
  fields: { kind: 'identity', disks: 'equal' },
  change: () => ({ reason: 'cutover_requested', before: { converted: 'false' }, after: { converted: 'true' } }),
};
