import type { TargetVolume } from '../../../contracts/target-provider.js';
import { attachmentId, GiB, serverId, type VolumeId, volumeId } from '../../../model/ids.js';
import type { ObservedAttachment } from '../../../model/observed-target.js';
import { attachmentsOf, type ListedAttachment } from '../access/attachments.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { getVolume } from '../objects/get-volume.js';

/** Undefined: there is none, or none that this project may see. */
export async function readVolume(client: CloudClient, volume: VolumeId): Promise<TargetVolume | undefined> {
  const answer = await getVolume(client, volume);
  return answer === undefined ? undefined : decodeVolume(answer, await attachmentsOf(client, volume));
}

/** `listed`: what the Attachments API has for this volume; completed with what the volume says itself. */
export function decodeVolume(volume: JsonCursor, listed: readonly ListedAttachment[]): TargetVolume {
  const availabilityZone = volume.at('availability_zone').optionalText();
  return {
    id: volumeId(volume.at('id').text()),
    name: volume.at('name').optionalText() ?? '',
    status: volume.at('status').text(),
    size: volume.at('size').gibibytes() * GiB,
    type: volume.at('volume_type').optionalText() ?? '',
    encrypted: volume.at('encrypted').flag(),
    bootable: volume.at('bootable').flag(),
    ...(availabilityZone !== undefined && { availabilityZone }),
    metadata: volume.at('metadata').texts(),
    imageMetadata: volume.at('volume_image_metadata').texts(),
    attachments: mergeAttachments(listed, volume.at('attachments').optionalList()),
  };
}

/** The volume itself shows completed attachments only, the Attachments API shows reservations too. */
function mergeAttachments(listed: readonly ListedAttachment[], shown: readonly JsonCursor[]): ObservedAttachment[] {
  const attachments = new Map<string, ObservedAttachment>();
  for (const entry of shown) {
    const server = entry.at('server_id').optionalText();
    const id = entry.at('attachment_id').optionalText();
    if (id !== undefined)
      attachments.set(id, { id: attachmentId(id), ...(server !== undefined && { server: serverId(server) }) });
  }
  for (const { id, server } of listed) attachments.set(id, { id, ...(server !== undefined && { server }) });
  return [...attachments.values()];
}
