import { describe, expect, test } from 'vitest';
import { EPOCH, REF } from '../../lab/sim/machine.js';
import { BLOCKS } from '../../lab/sim/source-vm.js';
import type { SimVolume } from '../../lab/sim/target-cloud.js';
import { World } from '../../lab/sim/world.js';
import { decodeRecord } from '../../src/state/sync-record-codec.js';
import { type Goal, Review, runToTheEnd } from './reconcile.js';
import { recordOf } from './record-of.js';
import { expectRecordsAreTrue, isReached } from './truth.js';

type Metadata = Readonly<Record<string, string>>;

/** What each tool notes when its copy is complete, as it says. The id is one that the disk will have, too. */
const tools: readonly (readonly [string, Metadata])[] = [
  ['vmware-migration-kit', { osm: 'true', converted: 'false', changeID: `${EPOCH}/2` }],
  ['migratekit', { migrate_kit: 'true', vm: 'vm-1', disk: '2000', change_id: `${EPOCH}/2` }],
];

const KIT = tools[0]![1];

/** How the tool left the volume, of a disk without a zero. */
const beginnings = {
  complete: (bytes: Uint8Array) => bytes.slice(),
  empty: () => new Uint8Array(BLOCKS),
  'half copied': (bytes: Uint8Array) => bytes.map((byte, block) => (block < BLOCKS / 2 ? byte : 0)),
  'half converted': (bytes: Uint8Array) => bytes.map((byte, block) => (block % 3 === 0 ? (byte + 100) % 256 : byte)),
  'of another VM': (bytes: Uint8Array) => bytes.map((byte) => (byte + 1) % 256 || 1),
} as const;
type Beginning = keyof typeof beginnings;

function begun(beginning: Beginning, metadata: Metadata = KIT, seed = 1): World {
  const world = new World(seed, 1);
  const disk = world.vm.keys[0]!;
  const bytes = world.vm.bytesNow(disk);
  for (const block of bytes.keys()) bytes[block] ||= 200 + block;
  const noted = { ...metadata, ...(metadata['vm'] === undefined ? {} : { vm: String(REF), disk: String(disk) }) };
  world.cloud.plant({ name: `erp-db01-${disk}`, metadata: noted, bytes: beginnings[beginning](bytes) });
  return world;
}

const volumeOf = (world: World): SimVolume => [...world.cloud.volumes.values()][0]!;

const isAdopted = (world: World): boolean => isOurs(world) && isReached(world, 'synced');

const isOurs = (world: World): boolean => decodeRecord(volumeOf(world).metadata).kind === 'record';

/** Before our first record the tool's notes stand as they were, and no byte was touched; after it all that it says is true. */
function expectHonest(world: World, before: { metadata: Metadata; bytes: Uint8Array }, label: string): void {
  if (isOurs(world)) {
    expect(volumeOf(world).metadata['migrate_kit'], label).not.toBe('true');
    return expectRecordsAreTrue(world, label);
  }
  expect(volumeOf(world).metadata, label).toEqual(before.metadata);
  expect(volumeOf(world).durable, label).toEqual(before.bytes);
}

async function night(
  world: World,
  goal: Goal = 'synced',
  over: Parameters<typeof runToTheEnd>[2] = {},
  crashAt?: number,
): Promise<boolean> {
  world.restart(crashAt === undefined ? {} : { crashAt });
  return runToTheEnd(world, goal, { verify: 'off', adopt: true, ...over });
}

function watchCompared(world: World): Set<number> {
  const { firstDifference } = world.dataPlane;
  const compared = new Set<number>();
  Object.assign(world.dataPlane, {
    firstDifference: (job: Parameters<typeof firstDifference>[0]) => {
      for (const { offset, length } of job.extents)
        for (let block = offset; block < offset + length; block++) compared.add(block);
      return firstDifference(job);
    },
  });
  return compared;
}

function watchCopied(world: World): Set<number> {
  const { copy } = world.dataPlane;
  const copied = new Set<number>();
  Object.assign(world.dataPlane, {
    copy: (job: Parameters<typeof copy>[0]) => {
      for (const { offset, length } of job.extents) for (let block = offset; block < offset + length; block++) copied.add(block);
      return copy(job);
    },
  });
  return copied;
}

describe.each(tools)('a volume that %s began', (_tool, metadata) => {
  test.each(Object.keys(beginnings) as Beginning[])(
    '%s: only what differs is written, and then it is the disk',
    async (beginning) => {
      const world = begun(beginning, metadata);
      const before = volumeOf(world).durable.slice();
      const copied = watchCopied(world);
      expect(await night(world)).toBe(true);
      const { durable } = volumeOf(world);
      expect([...copied].sort()).toEqual([...durable.keys()].filter((block) => durable[block] !== before[block]));
      expectRecordsAreTrue(world, beginning);
      expect([world.cloud.volumes.size, isReached(world, 'synced')]).toEqual([1, true]);
    },
  );

  test.each(Object.keys(beginnings) as Beginning[])(
    '%s: it dies at any effect, and what it says is true, and it ends',
    async (beginning) => {
      let continued = 0;
      for (let crashAt = 1; ; crashAt++) {
        const world = begun(beginning, metadata, crashAt);
        const before = { metadata: { ...volumeOf(world).metadata }, bytes: volumeOf(world).durable.slice() };
        const review = new Review();
        if (await night(world, 'synced', { review }, crashAt)) break;
        expectHonest(world, before, `died at ${crashAt}`);
        const state = isOurs(world) ? recordOf(volumeOf(world)).state : undefined;
        if (state?.kind === 'dirty' && state.partial !== undefined) continued++;
        world.vm.guestWrites(2);
        await night(world, 'synced', { review }, crashAt + 5);
        expectHonest(world, before, `died at ${crashAt}, and again`);
        for (let round = 0; round < 3 && !isAdopted(world); round++) await night(world, 'synced', { review });
        expectRecordsAreTrue(world, `died at ${crashAt}, and went on`);
        expect(isAdopted(world), `died at ${crashAt}`).toBe(true);
      }
      expect(continued).toBeGreaterThan(1);
    },
  );
});

test('what is missing on the volume is copied without a look, and the rest is compared', async () => {
  const world = begun('half copied');
  const compared = watchCompared(world);
  expect(await night(world)).toBe(true);
  expect([...compared].sort((a, b) => a - b)).toEqual(Array.from({ length: BLOCKS / 2 }, (_, block) => block));
});

test('it dies, the field is taken out, and it goes on comparing: what is right already is not copied', async () => {
  let begunOnes = 0;
  for (let crashAt = 1; ; crashAt++) {
    const world = begun('complete');
    if (await night(world, 'synced', {}, crashAt)) break;
    if (!isOurs(world)) continue;
    begunOnes++;
    const copied = watchCopied(world);
    expect(await night(world, 'synced', { adopt: false }), `died at ${crashAt}`).toBe(true);
    // What the guest wrote meanwhile is.
    expect(copied.size, `died at ${crashAt}`).toBeLessThan(BLOCKS / 2);
    expectRecordsAreTrue(world, `died at ${crashAt}`);
  }
  expect(begunOnes).toBeGreaterThan(3);
});

test('it dies, and the VM is reverted before it goes on: it begins again, and is right', async () => {
  for (let crashAt = 1; ; crashAt++) {
    const world = begun('half copied');
    const older = world.vm.takeForeignSnapshot();
    world.vm.guestWrites(4);
    const ended = await night(world, 'synced', {}, crashAt);
    world.vm.revertTo(older);
    world.vm.powerOn();
    world.vm.guestWrites(2);
    if (ended) break;
    // Once it is a volume of ours a revert is what it is for any.
    if (isOurs(world) && recordOf(volumeOf(world)).state.kind === 'clean') break;
    expect(await night(world), `died at ${crashAt}`).toBe(true);
    expectRecordsAreTrue(world, `died at ${crashAt}`);
    expect(isReached(world, 'synced'), `died at ${crashAt}`).toBe(true);
  }
});

test('deltas follow from our own snapshot, and no comparison', async () => {
  const world = begun('half copied');
  expect(await night(world)).toBe(true);
  const copied = watchCopied(world);
  for (let i = 0; i < 3; i++) {
    world.vm.guestWrites(1);
    expect(await night(world)).toBe(true);
    expectRecordsAreTrue(world, `night ${i}`);
  }
  expect(copied.size).toBeLessThan(BLOCKS / 2 + 1);
  expect(recordOf(volumeOf(world)).reseed).toBeUndefined();
});

test('a cutover may be what adopts: compared while the guest runs, then the last delta', async () => {
  const world = begun('half converted');
  expect(await night(world, 'converted')).toBe(true);
  expectRecordsAreTrue(world, 'converted');
  expect(isReached(world, 'converted')).toBe(true);
});

test('a limit ends it before more is written, and it goes on when the limit is gone', async () => {
  const world = begun('of another VM');
  const before = volumeOf(world).durable.slice();
  await expect(night(world, 'synced', { limits: { adoptionBytes: 4 } })).rejects.toThrow('MP6008');
  const { durable } = volumeOf(world);
  expect([...durable.keys()].filter((block) => durable[block] !== before[block]).length).toBeLessThanOrEqual(4);
  expectRecordsAreTrue(world, 'stopped by its limit');
  expect(recordOf(volumeOf(world)).state).toMatchObject({ kind: 'dirty', base: undefined });
  expect(await night(world, 'synced', { adopt: false })).toBe(true);
  expect(isReached(world, 'synced')).toBe(true);
});

test('what is missing counts, too', async () => {
  const world = begun('empty');
  await expect(night(world, 'synced', { limits: { adoptionBytes: 2 } })).rejects.toThrow('MP6008');
  expect([...volumeOf(world).durable].filter((byte) => byte !== 0).length).toBeLessThanOrEqual(2);
});

test('a limit that is kept to stops nothing', async () => {
  const world = begun('half copied');
  expect(await night(world, 'synced', { limits: { adoptionBytes: BLOCKS / 2 } })).toBe(true);
});
