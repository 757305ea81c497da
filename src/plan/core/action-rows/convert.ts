import { type ActionRow, asks, ofDisks, ofNone } from '../action-row.js';

export const convert: ActionRow<'convert'> = {
  disks: ofDisks,
  volumes: 'final',
  copies: ofNone,
  cutover: 'converts',
  needs: 'conversion',
  uses: [],
  asks: asks('cutover'),
  allowedBy: ['convert'],
  fields: { kind: 'identity', disks: 'equal', firmware: 'equal', guestFamily: 'equal', guestId: 'equal', hardware: 'equal' },
  change: () => ({ reason: 'cutover_requested', before: { converted: 'false' }, after: { converted: 'true' } }),
};
