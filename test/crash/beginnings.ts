import { expect } from 'vitest';
import type { SimVolume } from '../../lab/sim/target-cloud.js';
import type { World } from '../../lab/sim/world.js';
import type { VolumeId } from '../../src/model/ids.js';
import { recordOf } from './record-of.js';

/** Of each world, what began and must not have. */
const found = new WeakMap<World, string[]>();

/**
 * Looks at the records of the volumes at the very moment at which something begins to read or write them. What is found is kept,
 * since the program may catch whatever is thrown at it here; what the dead begin reaches nothing.
 */
export function watchBeginnings(world: World): void {
  if (found.has(world)) return;
  const broken: string[] = [];
  found.set(world, broken);
  const complain = (what: string): void => void (world.gate.dead || broken.push(what));
  /** What virt-v2v made is on them, in whole or in part. */
  const merged = new Set<VolumeId>();
  world.watch = {
    onConversion: (volumes) => volumes.flatMap((volume) => whyNotConvertible(world, volume)).forEach(complain),
    onMerge: (volume) => {
      for (const one of world.cloud.volumes.values()) if (!isBeingMerged(one)) complain(`a merge while ${said(one)}`);
      merged.add(volume.id);
    },
    onCopy: (volume) => {
      whyNotWritable(volume, merged.has(volume.id)).forEach(complain);
      merged.delete(volume.id);
    },
  };
}

/** virt-v2v reads what the guest left at its end, all of it: a volume whose copy is complete, of a source that is off for good. */
function whyNotConvertible({ vm }: World, volume: SimVolume): string[] {
  const { state, identity } = recordOf(volume);
  const isLast = volume.cache.size === 0 && volume.durable.every((byte, block) => byte === vm.bytesNow(identity.disk)[block]);
  return [
    ...(state.kind === 'clean' ? [] : [`virt-v2v on an incomplete copy: ${said(volume)}`]),
    ...(vm.power === 'off' ? [] : [`virt-v2v while the source runs: ${said(volume)}`]),
    ...(isLast ? [] : [`virt-v2v before the last sync: ${said(volume)}`]),
  ];
}

/** Bytes are written to a volume that says so; what was converted only takes a copy that relies on nothing that is there. */
function whyNotWritable(volume: SimVolume, isMerged: boolean): string[] {
  const { state } = recordOf(volume);
  if (state.kind !== 'dirty') return [`a copy onto what is not dirty: ${said(volume)}`];
  const isDelta = state.base !== undefined || state.partial !== undefined;
  return isMerged && isDelta ? [`a delta on a converted volume: ${said(volume)}`] : [];
}

function isBeingMerged(volume: SimVolume): boolean {
  const { kind } = recordOf(volume).state;
  return kind === 'committing' || kind === 'converted';
}

const said = ({ name, metadata }: SimVolume): string => `${name} says ${metadata['migplan']}`;

export function expectLawfulBeginnings(world: World): void {
  expect(found.get(world)).toEqual([]);
}
