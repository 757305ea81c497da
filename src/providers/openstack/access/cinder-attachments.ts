import type { AttachedVolume } from '../../../contracts/target-provider.js';
import type { AttachmentId, VolumeId } from '../../../model/ids.js';
import type { CinderAccess } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import { connect, release, reserve } from './attachments.js';
import type { OpenBlock } from './connection-info.js';
import type { VolumeAttachments } from './volume-attachments.js';

/** Volumes by attachments of our own, without a server; what they lead to is opened from user space. */
export class CinderAttachments implements VolumeAttachments {
  private readonly open = new Map<AttachmentId, OpenBlock>();

  constructor(
    private readonly client: CloudClient,
    private readonly settings: { readonly hostName: string; readonly access: CinderAccess },
  ) {}

  reserve(volume: VolumeId): Promise<AttachmentId> {
    return reserve(this.client, volume);
  }

  async connect(volume: VolumeId, attachment: AttachmentId): Promise<AttachedVolume> {
    // A device that is opened exclusively is so once only, by us too.
    await this.close(attachment);
    const open = await connect(this.client, this.settings, { volume, attachment });
    this.open.set(attachment, open);
    return { attachment, volume, block: open.block };
  }

  async release(attachment: AttachmentId): Promise<void> {
    await this.close(attachment);
    await release(this.client, attachment);
  }

  private async close(attachment: AttachmentId): Promise<void> {
    const open = this.open.get(attachment);
    this.open.delete(attachment);
    await open?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const attachment of [...this.open.keys()]) await this.close(attachment);
  }
}
