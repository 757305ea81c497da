import type { DiskReader, SourceBlock } from '../../../contracts/disk-reader.js';
import type { HostCheck } from '../../../contracts/provider.js';
import type { SnapshotDisk } from '../../../contracts/source-provider.js';
import type { AttachedVolume, TargetBlock } from '../../../contracts/target-provider.js';
import { invariant } from '../../../diag/diagnostic.js';
import { uninterrupted } from '../../../host/interruption.js';
import type { SnapshotRef, VolumeId } from '../../../model/ids.js';
import type { ObservedSourceRoom } from '../../../model/observed.js';
import { attachmentsOf, listAttachments } from '../access/attachments.js';
import type { VolumeAttachments } from '../access/volume-attachments.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { readVolumeQuota } from '../target/project-quota.js';
import { type CloneOptions, cloneOf, listClones, removeClones } from './clones.js';
import type { SnapshotAccess } from './snapshot-access.js';

const REQUEST_BYTES_MAX = 2 ** 22;
const CONNECTIONS = 2;
const FILE = 'clone-of:';

/**
 * Access of type nova: a volume is made of the snapshot, for each disk when its turn comes, and attached to the conversion host
 * of the old cloud. Any backend that can clone can be read so. The server that is copied is not touched by it.
 */
export class SnapshotsByClone implements SnapshotAccess {
  constructor(
    private readonly client: CloudClient,
    private readonly attachments: VolumeAttachments,
    private readonly options: CloneOptions,
  ) {}

  /** What is read from is a disk of the conversion host, which is looked at by checkHost. */
  readonly readerNeeds = [];

  readonly whyUnreadable = (volume: JsonCursor): string | undefined => {
    if (volume.at('encrypted').flag())
      return 'the volume is encrypted: the disk in it is smaller, and Cinder does not tell by how much';
    if (volume.at('multiattach').flag())
      return 'the volume is of a multiattach type: a copy of it, made to be read, could be attached and changed by others meanwhile';
    return undefined;
  };

  async fileOf(_volume: string, snapshot: string): Promise<string> {
    return `${FILE}${snapshot}`;
  }

  async reader(ref: SnapshotRef, { uuid, file }: SnapshotDisk, signal = new AbortController().signal): Promise<DiskReader> {
    const { client, attachments } = this;
    const origin = { snapshot: ref, volume: uuid };
    const clone = await cloneOf(client, origin, { ...this.options, signal, snapshot: file.slice(FILE.length) });
    const slot = await attachments.takeSlots?.([clone], signal);
    const release = async (): Promise<void> => {
      try {
        await this.remove(ref, clone);
      } finally {
        await slot?.[Symbol.asyncDispose]();
      }
    };
    try {
      const { block, broken } = await this.attached(clone);
      const common = { requestBytesMax: REQUEST_BYTES_MAX, connections: CONNECTIONS, release };
      return { block: readable(block), ...common, ...(broken !== undefined && { broken }) };
    } catch (error) {
      // Why it cannot be read is what must be told; what stays is found by the snapshot's name.
      await uninterrupted(release).catch(() => undefined);
      throw error;
    }
  }

  /** Whoever attached a clone did it for this snapshot, and its name is of this run. */
  private async attached(clone: VolumeId): Promise<AttachedVolume> {
    const own = (await attachmentsOf(this.client, clone)).map(({ id }) => id);
    return this.attachments.connect(clone, await this.attachments.reserve(clone, own));
  }

  removeClones(ref: SnapshotRef): Promise<void> {
    return this.remove(ref);
  }

  private remove(ref: SnapshotRef, only?: VolumeId): Promise<void> {
    const release = (attachment: Parameters<VolumeAttachments['release']>[0]) => this.attachments.release(attachment);
    return removeClones(this.client, ref, { ...this.options, release, ...(only !== undefined && { only }) });
  }

  async room(): Promise<ObservedSourceRoom> {
    const { attachments, client } = this;
    const host = await attachments.conversionHost?.();
    invariant(host !== undefined, 'access of type nova has a conversion host');
    const { id: server, name, volumesMax } = host;
    const attached = (await listAttachments(client)).filter((attachment) => attachment.server === server);
    const clones = new Set((await listClones(client)).map((clone) => clone.at('id').text()));
    const otherVolumes = attached.filter(({ volume }) => !clones.has(volume)).length;
    return { quota: await readVolumeQuota(client), host: { server, name, volumesMax, otherVolumes } };
  }

  async checkHost(): Promise<readonly HostCheck[]> {
    return (await this.attachments.checkHost?.()) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.attachments[Symbol.asyncDispose]();
  }
}

function readable(block: TargetBlock): SourceBlock {
  const isReadable = block.driver === 'file' || block.driver === 'host_device' || block.driver === 'nbd';
  invariant(isReadable, `a volume on the conversion host is no ${block.driver}`);
  return block;
}
