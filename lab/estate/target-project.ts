import type { ServerRequest, TargetVolume, VolumeRequest } from '../../src/contracts/target-provider.js';
import { type AttachmentId, attachmentId, type ServerId, serverId, type VolumeId, volumeId } from '../../src/model/ids.js';

const GiB = 2 ** 30;
/** Blocks of a volume: room for a disk that was extended. */
const VOLUME_BLOCKS = 40;

export interface EstateVolume {
  readonly id: VolumeId;
  readonly name: string;
  readonly request: VolumeRequest;
  metadata: Record<string, string>;
  imageMetadata: Record<string, string>;
  bootable: boolean;
  status: string;
  /** With the server that holds it, if one does. */
  readonly attachments: Map<AttachmentId, ServerId | undefined>;
  /** What survives a crash, and what has been written but not flushed. */
  readonly durable: Uint8Array;
  readonly cache: Map<number, number>;
}

export interface EstateServer {
  readonly id: ServerId;
  readonly request: ServerRequest;
  status: string;
  /** As the server got them when it was made: Nova reads the boot volume's image metadata then. */
  readonly hardware: Readonly<Record<string, string>>;
}

/** Volumes and servers of one project, and what people do there by hand. Metadata are durable at once; bytes only after a flush. */
export class TargetProject {
  readonly volumes = new Map<VolumeId, EstateVolume>();
  readonly servers = new Map<ServerId, EstateServer>();
  volumesLeft = 100;
  private made = 0;

  constructor(private readonly random: () => number) {}

  /** A cache may lose any part of what was not flushed. */
  loseCaches(): void {
    for (const volume of this.volumes.values()) this.drain(volume, () => this.random() < 0.5);
  }

  drain({ cache, durable }: EstateVolume, keep: () => boolean = () => true): void {
    for (const [offset, byte] of cache) if (keep()) durable[offset] = byte;
    cache.clear();
  }

  create(request: VolumeRequest): EstateVolume {
    const volume: EstateVolume = {
      id: volumeId(`volume-${++this.made}`),
      name: request.name,
      request,
      metadata: { ...request.metadata },
      imageMetadata: {},
      bootable: false,
      status: 'available',
      attachments: new Map(),
      durable: new Uint8Array(VOLUME_BLOCKS),
      cache: new Map(),
    };
    this.volumes.set(volume.id, volume);
    return volume;
  }

  attach(volume: EstateVolume, server?: ServerId): AttachmentId {
    const id = attachmentId(`attachment-${++this.made}`);
    volume.attachments.set(id, server);
    return id;
  }

  detach(attachment: AttachmentId): void {
    for (const volume of this.volumes.values()) volume.attachments.delete(attachment);
  }

  boot(request: ServerRequest, volumes: readonly EstateVolume[]): EstateServer {
    const server: EstateServer = {
      id: serverId(`server-${++this.made}`),
      request,
      status: 'ACTIVE',
      hardware: { ...volumes[0]?.imageMetadata },
    };
    this.servers.set(server.id, server);
    for (const volume of volumes) this.attach(volume, server.id);
    return server;
  }

  /** As an owner does it; Cinder refuses for what is attached. */
  deleteVolume(index: number): EstateVolume | undefined {
    const volume = this.nth(index);
    if (volume === undefined || volume.attachments.size > 0) return undefined;
    this.volumes.delete(volume.id);
    return volume;
  }

  deleteServer(): void {
    const [server] = this.servers.values();
    if (server === undefined) return;
    this.servers.delete(server.id);
    for (const volume of this.volumes.values())
      for (const [id, holder] of volume.attachments) if (holder === server.id) volume.attachments.delete(id);
  }

  nth(index: number): EstateVolume | undefined {
    return [...this.volumes.values()][index % Math.max(1, this.volumes.size)];
  }

  told({ durable: _, cache: __, request, attachments, status, ...volume }: EstateVolume): TargetVolume {
    return {
      ...volume,
      metadata: { ...volume.metadata },
      imageMetadata: { ...volume.imageMetadata },
      status: status === 'available' && attachments.size > 0 ? 'in-use' : status,
      size: request.sizeGiB * GiB,
      type: request.type ?? 'ssd',
      encrypted: false,
      attachments: [...attachments].map(([id, server]) => ({ id, ...(server === undefined ? {} : { server }) })),
    };
  }
}
