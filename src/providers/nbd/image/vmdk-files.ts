import { dirname, join } from 'node:path';
import { ImageProblem } from './image-problem.js';
import { type ImageFile, locateImage } from './locate-image.js';
import { readHead } from './read-head.js';
import { requireNoParent, type VmdkExtent, vmdkExtents } from './vmdk-descriptor.js';

const SECTOR = 512;
const DESCRIPTOR_BYTES_MAX = 64 * 1024;

export interface VmdkFiles {
  readonly capacity: number;
  /** The image first. */
  readonly files: readonly ImageFile[];
}

/** All files of a vmdk that stands by itself. ImageProblem for one that does not, or whose files are not beside it. */
export async function vmdkFiles(image: ImageFile, folders: readonly string[]): Promise<VmdkFiles> {
  const head = await readHead(image.path, DESCRIPTOR_BYTES_MAX);
  const magic = head.toString('latin1', 0, 4);
  if (magic === 'KDMV') return { capacity: await sparseCapacity(image.path, head), files: [image] };
  const text = head.toString('utf8');
  if (!/^# Disk DescriptorFile/m.test(text.slice(0, 2 * SECTOR)))
    throw new ImageProblem(`${image.path} is said to be vmdk, and is none that is read`);
  if (image.facts.size > BigInt(DESCRIPTOR_BYTES_MAX)) throw new ImageProblem(`${image.path} is too long for a descriptor`);
  const extents = vmdkExtents(image.path, text);
  if (extents.length === 0) throw new ImageProblem(`${image.path} has no extents`);
  const files = await Promise.all(extents.map((extent) => extentFile(image.path, extent, folders)));
  return { capacity: extents.reduce((sum, { bytes }) => sum + bytes, 0), files: [image, ...files] };
}

async function extentFile(image: string, { name, fileBytes }: VmdkExtent, folders: readonly string[]): Promise<ImageFile> {
  const path = join(dirname(image), name);
  const file = await locateImage(path, folders);
  if (file.path !== path) throw new ImageProblem(`${path} is a link, and an extent has to lie beside its descriptor`);
  if (file.facts.size < BigInt(fileBytes)) throw new ImageProblem(`${path} is shorter than ${image} says`);
  return file;
}

/** Of a sparse file with its descriptor inside. One without a size keeps its data elsewhere. */
async function sparseCapacity(path: string, head: Buffer): Promise<number> {
  if (head.length < SECTOR) throw new ImageProblem(`${path} is cut off`);
  const capacity = Number(head.readBigUInt64LE(12)) * SECTOR;
  if (capacity === 0) throw new ImageProblem(`${path} keeps its data in other files`);
  const [from, sectors] = [Number(head.readBigUInt64LE(28)), Number(head.readBigUInt64LE(36))];
  if (from > 0) {
    const descriptor = await readHead(path, Math.min(sectors * SECTOR, DESCRIPTOR_BYTES_MAX), from * SECTOR);
    requireNoParent(
      path,
      descriptor
        .toString('latin1')
        .split(/[\r\n\0]+/)
        .map((line) => line.trim()),
    );
  }
  return capacity;
}
