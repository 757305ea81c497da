import { type ActionRow, asks, ofDisks, ofNone } from '../action-row.js';

export const createServer: ActionRow<'create-server'> = {
  disks: ofDisks,
  volumes: 'none',
  copies: ofNone,
  cutover: 'none',
  needs: 'none',
  uses: [],
  asks: asks('cutover'),
  allowedBy: ['create-server'],
  fields: {
    kind: 'identity',
    disks: 'equal',
    server: 'equal',
    availabilityZone: 'equal',
    nics: 'equal',
    replaces: { derived: 'a server of this very VM that ended in ERROR: an interrupted run may have left it' },
  },
  change: 'none',
};
