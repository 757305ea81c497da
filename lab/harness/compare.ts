import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Extent } from '../../src/model/extent.js';
import type { Lab } from './lab.js';

const run = promisify(execFile);

export interface Proof {
  readonly equal: boolean;
  readonly bytes: number;
  readonly changeId: string;
}

/** Compares a volume with the source snapshot its changeID names, byte by byte, behind the backs of both clouds. */
export async function volumeEqualsSnapshot(lab: Lab, vm: string, diskKey: number): Promise<Proof> {
  const volume = await lab.cloud.control.volumeNamed(`${vm}-${diskKey}`);
  const changeId = volume.metadata['changeID'] ?? '';
  const { imagePath, capacity } = await lab.vcenter.control.frozenImage({ changeId, diskKey } as never);
  const equal = await sameBytes(imagePath, volume.file, capacity);
  return { equal, bytes: capacity, changeId };
}

/** Compares two files, from their beginning or where they say. */
export async function sameBytes(a: string, b: string, part: number | Extent): Promise<boolean> {
  const { offset, length } = typeof part === 'number' ? { offset: 0, length: part } : part;
  try {
    await run('cmp', ['-s', '-i', String(offset), '-n', String(length), a, b]);
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === 1) return false;
    throw error;
  }
}
