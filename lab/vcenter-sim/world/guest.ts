import { noise, prng } from '../prng.js';
import { recordWrite } from './tracking.js';
import { type Disk, exclusively, type Vm } from './vm.js';
import type { World } from './world.js';

const SECTOR = 512;

/** What a guest writes: noise from a seed, given bytes, or zeroes (also what a trim reads back as). */
export type Fill = { readonly seed: number } | { readonly hex: string } | { readonly zero: true };

export interface GuestWrite {
  readonly offset: number;
  /** Not needed with `hex`. */
  readonly length?: number;
  readonly fill: Fill;
}

/** A write by the running guest. Throws when the VM is not on or the area is outside of the disk. */
export function guestWrite(world: World, vm: Vm, options: { disk: Disk; write: GuestWrite }): Promise<void> {
  return exclusively(vm, () => writeNow(world, vm, options));
}

async function writeNow(world: World, vm: Vm, { disk, write }: { disk: Disk; write: GuestWrite }): Promise<void> {
  if (vm.power !== 'poweredOn') throw new Error(`${vm.name} is ${vm.power}: no guest writes`);
  const { offset, fill } = write;
  const length = 'hex' in fill ? fill.hex.length / 2 : (write.length ?? 0);
  if (!Number.isInteger(length) || length <= 0 || offset < 0 || offset + length > disk.image.capacity) {
    throw new Error(`area ${offset}+${length} is not within the ${disk.image.capacity} bytes of disk ${disk.key}`);
  }
  if ('zero' in fill) await disk.image.writeZeroes(offset, length);
  else await disk.image.write(offset, 'hex' in fill ? Buffer.from(fill.hex, 'hex') : noise(fill.seed, length));
  recordWrite(world, disk, { start: offset, length });
}

export interface RandomWrites {
  readonly seed: number;
  readonly count: number;
  readonly maxBytes: number;
  /** Share of writes that write zeroes. Default 0. */
  readonly zeroRatio?: number;
}

/** Many writes in whole sectors at seeded places. Gives the areas written. */
export async function guestRandomWrites(
  world: World,
  vm: Vm,
  options: { disk: Disk; writes: RandomWrites },
): Promise<GuestWrite[]> {
  const { disk, writes } = options;
  const random = prng(writes.seed);
  const sectors = disk.image.capacity / SECTOR;
  const done: GuestWrite[] = [];
  for (let index = 0; index < writes.count; index++) {
    const length = (1 + Math.floor(random() * Math.min(writes.maxBytes / SECTOR, sectors))) * SECTOR;
    const offset = Math.floor(random() * (sectors - length / SECTOR + 1)) * SECTOR;
    const fill: Fill = random() < (writes.zeroRatio ?? 0) ? { zero: true } : { seed: Math.floor(random() * 2 ** 32) };
    const write = { offset, length: Math.min(length, disk.image.capacity - offset), fill };
    await guestWrite(world, vm, { disk, write });
    done.push(write);
  }
  return done;
}
