import { isoMicroseconds } from '../clock.js';
import { type Cloud, isAdmin } from '../cloud.js';
import type { AuthorizedCall } from '../wire/message.js';
import { attachmentsOf } from './attachment-state.js';
import type { Attachment, Volume } from './model.js';

/** A volume as `GET /volumes/{id}` shows it at the call's microversion. */
export function volumeDetail(cloud: Cloud, volume: Volume, call: AuthorizedCall): Record<string, unknown> {
  const { version, token } = call;
  const attachments = attachmentsOf(cloud, volume).filter(({ status }) => status === 'attached');
  return {
    id: volume.id,
    status: volume.status,
    size: volume.sizeGiB,
    availability_zone: volume.availabilityZone,
    created_at: isoMicroseconds(volume.createdMs),
    updated_at: isoMicroseconds(volume.updatedMs),
    name: volume.name,
    description: volume.description,
    volume_type: volume.type.name,
    snapshot_id: volume.snapshotId,
    source_volid: volume.sourceVolumeId,
    metadata: Object.fromEntries(volume.metadata),
    links: volumeLinks(volume, call),
    user_id: volume.userId,
    bootable: String(volume.bootable),
    encrypted: volume.type.encrypted,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: volume.type.multiattach,
    attachments: attachments.map((attachment) => attachmentEntry(attachment, isAdmin(token))),
    'os-vol-tenant-attr:tenant_id': volume.projectId,
    ...(isAdmin(token) && { 'os-vol-host-attr:host': 'sim@local#local', 'os-vol-mig-status-attr:migstat': null }),
    ...(volume.imageMetadata.size > 0 && { volume_image_metadata: Object.fromEntries(volume.imageMetadata) }),
    ...laterFields(volume, version),
  };
}

const laterFields = (volume: Volume, version: number) => ({
  ...(version >= 13 && { group_id: null }),
  ...(version >= 48 && { service_uuid: null, shared_targets: version >= 69 ? null : false }),
  ...(version >= 63 && { volume_type_id: volume.type.id }),
  ...(version >= 65 && { consumes_quota: true }),
});

const attachmentEntry = (attachment: Attachment, admin: boolean) => ({
  id: attachment.volumeId,
  attachment_id: attachment.id,
  volume_id: attachment.volumeId,
  server_id: attachment.instanceId,
  host_name: admin ? attachment.hostName : null,
  device: attachment.device,
  attached_at: attachment.attachedMs === undefined ? null : isoMicroseconds(attachment.attachedMs),
});

function volumeLinks({ id, projectId }: Volume, { baseUrl }: AuthorizedCall): object[] {
  return [
    { rel: 'self', href: `${baseUrl}/volume/v3/${projectId}/volumes/${id}` },
    { rel: 'bookmark', href: `${baseUrl}/volume/${projectId}/volumes/${id}` },
  ];
}
