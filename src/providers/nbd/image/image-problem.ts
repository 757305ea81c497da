/** Why an image is not read, in plain words. */
export class ImageProblem extends Error {
  override readonly name = 'ImageProblem';
}

const SECTOR = 512;

export function requireDiskSize(name: string, bytes: number): void {
  if (!Number.isSafeInteger(bytes) || bytes === 0 || bytes % SECTOR !== 0)
    throw new ImageProblem(`${name} has ${bytes} bytes, and a disk has a multiple of ${SECTOR}`);
}
