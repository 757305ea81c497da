import { stat } from 'node:fs/promises';
import type { ChangeId } from '../../../model/change-id.js';
import { contentOf } from '../content.js';
import type { ImageFormat } from '../machine.js';
import { requireDiskSize } from './image-problem.js';
import { type ImageFile, locateImage } from './locate-image.js';
import { lockName } from './locks.js';
import { qcow2Capacity } from './qcow2-header.js';
import { vmdkFiles } from './vmdk-files.js';

/** An image that can be read, as it is now. */
export interface Image {
  /** All links followed. */
  readonly path: string;
  readonly format: ImageFormat;
  /** Bytes of the disk. */
  readonly capacity: number;
  /** All that qemu opens for it, and nothing else. */
  readonly files: readonly ImageFile[];
  readonly content: ChangeId;
}

/**
 * Reads as little of an image as tells its size and that it stands by itself. The format is what was declared: a raw file is never
 * looked into, because whoever could write to it inside of the guest could make it look like another format that names other files.
 * ImageProblem when it is not to be read.
 */
export async function judgeImage(
  { path, format }: { readonly path: string; readonly format: ImageFormat },
  folders: readonly string[],
): Promise<Image> {
  const image = await locateImage(path, folders);
  const { capacity, files } = await filesOf(image, format, folders);
  requireDiskSize(path, capacity);
  return {
    path: image.path,
    format,
    capacity,
    files,
    content: contentOf(
      files.map(({ facts }) => facts),
      format,
    ),
  };
}

type Files = Pick<Image, 'capacity' | 'files'>;

async function filesOf(image: ImageFile, format: ImageFormat, folders: readonly string[]): Promise<Files> {
  switch (format) {
    case 'raw':
      return { capacity: Number(image.facts.size), files: [image] };
    case 'qcow2':
      return { capacity: await qcow2Capacity(image.path), files: [image] };
    case 'vmdk':
      return vmdkFiles(image, folders);
  }
}

/** Who has it open for writing, as far as this machine shows; undefined: nobody. */
export async function whoWrites({ path, format, files }: Image, written: ReadonlySet<string>): Promise<string | undefined> {
  const held = files.find(({ facts }) => written.has(lockName(facts)));
  if (held !== undefined) return `a QEMU on this machine has ${held.path} open for writing`;
  const lock = `${path}.lck`;
  const isLocked =
    format === 'vmdk' &&
    (await stat(lock).then(
      () => true,
      () => false,
    ));
  return isLocked ? `${lock} says that VMware has it open` : undefined;
}
