import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Extent } from '../../src/model/extent.js';
import type { TargetPart } from './parts/part.js';
import type { Vcenter } from './parts/vcenter.js';

const run = promisify(execFile);

export interface Proof {
  /** undefined: there is none. */
  readonly difference: string | undefined;
  readonly bytes: number;
  readonly changeId: string;
}

/** Compares a volume with the source snapshot its changeID names, byte by byte, behind the backs of both sides. */
export async function volumeEqualsSnapshot(
  { source, target }: { readonly source: Vcenter; readonly target: TargetPart },
  vm: string,
  diskKey: number,
): Promise<Proof> {
  const name = `${vm}-${diskKey}`;
  const volume = (await target.witness.volumes()).find((seen) => seen.name === name);
  if (volume === undefined) throw new Error(`the cloud has no volume ${name}`);
  const changeId = volume.metadata['changeID'] ?? '';
  const { imagePath, capacity } = await source.control.frozenImage({ changeId, diskKey } as never);
  return { difference: await volume.differenceFrom(imagePath, capacity), bytes: capacity, changeId };
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
