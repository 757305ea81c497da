import type { Cloud } from '../cloud.js';
import { badRequest, type JsonObject } from '../wire/message.js';
import { touch } from './find-volume.js';
import type { Attachment, Volume } from './model.js';

/**
 * The life of an attachment and what it does to its volume:
 *
 *     reserve   available -> reserved      one holder only, unless the type is multiattach
 *     connect   reserved  -> attaching     the caller names its host, and learns where the bytes are
 *     complete            -> in-use
 *     release             -> available     from any of them; with holders left, what they make of it
 *
 * The member's Attachments API and Nova both come through here, so neither gets a volume the other holds.
 */
export interface Holder {
  readonly projectId: string;
  readonly instanceId: string | null;
  readonly byNova: boolean;
  readonly mode?: string;
}

export const attachmentsOf = (cloud: Cloud, volume: Volume): Attachment[] =>
  [...cloud.block.attachments.values()].filter(({ volumeId }) => volumeId === volume.id);

/** Takes the volume for a holder. Refuses with 400 when it is held, or not ready. */
export function reserve(cloud: Cloud, volume: Volume, holder: Holder): Attachment {
  if (!mayReserve(cloud, volume, holder.instanceId)) throw reserveRefusal(volume);
  const attachment: Attachment = {
    id: cloud.ids.uuid(),
    volumeId: volume.id,
    projectId: holder.projectId,
    instanceId: holder.instanceId,
    heldByNova: holder.byNova,
    status: 'reserved',
    mode: holder.mode ?? 'null',
    device: null,
    hostName: null,
    attachedMs: undefined,
    connectionInfo: {},
  };
  cloud.block.attachments.set(attachment.id, attachment);
  volume.status = 'reserved';
  touch(cloud, volume);
  return attachment;
}

/** Whether `reserve` would succeed. */
export function mayReserve(cloud: Cloud, volume: Volume, instanceId: string | null): boolean {
  const ready = volume.type.multiattach ? ['available', 'in-use', 'downloading'] : ['available', 'downloading'];
  if (ready.includes(volume.status)) return true;
  // Cinder lets the holder itself reserve once more: Nova does so when it moves a server between hosts.
  return (
    instanceId !== null &&
    ['in-use', 'reserved'].includes(volume.status) &&
    attachmentsOf(cloud, volume).some((attachment) => attachment.instanceId === instanceId)
  );
}

export function reserveRefusal(volume: Volume) {
  const wanted = volume.type.multiattach ? 'available or in-use or downloading' : 'available or downloading';
  const reason = `status must be ${wanted} to reserve, but the current status is ${volume.status}.`;
  return badRequest(`Invalid volume: Volume ${volume.id} ${reason}`);
}

/** The backend exports the volume to the connector's host. Its content is not checked, as with RBD. */
export function connect(cloud: Cloud, attachment: Attachment, connector: JsonObject): void {
  const volume = cloud.block.volumes.get(attachment.volumeId) as Volume;
  attachment.status = 'attaching';
  if (attachment.mode === 'null') attachment.mode = typeof connector['mode'] === 'string' ? connector['mode'] : 'rw';
  attachment.hostName = typeof connector['host'] === 'string' ? connector['host'] : null;
  attachment.device = typeof connector['mountpoint'] === 'string' ? connector['mountpoint'] : null;
  const data = connectionData(volume);
  attachment.connectionInfo = Object.keys(data).length === 0 ? {} : { ...data, attachment_id: attachment.id };
  volume.status = 'attaching';
  touch(cloud, volume);
}

/** What the backend of its type tells a host. */
export const connectionData = (volume: Volume): Record<string, unknown> =>
  volume.type.connection === undefined ? localData(volume) : named(volume.type.connection, volume);

const named = (connection: Readonly<Record<string, unknown>>, { id }: Volume): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(connection).map(([key, value]) => [key, typeof value === 'string' ? value.replaceAll('VOLUME', id) : value]),
  );

/** What a `local` backend tells: the path of the volume's raw file on that host. */
const localData = (volume: Volume): Record<string, unknown> => ({
  driver_volume_type: 'local',
  device_path: volume.file,
  volume_id: volume.id,
  qos_specs: null,
  // Cinder says rw even for an attachment asked for as ro.
  access_mode: 'rw',
  encrypted: volume.type.encrypted,
  cacheable: false,
});

export function complete(cloud: Cloud, attachment: Attachment): void {
  const volume = cloud.block.volumes.get(attachment.volumeId) as Volume;
  attachment.status = 'attached';
  attachment.attachedMs = cloud.clock.now();
  volume.status = 'in-use';
  touch(cloud, volume);
}

/** Ends the attachment. Doing so twice does nothing. */
export function release(cloud: Cloud, attachment: Attachment): void {
  if (!cloud.block.attachments.delete(attachment.id)) return;
  const volume = cloud.block.volumes.get(attachment.volumeId);
  if (volume === undefined) return;
  volume.status = statusWith(attachmentsOf(cloud, volume));
  touch(cloud, volume);
}

function statusWith(holders: readonly Attachment[]): string {
  const has = (status: Attachment['status']) => holders.some((holder) => holder.status === status);
  if (has('attached')) return 'in-use';
  if (has('attaching')) return 'attaching';
  return has('reserved') ? 'reserved' : 'available';
}
