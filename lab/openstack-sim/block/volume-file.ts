import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const GiB = 1024 ** 3;

export const volumeFile = (stateDir: string, id: string): string => join(stateDir, 'volumes', `volume-${id}`);
export const snapshotFile = (stateDir: string, id: string): string => join(stateDir, 'volumes', `snapshot-${id}`);

/** Makes the volume's file, all zero and without blocks; with `from`, a sparse copy of that file, grown to size. */
export function makeVolumeFile(file: string, { sizeGiB, from }: { sizeGiB: number; from?: string | undefined }): void {
  if (from !== undefined) copySparse(from, file);
  const descriptor = openSync(file, from === undefined ? 'w' : 'r+');
  ftruncateSync(descriptor, sizeGiB * GiB);
  closeSync(descriptor);
}

export const growVolumeFile = (file: string, sizeGiB: number): void => truncateSync(file, sizeGiB * GiB);

export const copySparse = (from: string, to: string): void => {
  execFileSync('cp', ['--sparse=always', '--reflink=auto', '--', from, to]);
};

/** A writer that still has the file open writes on into nothing, as with an RBD image in the trash. */
export const removeVolumeFile = (file: string): void => rmSync(file, { force: true });
