import type { Volume } from './block/model.js';
import { makeVolumeFile, volumeFile } from './block/volume-file.js';
import { type Cloud, projectNamed } from './cloud.js';

/** A volume somebody else made, by whatever way: no quota, no checks, there at once. */
export interface NewVolume {
  /** Name or id. */
  readonly project: string;
  readonly sizeGiB: number;
  readonly name?: string;
  readonly volumeType?: string;
  /** `available` by default. */
  readonly status?: string;
  readonly bootable?: boolean;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly imageMetadata?: Readonly<Record<string, string>>;
  /** Any unused UUID by default. */
  readonly id?: string;
  /** A raw file to start from; all zero by default. */
  readonly fromFile?: string;
}

export function plantVolume(cloud: Cloud, wanted: NewVolume): Volume {
  const project = projectNamed(cloud, wanted.project);
  const type = cloud.block.types.find(({ name }) => name === (wanted.volumeType ?? cloud.block.defaultType.name));
  if (type === undefined) throw new Error(`there is no volume type ${wanted.volumeType}`);
  if (!Number.isInteger(wanted.sizeGiB) || wanted.sizeGiB < 1)
    throw new Error(`sizeGiB ${wanted.sizeGiB} is no positive integer`);
  const id = wanted.id ?? cloud.ids.uuid();
  const now = cloud.clock.now();
  const volume: Volume = {
    id,
    projectId: project.id,
    userId: '',
    name: wanted.name ?? null,
    description: null,
    status: wanted.status ?? 'available',
    sizeGiB: wanted.sizeGiB,
    type,
    availabilityZone: cloud.config.availabilityZones[0] ?? 'nova',
    bootable: wanted.bootable ?? false,
    snapshotId: null,
    sourceVolumeId: null,
    metadata: new Map(Object.entries(wanted.metadata ?? {})),
    imageMetadata: new Map(Object.entries(wanted.imageMetadata ?? {})),
    file: volumeFile(cloud.stateDir, id),
    createdMs: now,
    updatedMs: now,
  };
  makeVolumeFile(volume.file, { sizeGiB: wanted.sizeGiB, from: wanted.fromFile });
  cloud.block.volumes.set(id, volume);
  return volume;
}
