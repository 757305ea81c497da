import type { ApprovalKind } from '../../../model/approval-kinds.js';
import { own } from '../../../model/own.js';
import type { ActionMap } from '../action.js';
import { type ActionRow, ofDisk, ofNone } from '../action-row.js';

const MACHINE_TYPE = 'hw_machine_type';

export const setImageMetadata: ActionRow<'set-image-metadata'> = {
  disks: ofDisk,
  volumes: 'changed',
  copies: ofNone,
  cutover: 'none',
  needs: 'none',
  uses: [],
  asks: asksOfMetadata,
  allowedBy: ['set-image-metadata'],
  fields: {
    kind: 'identity',
    disk: 'identity',
    set: 'fewer',
    unset: 'fewer',
    before: 'fewer',
    bootable: { why: 'it may be done already', within: ({ bootable }, reviewed) => !bootable || reviewed.bootable === true },
    notBootable: {
      why: 'it may be done already',
      within: ({ notBootable = false }, reviewed) => !notBootable || reviewed.notBootable === true,
    },
    machineTypeAsked: {
      why: 'it goes with hw_machine_type, which may be written already',
      within: ({ machineTypeAsked: left }, reviewed) => left === undefined || left === reviewed.machineTypeAsked,
    },
  },
  change: ({ before, set, machineTypeAsked }) => ({
    reason: 'metadata_differs',
    before: { image_metadata: before },
    after: {
      image_metadata: set,
      ...(machineTypeAsked === undefined ? {} : { machine_type_asked: machineTypeAsked }),
    },
  }),
};

/** A machine type that stands where none was is part of a first copy. */
function asksOfMetadata({ set, unset, before }: ActionMap['set-image-metadata']): readonly ApprovalKind[] {
  const had = own(before, MACHINE_TYPE);
  if (had === undefined) return ['seed'];
  const changes = unset.includes(MACHINE_TYPE) || (own(set, MACHINE_TYPE) ?? had) !== had;
  return [changes ? 'machine-type' : 'sync'];
}
