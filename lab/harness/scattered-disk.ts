import { closeSync, openSync, truncateSync, writeSync } from 'node:fs';
import { prng } from '../sim/prng.js';

const MiB = 2 ** 20;
const SIZE = 64 * MiB;

/** Makes a sparse file with some data here and there, other data for each seed. Returns its path. */
export function scatteredDisk(path: string, seed: number): string {
  const random = prng(seed);
  const file = openSync(path, 'w');
  for (let at = 0; at < SIZE; at += SIZE / 4) {
    writeSync(
      file,
      Uint8Array.from({ length: MiB }, () => Math.floor(random() * 256)),
      0,
      MiB,
      at,
    );
  }
  closeSync(file);
  truncateSync(path, SIZE);
  return path;
}
