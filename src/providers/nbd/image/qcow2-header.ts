import { ImageProblem } from './image-problem.js';
import { readHead } from './read-head.js';

const MAGIC = 'QFI\xfb';
const HEADER_BYTES = 104;
const VERSION_2_BYTES = 72;

const DIRTY = 1n;
const CORRUPT = 2n;
const EXTERNAL_DATA = 4n;
/** Compression type and extended L2 entries, which qemu reads. */
const KNOWN = DIRTY | CORRUPT | EXTERNAL_DATA | 8n | 16n;

/** Bytes of the disk in a qcow2 file that stands by itself. ImageProblem for one that leads to other files, or is not sound. */
export async function qcow2Capacity(path: string): Promise<number> {
  const head = await readHead(path, HEADER_BYTES);
  if (head.length < VERSION_2_BYTES || head.toString('latin1', 0, 4) !== MAGIC)
    throw new ImageProblem(`${path} is said to be qcow2, and is not`);
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw new ImageProblem(`${path} is qcow2 of version ${version}, which is not read`);
  if (head.readBigUInt64BE(8) !== 0n)
    throw new ImageProblem(`${path} has a backing file; make one file of both: qemu-img convert -O qcow2 ${path} NEW`);
  if (head.readUInt32BE(32) !== 0) throw new ImageProblem(`${path} is encrypted, and its key is not known here`);
  if (version === 3) requireSound(path, head);
  return Number(head.readBigUInt64BE(24));
}

function requireSound(path: string, head: Buffer): void {
  const features = head.length < HEADER_BYTES ? 0n : head.readBigUInt64BE(72);
  if ((features & EXTERNAL_DATA) !== 0n) throw new ImageProblem(`${path} keeps its data in another file`);
  if ((features & CORRUPT) !== 0n) throw new ImageProblem(`${path} is marked as corrupt; look at it: qemu-img check ${path}`);
  if ((features & DIRTY) !== 0n)
    throw new ImageProblem(`${path} was not closed, or is in use; when it is not: qemu-img check -r all ${path}`);
  if ((features & ~KNOWN) !== 0n) throw new ImageProblem(`${path} has features of qcow2 that are not known here`);
}
