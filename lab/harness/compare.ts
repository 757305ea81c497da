import type { TargetPart } from './parts/part.js';
import type { Vcenter } from './parts/vcenter.js';

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
  const named = (await target.witness.volumes()).filter((seen) => seen.name === name);
  // A request that was late may have made an empty one besides.
  const volume = named.find(({ metadata }) => metadata['changeID'] !== '') ?? named[0];
  if (volume === undefined) throw new Error(`the cloud has no volume ${name}`);
  const changeId = volume.metadata['changeID'] ?? '';
  const { imagePath, capacity } = await source.control.frozenImage({ changeId, diskKey } as never);
  return { difference: await volume.differenceFrom(imagePath, capacity), bytes: capacity, changeId };
}
