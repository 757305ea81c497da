import { type ActionRow, asks, ofNone } from '../action-row.js';

export const enableCbt: ActionRow<'enable-cbt'> = {
  disks: ofNone,
  volumes: 'none',
  copies: ofNone,
  cutover: 'none',
  needs: 'none',
  uses: ['track'],
  asks: asks('seed'),
  allowedBy: ['enable-cbt'],
  fields: { kind: 'identity' },
  change: 'none',
};
