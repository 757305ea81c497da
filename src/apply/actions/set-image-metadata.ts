import type { ActionHandler } from '../handler.js';
import { volumeOf } from '../records.js';

export const setImageMetadata: ActionHandler<'set-image-metadata'> = async (
  { disk, set, unset, bootable, notBootable },
  context,
) => {
  const volume = volumeOf(context, disk);
  if (Object.keys(set).length > 0 || unset.length > 0) await context.target.writeImageMetadata(volume, { set, unset });
  if (bootable) await context.target.setBootable(volume, true);
  if (notBootable === true) await context.target.setBootable(volume, false);
};
