import { ProviderError } from '../../src/contracts/provider-error.js';
import type { TargetProvider, TargetServer, TargetVolume } from '../../src/contracts/target-provider.js';
import { type AttachmentId, attachmentId, type ServerId, serverId, type VolumeId, volumeId } from '../../src/model/ids.js';
import type { Gate } from './gate.js';
import { BLOCKS } from './source-vm.js';

export interface SimVolume {
  readonly id: VolumeId;
  readonly name: string;
  metadata: Record<string, string>;
  imageMetadata: Record<string, string>;
  bootable: boolean;
  readonly attachments: Set<AttachmentId>;
  /** What survives a crash, and what has been written but not flushed. */
  readonly durable: Uint8Array;
  readonly cache: Map<number, number>;
}

const newVolume = (id: VolumeId, { name, metadata }: Pick<SimVolume, 'name' | 'metadata'>): SimVolume => ({
  id,
  name,
  metadata: { ...metadata },
  imageMetadata: {},
  bootable: false,
  attachments: new Set(),
  durable: new Uint8Array(BLOCKS),
  cache: new Map(),
});

/** Volumes and servers of one project. Metadata are durable at once; bytes only after a flush. */
export class TargetCloud {
  readonly volumes = new Map<VolumeId, SimVolume>();
  readonly servers: TargetServer[] = [];
  private made = 0;

  constructor(
    private readonly gate: Gate,
    private readonly random: () => number,
    /** Volumes become disks of this server, which may keep what a dead run left there. */
    private readonly host?: ServerId,
  ) {}

  /** A volume that something else made, with these bytes on it from its beginning. */
  plant({
    name,
    metadata,
    bytes = [],
  }: {
    name: string;
    metadata: Record<string, string>;
    bytes?: ArrayLike<number>;
  }): SimVolume {
    const volume = newVolume(volumeId(`volume-${++this.made}`), { name, metadata });
    volume.durable.set(bytes);
    this.volumes.set(volume.id, volume);
    return volume;
  }

  /** A cache may lose any part of what was not flushed. */
  loseCaches(): void {
    for (const volume of this.volumes.values()) this.drain(volume, () => this.random() < 0.5);
  }

  drain({ cache, durable }: SimVolume, keep: () => boolean = () => true): void {
    for (const [offset, byte] of cache) if (keep()) durable[offset] = byte;
    cache.clear();
  }

  private volume(id: VolumeId): SimVolume {
    const volume = this.volumes.get(id);
    if (volume === undefined) throw refused('not-found', `no volume ${id}`);
    return volume;
  }

  private told({ durable: _, cache: __, attachments, ...volume }: SimVolume): TargetVolume {
    return {
      ...volume,
      status: attachments.size > 0 ? 'in-use' : 'available',
      size: BLOCKS,
      type: 'sim',
      encrypted: false,
      attachments: [...attachments].map((id) => ({ id, ...(this.host !== undefined && { server: this.host }) })),
    };
  }

  readonly provider: TargetProvider = {
    name: 'cloud',
    releaseCutsOff: false,
    writerNeeds: () => [],
    identify: async () => ({ kind: 'openstack', endpoint: 'sim', id: 'sim' }),
    observe: async () => {
      this.gate.effect();
      return {
        volumes: [...this.volumes.values()].map((volume) => this.told(volume)),
        servers: [...this.servers],
        catalog: { flavors: [], networks: [], volumeTypes: [], availabilityZones: [], quota: {} },
        ...(this.host !== undefined && { conversionHost: { server: this.host, name: 'host', volumesMax: 26, volumes: [] } }),
      };
    },
    readVolume: async (id) => {
      this.gate.effect();
      const volume = this.volumes.get(id);
      return volume && this.told(volume);
    },
    createVolume: async ({ name, metadata }) => {
      this.gate.effect();
      return this.told(this.plant({ name, metadata }));
    },
    mergeVolumeMetadata: async (id, patch) => {
      this.gate.effect();
      const volume = this.volume(id);
      volume.metadata = { ...volume.metadata, ...patch };
    },
    writeImageMetadata: async (id, { set, unset }) => {
      this.gate.effect();
      const volume = this.volume(id);
      volume.imageMetadata = Object.fromEntries(
        Object.entries({ ...volume.imageMetadata, ...set }).filter(([key]) => !unset.includes(key)),
      );
    },
    setBootable: async (id, bootable) => {
      this.gate.effect();
      this.volume(id).bootable = bootable;
    },
    reserve: async (id, own = []) => {
      this.gate.effect();
      const volume = this.volume(id);
      const left = own.find((attachment) => this.host !== undefined && volume.attachments.has(attachment));
      if (left !== undefined) return left;
      if (volume.attachments.size > 0) throw refused('held', `${id} is held`);
      const attachment = attachmentId(`attachment-${++this.made}`);
      volume.attachments.add(attachment);
      return attachment;
    },
    connect: async (volume, attachment) => {
      this.gate.effect();
      return { volume, attachment, block: { driver: 'file', path: volume } };
    },
    release: async (attachment) => {
      this.gate.effect();
      for (const volume of this.volumes.values()) volume.attachments.delete(attachment);
    },
    createServer: async ({ name, metadata, volumes }) => {
      this.gate.effect();
      for (const id of volumes) if (this.volume(id).attachments.size > 0) throw refused('held', `${id} is held`);
      const server: TargetServer = { id: serverId('server-1'), name, status: 'ACTIVE', metadata };
      if (!this.servers.some((other) => other.id === server.id)) this.servers.push(server);
      return server;
    },
    probeMachineType: async () => {
      this.gate.effect();
      return { runs: true };
    },
    removeProbes: async () => {
      this.gate.effect();
      return 0;
    },
    checkRights: async () => [],
    [Symbol.asyncDispose]: async () => {},
  };
}

const refused = (kind: 'held' | 'not-found', detail: string): ProviderError =>
  new ProviderError({ kind, code: 'MP4002', provider: 'cloud', call: 'sim', detail });
