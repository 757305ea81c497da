import { type ActionRow, asks, ofNone } from '../action-row.js';

export const powerOff: ActionRow<'power-off'> = {
  disks: ofNone,
  volumes: 'none',
  copies: ofNone,
  cutover: 'powers-off',
  needs: 'none',
  uses: ['power-off'],
  asks: asks('cutover'),
  allowedBy: ['power-off'],
  fields: { kind: 'identity', timeoutSeconds: 'equal', force: 'equal' },
  change: 'none',
};
