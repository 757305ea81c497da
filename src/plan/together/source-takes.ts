import { GiB } from '../../model/ids.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { plus, type Resources } from './resources.js';

/** How the disks of one VM of an old cloud are read. */
export interface Reading {
  readonly vm: ObservedVm;
  /** By way of volumes made of the snapshots; else where the snapshots are. */
  readonly isByClone: boolean;
  /** Disks that are copied at the same time. */
  readonly transfers: number;
}

/** What the reading of one VM takes. */
export type Takes = (reading: Reading) => Resources;

/** What is counted in every cloud: the snapshots, one of each volume, and volumes made of them with their size. */
export const readingTakes: Takes = (reading) => plus(snapshotsOf(volumesOf(reading.vm)), clonesOf(reading));

/** The same where the size of snapshots counts as gigabytes, too: Cinder's default. */
export const snapshotsTakeToo: Takes = (reading) => plus(readingTakes(reading), gigabytesOf(volumesOf(reading.vm)));

/** The most that may come back when so many snapshots of dead runs are removed, with what readers made of them. */
export function freedBy(snapshots: number, reading: Reading): Resources {
  const all = { ...reading, isByClone: true, transfers: reading.vm.disks.length };
  return new Map([...snapshotsTakeToo(all)].map(([what, amount]) => [what, amount * snapshots]));
}

interface SourceVolume {
  readonly sizeGiB: number;
  readonly type: string;
}

const volumesOf = ({ disks, openstackGuest }: ObservedVm): SourceVolume[] =>
  disks.map(({ key, capacity }) => ({
    sizeGiB: Math.ceil(capacity / GiB),
    type: openstackGuest?.volumes.find(({ disk }) => disk === key)?.type ?? '',
  }));

/** In total, and of each type: Cinder counts both. */
function counted(what: string, amounts: readonly (readonly [type: string, amount: number])[]): Resources {
  const sums = new Map<string, number>();
  const add = (name: string, amount: number): void => void sums.set(name, (sums.get(name) ?? 0) + amount);
  for (const [type, amount] of amounts) {
    add(what, amount);
    add(`${what} of type ${type}`, amount);
  }
  return sums;
}

const snapshotsOf = (volumes: readonly SourceVolume[]): Resources =>
  counted(
    'new snapshots',
    volumes.map(({ type }) => [type, 1]),
  );

const gigabytesOf = (volumes: readonly SourceVolume[]): Resources =>
  counted(
    'GiB of volumes',
    volumes.map(({ type, sizeGiB }) => [type, sizeGiB]),
  );

/** Which disks are copied together is not known before: those that take most may be, in total and of each type. */
function clonesOf({ vm, isByClone, transfers }: Reading): Resources {
  if (!isByClone) return new Map();
  const volumes = volumesOf(vm);
  const most = largest(volumes, transfers);
  const ofType = [...new Set(volumes.map(({ type }) => type))].flatMap((type): [string, number][] => {
    const same = largest(
      volumes.filter((volume) => volume.type === type),
      transfers,
    );
    return [
      [`new volumes of type ${type}`, same.length],
      [`GiB of volumes of type ${type}`, sum(same)],
    ];
  });
  return new Map([['new volumes', most.length], ['GiB of volumes', sum(most)], ...ofType]);
}

const largest = (volumes: readonly SourceVolume[], count: number): SourceVolume[] =>
  volumes.toSorted((a, b) => b.sizeGiB - a.sizeGiB).slice(0, count);

const sum = (volumes: readonly SourceVolume[]): number => volumes.reduce((total, { sizeGiB }) => total + sizeGiB, 0);
