import { noOrigin } from '../../model/origin.js';
import type { ActionHandler } from '../handler.js';
import { makeRecord, metadataOf } from '../records.js';

/** The volume is born dirty: from its first instant its record says that it holds nothing yet. */
export const createVolume: ActionHandler<'create-volume'> = async (action, context) => {
  const { disk, name, sizeGiB, type, availabilityZone, capacity, metadata } = action;
  const record = makeRecord(context, disk, { state: { kind: 'dirty', base: undefined }, cycle: 0, capacity, origin: noOrigin });
  const volume = await context.target.createVolume({
    name,
    sizeGiB,
    metadata: { ...metadata, ...metadataOf(record, context) },
    ...(type === undefined ? {} : { type }),
    ...(availabilityZone === undefined ? {} : { availabilityZone }),
  });
  context.volumes.set(disk, volume.id);
  context.records.set(disk, record);
};
