import { attachmentsOf } from './block/attachment-state.js';
import type { Claim, FrozenVolume } from './block/evidence.js';
import type { Attachment, Snapshot, Volume } from './block/model.js';
import { removeVolumeFile } from './block/volume-file.js';
import type { CallLog, CallRecord } from './call-log.js';
import { type Cloud, projectNamed } from './cloud.js';
import type { GuestDomain, Server } from './compute/model.js';
import type { HypervisorConfig, ProjectQuota } from './config.js';
import { type NewVolume, plantVolume } from './control-volume.js';
import type { FaultRule } from './fault-rule.js';
import type { Faults } from './faults.js';
import type { Port } from './network/model.js';
import type { ListOrder } from './wire/list-order.js';

/** A volume as the control API shows it. */
export interface VolumeState {
  readonly id: string;
  readonly name: string | null;
  readonly projectId: string;
  readonly project: string;
  readonly status: string;
  readonly sizeGiB: number;
  readonly bootable: boolean;
  readonly volumeType: string;
  /** Absolute path of the raw file. */
  readonly file: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly imageMetadata: Readonly<Record<string, string>>;
  readonly attachmentIds: readonly string[];
}

/** A server as the control API shows it; `domain` is what libvirt would have got, undefined when it was never built. */
export interface ServerState {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly status: string;
  readonly faultMessage: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly volumeIds: readonly string[];
  readonly domain: GuestDomain | undefined;
}

/** What a test may overrule on a volume, whatever its state. */
export interface VolumeChange {
  readonly status?: string;
  readonly name?: string;
  readonly bootable?: boolean;
  /** Replace all. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly imageMetadata?: Readonly<Record<string, string>>;
}

/** Looks behind the APIs and makes things happen that no tenant could. Unknown ids and projects throw an Error. */
export interface Control {
  volumes(): VolumeState[];
  createVolume(wanted: NewVolume): VolumeState;
  changeVolume(id: string, change: VolumeChange): VolumeState;
  /** Takes the volume away at once, held or not. */
  removeVolume(id: string): void;
  servers(): ServerState[];
  /** Attributes of a server as Nova shows them, laid over its own: what an administrator, or an extension, gave it. */
  giveServer(id: string, attributes: Readonly<Record<string, unknown>>): ServerState;
  attachments(): Attachment[];
  snapshots(): Omit<Snapshot, 'imageMetadata'>[];
  /** What `evidence` in the configuration made the cloud keep, oldest first. */
  claims(): Claim[];
  forgetClaim(number: number): void;
  frozenVolumes(): FrozenVolume[];
  ports(): Port[];
  /** The same for a port, as Neutron shows them. */
  givePort(id: string, attributes: Readonly<Record<string, unknown>>): Port;
  calls(): readonly CallRecord[];
  clearCalls(): void;
  /** Milliseconds since 1970 by the cloud's clock. */
  now(): number;
  /** Moves the clock; what becomes due happens before this returns. */
  advance(deltaMs: number): void;
  /** Every token given out so far becomes unknown. */
  expireTokens(): void;
  addFault(rule: FaultRule): string;
  clearFaults(): void;
  setQuota(project: string, quota: Partial<ProjectQuota>): ProjectQuota;
  setBackend(backend: { capacityGiB?: number; usedElsewhereGiB?: number }): Cloud['block']['backend'];
  setHypervisor(change: Partial<HypervisorConfig>): HypervisorConfig;
  /** From now on the entries of every list come in an order that follows from the seed; pages then do not fit together. */
  setListOrder(order: ListOrder): ListOrder;
}

export function createControl({ cloud, faults, calls }: { cloud: Cloud; faults: Faults; calls: CallLog }): Control {
  const { block, compute, networking, clock, directory } = cloud;
  return {
    volumes: () => [...block.volumes.values()].map((volume) => volumeState(cloud, volume)),
    createVolume: (wanted) => volumeState(cloud, plantVolume(cloud, wanted)),
    changeVolume: (id, change) => changeVolume(cloud, id, change),
    removeVolume: (id) => removeVolume(cloud, id),
    servers: () => [...compute.servers.values()].map(serverState),
    giveServer: (id, attributes) => {
      const server = found(compute.servers, id);
      Object.assign(server.attributes, attributes);
      return serverState(server);
    },
    attachments: () => [...block.attachments.values()],
    snapshots: () => [...block.snapshots.values()].map(({ imageMetadata: _, ...snapshot }) => snapshot),
    claims: () => [...block.evidence.claims.values()],
    forgetClaim: (number) => block.evidence.forgetClaim(number),
    frozenVolumes: () => block.evidence.frozen,
    ports: () => [...networking.ports.values()],
    givePort: (id, attributes) => {
      const port = found(networking.ports, id);
      Object.assign(port.attributes, attributes);
      return port;
    },
    calls: () => calls.list(),
    clearCalls: () => calls.clear(),
    now: () => clock.now(),
    advance: (deltaMs) => clock.advance(deltaMs),
    expireTokens: () => directory.tokens.clear(),
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    setQuota: (project, quota) => Object.assign(projectNamed(cloud, project).quota, quota),
    setBackend: (backend) => Object.assign(block.backend, backend),
    setHypervisor: (change) => Object.assign(compute.hypervisor, change),
    setListOrder: (order) => Object.assign(cloud.listOrder, order),
  };
}

function found<T>(things: ReadonlyMap<string, T>, id: string): T {
  const thing = things.get(id);
  if (thing === undefined) throw new Error(`there is no ${id}`);
  return thing;
}

function findVolume({ block }: Cloud, id: string): Volume {
  const volume = block.volumes.get(id);
  if (volume === undefined) throw new Error(`there is no volume ${id}`);
  return volume;
}

function changeVolume(cloud: Cloud, id: string, { metadata, imageMetadata, ...plain }: VolumeChange): VolumeState {
  const volume = Object.assign(findVolume(cloud, id), plain);
  if (metadata !== undefined) volume.metadata = new Map(Object.entries(metadata));
  if (imageMetadata !== undefined) volume.imageMetadata = new Map(Object.entries(imageMetadata));
  volume.updatedMs = cloud.clock.now();
  return volumeState(cloud, volume);
}

function removeVolume(cloud: Cloud, id: string): void {
  const volume = findVolume(cloud, id);
  for (const attachment of attachmentsOf(cloud, volume)) cloud.block.attachments.delete(attachment.id);
  cloud.block.volumes.delete(id);
  removeVolumeFile(volume.file);
}

const volumeState = (cloud: Cloud, volume: Volume): VolumeState => ({
  id: volume.id,
  name: volume.name,
  projectId: volume.projectId,
  project: projectNamed(cloud, volume.projectId).name,
  status: volume.status,
  sizeGiB: volume.sizeGiB,
  bootable: volume.bootable,
  volumeType: volume.type.name,
  file: volume.file,
  metadata: Object.fromEntries(volume.metadata),
  imageMetadata: Object.fromEntries(volume.imageMetadata),
  attachmentIds: attachmentsOf(cloud, volume).map(({ id }) => id),
});

const serverState = (server: Server): ServerState => ({
  id: server.id,
  name: server.name,
  projectId: server.projectId,
  status: server.status,
  faultMessage: server.fault?.message,
  metadata: Object.fromEntries(server.metadata),
  volumeIds: server.volumes.map(({ volumeId }) => volumeId),
  domain: server.domain,
});
