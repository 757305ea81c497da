import type { Action } from './action.js';
import { imageMetadataChange, wantedImageMetadata } from './image-metadata.js';
import type { JudgedDisk, Scene } from './scene.js';

/** The disk the guest boots from, as far as the source says; else the first in guest order. */
export function bootDisk({ vm, disks }: Scene): JudgedDisk {
  return disks.find(({ disk }) => disk.key === vm.bootDisk) ?? disks[0]!;
}

/** Image metadata stand on the boot volume only: that is the one Nova reads. */
export function planImageMetadata(scene: Scene): Action[] {
  const { disk, verdict } = bootDisk(scene);
  const volume = 'volume' in verdict ? verdict.volume : undefined;
  const change = imageMetadataChange(wantedImageMetadata(scene.desired, scene.vm), volume?.imageMetadata ?? {});
  const bootable = volume?.bootable !== true;
  if (change === undefined && !bootable) return [];
  const { set, unset, before } = change ?? { set: {}, unset: [], before: {} };
  return [{ kind: 'set-image-metadata', disk: disk.key, set, unset, before, bootable }];
}
