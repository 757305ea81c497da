import { type ActionRow, asks, ofDisk, ofNone } from '../action-row.js';

export const createVolume: ActionRow<'create-volume'> = {
  disks: ofDisk,
  volumes: 'made',
  copies: ofNone,
  cutover: 'none',
  needs: 'none',
  uses: [],
  asks: asks('seed'),
  allowedBy: ['create-volume'],
  fields: {
    kind: 'identity',
    disk: 'identity',
    name: 'equal',
    sizeGiB: 'equal',
    type: 'equal',
    availabilityZone: 'equal',
    capacity: 'equal',
    metadata: 'equal',
  },
  change: ({ name, sizeGiB, type, metadata }) => ({
    reason: 'volume_missing',
    after: {
      name,
      size_gib: sizeGiB,
      ...(type === undefined ? {} : { volume_type: type }),
      ...(metadata === undefined ? {} : { metadata }),
    },
    unknown: { id: true },
  }),
};
