import type { Cloud } from '../cloud.js';
import { objectIn, optionalText } from '../wire/body-check.js';
import { type AuthorizedCall, badRequest, type Reply } from '../wire/message.js';
import { attachmentsOf } from './attachment-state.js';
import { touch, volumeOf } from './find-volume.js';
import { checkedMetadata, refuseFourByteText } from './metadata.js';
import type { Snapshot, Volume } from './model.js';
import { removeVolumeFile } from './volume-file.js';
import { volumeDetail } from './volume-view.js';

/** `PUT /volumes/{id}`. With `metadata` it replaces all of it. */
export function updateVolume(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  const wanted = objectIn(call.body, 'volume');
  const name = optionalText(wanted, 'name');
  const description = optionalText(wanted, 'description');
  const metadata = 'metadata' in wanted ? checkedMetadata(wanted['metadata']) : undefined;
  refuseFourByteText([name ?? null, description ?? null, ...(metadata?.keys() ?? []), ...(metadata?.values() ?? [])]);
  if (name !== undefined) volume.name = name;
  if (description !== undefined) volume.description = description;
  if (metadata !== undefined) volume.metadata = metadata;
  touch(cloud, volume);
  return { status: 200, body: { volume: volumeDetail(cloud, volume, call) } };
}

const deletable = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'];

/** `DELETE /volumes/{id}`: an attachment or a snapshot protects the volume, an open file does not. */
export function deleteVolume(cloud: Cloud, call: AuthorizedCall): Reply {
  const volume = volumeOf(cloud, call);
  const cascade = ['true', 'True', '1'].includes(call.query.get('cascade') ?? '');
  if (!deletable.includes(volume.status)) throw badRequest(deleteRefusal());
  refuseUnlessFree(cloud, volume, { cascade });
  startDelete(cloud, volume);
  return { status: 202 };
}

export function refuseUnlessFree(cloud: Cloud, volume: Volume, { cascade = false } = {}): void {
  const isHeld = attachmentsOf(cloud, volume).length > 0;
  if (isHeld || (snapshotsOf(cloud, volume).length > 0 && !cascade)) throw badRequest(deleteRefusal());
}

const deleteRefusal = () => {
  const states = deletable.join(' or ');
  const not =
    'migrating, attached, belong to a group, have snapshots, awaiting a transfer, or be disassociated from snapshots after volume transfer';
  return `Invalid volume: Volume status must be ${states} and must not be ${not}.`;
};

export const snapshotsOf = (cloud: Cloud, volume: Volume): Snapshot[] =>
  [...cloud.block.snapshots.values()].filter(({ volumeId }) => volumeId === volume.id);

/** Sets the volume to `deleting`; it is gone, file and snapshots included, when the delay is over. */
export function startDelete(cloud: Cloud, volume: Volume): void {
  volume.status = 'deleting';
  touch(cloud, volume);
  cloud.clock.after(cloud.config.timings.volumeDeleteMs, () => {
    if (volume.status !== 'deleting') return;
    for (const snapshot of snapshotsOf(cloud, volume)) {
      cloud.block.snapshots.delete(snapshot.id);
      removeVolumeFile(snapshot.file);
    }
    cloud.block.volumes.delete(volume.id);
    removeVolumeFile(volume.file);
  });
}
