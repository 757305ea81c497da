import type { ResolvedConfig } from '../config.js';
import { uuidOf } from '../ids.js';
import { Evidence } from './evidence.js';

export interface VolumeType {
  readonly id: string;
  readonly name: string;
  readonly multiattach: boolean;
  readonly encrypted: boolean;
  readonly connection: Readonly<Record<string, unknown>> | undefined;
}

export interface Volume {
  readonly id: string;
  readonly projectId: string;
  readonly userId: string;
  name: string | null;
  description: string | null;
  status: string;
  sizeGiB: number;
  readonly type: VolumeType;
  readonly availabilityZone: string;
  bootable: boolean;
  readonly snapshotId: string | null;
  readonly sourceVolumeId: string | null;
  metadata: Map<string, string>;
  imageMetadata: Map<string, string>;
  /** Absolute path of the raw file; it exists once the volume has been `available`. */
  readonly file: string;
  readonly createdMs: number;
  updatedMs: number;
}

export type AttachmentStatus = 'reserved' | 'attaching' | 'attached';

/** One holder of a volume. */
export interface Attachment {
  readonly id: string;
  readonly volumeId: string;
  readonly projectId: string;
  /** Any text the caller gave; not necessarily a server that exists. */
  readonly instanceId: string | null;
  /** Made by Nova for a server's volume: only Nova may end it. */
  readonly heldByNova: boolean;
  status: AttachmentStatus;
  /** `null` (the word) until connected. */
  mode: string;
  device: string | null;
  hostName: string | null;
  attachedMs: number | undefined;
  connectionInfo: Readonly<Record<string, unknown>>;
}

export interface Snapshot {
  readonly id: string;
  readonly volumeId: string;
  readonly projectId: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly sizeGiB: number;
  readonly type: VolumeType;
  readonly availabilityZone: string;
  status: string;
  readonly createdMs: number;
  readonly file: string;
  readonly imageMetadata: ReadonlyMap<string, string>;
}

/** A user message: the only place where the reason of an asynchronous failure can be read. */
export interface UserMessage {
  readonly id: string;
  readonly projectId: string;
  readonly requestId: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly eventId: string;
  readonly text: string;
  readonly createdMs: number;
}

export interface BlockStorage {
  readonly types: readonly VolumeType[];
  readonly defaultType: VolumeType;
  readonly volumes: Map<string, Volume>;
  readonly attachments: Map<string, Attachment>;
  readonly snapshots: Map<string, Snapshot>;
  readonly messages: UserMessage[];
  readonly evidence: Evidence;
  readonly backend: { capacityGiB: number; usedElsewhereGiB: number };
}

export function createBlockStorage(config: ResolvedConfig, stateDir: string): BlockStorage {
  const types = config.volumeTypes.map(({ name, multiattach = false, encrypted = false, connection }): VolumeType => {
    return { id: uuidOf(config.seed, `volume type ${name}`), name, multiattach, encrypted, connection };
  });
  const defaultIndex = config.volumeTypes.findIndex((type) => type.default === true);
  const defaultType = types[Math.max(0, defaultIndex)];
  if (defaultType === undefined) throw new Error('cloud config: volumeTypes is empty');
  return {
    types,
    defaultType,
    volumes: new Map(),
    attachments: new Map(),
    snapshots: new Map(),
    messages: [],
    evidence: new Evidence(stateDir, config.evidence),
    backend: { capacityGiB: config.backendCapacityGiB, usedElsewhereGiB: 0 },
  };
}
