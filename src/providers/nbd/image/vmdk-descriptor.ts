import { ImageProblem } from './image-problem.js';

const SECTOR = 512;
/** VMFS: as a file copied from a datastore says of its -flat.vmdk. */
const FLAT = ['FLAT', 'VMFS'];
const KINDS = [...FLAT, 'SPARSE'];
const NO_PARENT = 'ffffffff';

export interface VmdkExtent {
  /** Plain name of a file in the same folder. */
  readonly name: string;
  readonly bytes: number;
  /** Bytes that the file has at least; 0: unknown. */
  readonly fileBytes: number;
}

/** The extents of a descriptor. ImageProblem for a disk that stands on another one, and for names that lead elsewhere. */
export function vmdkExtents(path: string, descriptor: string): VmdkExtent[] {
  const lines = descriptor.split(/\r?\n/).map((line) => line.trim());
  requireNoParent(path, lines);
  // qemu skips white space before it looks for an extent, and so finds one behind an empty line twice.
  if (lines.some((line, index) => isExtent(line) && lines[index - 1] === ''))
    throw new ImageProblem(`${path} has an empty line before an extent, which qemu then counts twice; remove that line`);
  return lines.filter(isExtent).map((line) => extentOf(path, line));
}

const isExtent = (line: string): boolean => /^(RW|RDONLY|NOACCESS)\b/.test(line);

export function requireNoParent(path: string, lines: readonly string[]): void {
  const parents = lines.flatMap((line) => /^parentCID\s*=\s*"?([0-9a-f]*)"?$/i.exec(line)?.[1] ?? []);
  const hint = lines.some((line) => /^parentFileNameHint\s*=/i.test(line));
  if (hint || parents.some((parent) => parent.toLowerCase() !== NO_PARENT))
    throw new ImageProblem(
      `${path} stands on another disk (a snapshot); consolidate it, or: qemu-img convert -O qcow2 ${path} NEW`,
    );
}

function extentOf(path: string, line: string): VmdkExtent {
  const [, access, sectors, kind, name, offset = '0'] =
    /^(\w+)\s+(\d{1,15})\s+(\w+)\s+"([^"]*)"(?:\s+(\d{1,15}))?$/.exec(line) ?? [];
  if (access !== 'RW' && access !== 'RDONLY') throw new ImageProblem(`${path} has an extent that cannot be read: ${line}`);
  if (!KINDS.includes(kind!)) throw new ImageProblem(`${path} has an extent of kind ${kind}, which is not read`);
  if (name === '' || name === '.' || name === '..' || /[/\\:\0]/.test(name!))
    throw new ImageProblem(`${path} names an extent that is not a plain name of a file beside it: "${name}"`);
  const bytes = Number(sectors) * SECTOR;
  return { name: name!, bytes, fileBytes: FLAT.includes(kind!) ? Number(offset) * SECTOR + bytes : 0 };
}
