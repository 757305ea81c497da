import { copyFile, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { CloudVolume } from './cloud-control.js';
import type { SimulatedCloud } from './parts/simulated-cloud.js';
import type { Vcenter } from './parts/vcenter.js';

/** How another tool left a volume: what it holds of its disk. */
export type LeftAs = 'complete' | 'half copied' | 'half converted' | 'empty' | 'of another VM';

/** A volume as another tool made it. */
export interface BegunElsewhere {
  readonly vm: string;
  readonly diskKey: number;
  readonly name: string;
  /** What the tool noted, id of the change tracking included. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly leftAs: LeftAs;
  /** The VM whose disk is on it, where it is of another VM. */
  readonly otherVm?: string;
  readonly imageMetadata?: Readonly<Record<string, string>>;
  readonly sizeGiB?: number;
}

const MiB = 2 ** 20;

/** Plants it behind the cloud's back, with what its VM's disk holds now. */
export async function begunElsewhere(
  { source, target }: { readonly source: Vcenter; readonly target: SimulatedCloud },
  folder: string,
  wanted: BegunElsewhere,
): Promise<CloudVolume> {
  const { vm, diskKey, name, metadata, leftAs, otherVm = vm, imageMetadata, sizeGiB = 1 } = wanted;
  const { disks } = await source.control.vm({ vm: otherVm });
  const disk = disks.find(({ key }) => key === diskKey);
  if (disk === undefined) throw new Error(`${otherVm} has no disk ${diskKey}`);
  const fromFile = join(folder, `begun-${name}`);
  await copyFile(disk.imagePath, fromFile);
  await spoil(fromFile, leftAs, disk.capacity);
  return target.control.createVolume({
    project: 'demo',
    name,
    sizeGiB,
    fromFile,
    metadata,
    bootable: true,
    ...(imageMetadata === undefined ? {} : { imageMetadata }),
  });
}

async function spoil(file: string, leftAs: LeftAs, capacity: number): Promise<void> {
  if (leftAs === 'empty') await truncate(file, 0);
  if (leftAs === 'half copied') await truncate(file, capacity / 2);
  await truncate(file, capacity);
  if (leftAs !== 'half converted') return;
  // As a conversion does: here and there, between what it leaves alone.
  await using opened = await open(file, 'r+');
  for (let at = 0; at < capacity; at += 4 * MiB) await opened.write(new Uint8Array(64 * 1024).fill(7), 0, 64 * 1024, at);
}
