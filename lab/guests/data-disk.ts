import { open } from 'node:fs/promises';

const BLOCK_BYTES = 65_536;

/** 64 KiB that tell which disk and which block they are; never all zero. */
export function patternBlock(seed: number, block: number): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  let state = (seed * 0x9e37_79b1 + block * 0x85eb_ca6b + 1) >>> 0;
  for (let at = 0; at < BLOCK_BYTES; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeUInt32LE(state >>> 0, at);
  }
  return bytes;
}

export interface DataDisk {
  readonly bytes: number;
  readonly seed: number;
  /** Of eight blocks of 64 KiB, how many hold data; the others are holes. */
  readonly filledOfEight?: number;
}

/** Makes a sparse raw disk whose content is known from its seed. Needs no rights. */
export async function makeDataDisk(path: string, { bytes, seed, filledOfEight = 2 }: DataDisk): Promise<void> {
  await using disk = await open(path, 'w', 0o644);
  await disk.truncate(bytes);
  const blocks = Math.floor(bytes / BLOCK_BYTES);
  for (let block = 0; block < blocks; block++) {
    if (block % 8 < filledOfEight) await disk.write(patternBlock(seed, block), 0, BLOCK_BYTES, block * BLOCK_BYTES);
  }
}
