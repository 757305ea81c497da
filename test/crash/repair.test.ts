import { describe, expect, test } from 'vitest';
import { BLOCKS } from '../../lab/sim/source-vm.js';
import { World, type WorldOptions } from '../../lab/sim/world.js';
import type { Extent } from '../../src/model/extent.js';
import { compare, type Goal, placeOf, Review, runToTheEnd } from './reconcile.js';
import { recordOf } from './record-of.js';
import { expectRecordsAreTrue, isReached } from './truth.js';

const again = { request: 'compare-2', how: 'compare' } as const;

const blocksOf = (extents: readonly Extent[]): number[] =>
  extents.flatMap(({ offset, length }) => Array.from({ length }, (_, index) => offset + index));

/** Blocks copied and compared from now on. */
function watch(world: World): { copied: Set<number>; compared: Set<number> } {
  const { copy, firstDifference } = world.dataPlane;
  const seen = { copied: new Set<number>(), compared: new Set<number>() };
  Object.assign(world.dataPlane, {
    copy: (job: Parameters<typeof copy>[0]) => {
      for (const block of blocksOf(job.extents)) seen.copied.add(block);
      return copy(job);
    },
    firstDifference: (job: Parameters<typeof firstDifference>[0]) => {
      for (const block of blocksOf(job.extents)) seen.compared.add(block);
      return firstDifference(job);
    },
  });
  return seen;
}

const volumeOf = (world: World) => [...world.cloud.volumes.values()][0]!;

/** Synced, and then some blocks of the volume are another's, which no tracking tells. */
async function spoilt(seed: number, goal: Goal = 'synced', options: WorldOptions = {}): Promise<World> {
  const world = new World(seed, 1, { place: placeOf(goal), ...options });
  const bytes = world.vm.bytesNow(world.vm.keys[0]!);
  for (const block of bytes.keys()) if (block !== 4) bytes[block] ||= 200 + block;
  expect(await runToTheEnd(world, placeOf(goal) === 'cloud' ? 'seeded' : goal, { verify: 'off' })).toBe(true);
  // 4 was and is zero in the source where nobody wrote it meanwhile.
  for (const block of [0, 2, 4, BLOCKS - 1]) volumeOf(world).durable[block] = 99;
  return world;
}

async function night(world: World, goal: Goal, over: Parameters<typeof runToTheEnd>[2] = {}, crashAt?: number): Promise<boolean> {
  world.restart(crashAt === undefined ? {} : { crashAt });
  return runToTheEnd(world, goal, { verify: 'off', reseed: compare, ...over });
}

describe('reseed: compare', () => {
  test('mends what differs and writes nothing else', async () => {
    const world = await spoilt(1);
    const before = volumeOf(world).durable.slice();
    const { copied, compared } = watch(world);
    expect(await night(world, 'synced')).toBe(true);
    expectRecordsAreTrue(world, 'compared');
    expect(isReached(world, 'synced')).toBe(true);
    const { durable } = volumeOf(world);
    expect([...copied].sort()).toEqual([...durable.keys()].filter((block) => durable[block] !== before[block]));
    expect(compared.size).toBeGreaterThan(BLOCKS - 2);
  });

  test('its record is a base like any other: a delta follows, and the request is done', async () => {
    const world = await spoilt(2);
    expect(await night(world, 'synced')).toBe(true);
    const { compared, copied } = watch(world);
    world.vm.guestWrites(1);
    expect(await night(world, 'synced')).toBe(true);
    expectRecordsAreTrue(world, 'the delta after it');
    expect([compared.size, copied.size < BLOCKS / 2 + 1]).toEqual([0, true]);
  });

  test('dies at any effect, and goes on where it stopped', async () => {
    let continued = 0;
    for (let crashAt = 1; ; crashAt++) {
      const world = await spoilt(3);
      world.vm.guestWrites(2);
      const review = new Review();
      if (await night(world, 'synced', { review }, crashAt)) break;
      const { state, reseed } = recordOf(volumeOf(world));
      // Until it began, the record still claims what is not so any more.
      if (reseed !== undefined) expectRecordsAreTrue(world, `died at ${crashAt}`);
      const upTo = state.kind === 'dirty' && reseed === 'compare' ? (state.partial?.upTo ?? 0) : 0;
      const { compared } = watch(world);
      world.vm.guestWrites(2);
      await night(world, 'synced', { review }, crashAt + 7);
      for (let round = 0; round < 3 && !isReached(world, 'synced'); round++) await night(world, 'synced', { review });
      expectRecordsAreTrue(world, `died at ${crashAt}, and went on`);
      expect(isReached(world, 'synced'), `died at ${crashAt}`).toBe(true);
      expect(
        [...compared].filter((block) => block < upTo),
        `died at ${crashAt}, had ${upTo}`,
      ).toEqual([]);
      if (upTo > 0) continued++;
    }
    expect(continued).toBeGreaterThan(3);
  });

  test('dies at any effect, and the VM is reverted before it goes on: it begins again', async () => {
    for (let crashAt = 1; ; crashAt++) {
      const world = await spoilt(4);
      const older = world.vm.takeForeignSnapshot();
      world.vm.guestWrites(4);
      const ended = await night(world, 'synced', {}, crashAt);
      world.vm.revertTo(older);
      world.vm.powerOn();
      world.vm.guestWrites(2);
      if (ended) break;
      const isDone = recordOf(volumeOf(world)).state.kind === 'clean' && recordOf(volumeOf(world)).reseed !== undefined;
      expect(await night(world, 'synced', { reseed: isDone ? again : compare }), `died at ${crashAt}`).toBe(true);
      expectRecordsAreTrue(world, `died at ${crashAt}`);
      expect(isReached(world, 'synced'), `died at ${crashAt}`).toBe(true);
    }
  });

  test('a server of an old cloud: compared when it is stopped, wherever that dies', async () => {
    for (let crashAt = 1; ; crashAt++) {
      const world = await spoilt(5, 'copied');
      const { copied } = watch(world);
      const ended = await night(world, 'copied', {}, crashAt);
      if (ended) expect(copied.size).toBeLessThan(BLOCKS - 1);
      for (let round = 0; round < 3 && !isReached(world, 'copied'); round++) await night(world, 'copied');
      expectRecordsAreTrue(world, `died at ${crashAt}`);
      expect(isReached(world, 'copied'), `died at ${crashAt}`).toBe(true);
      if (ended) break;
    }
  });

  test('a disk without tracking: compared, complete, and no base', async () => {
    const options = { tracking: 'never' } as const;
    const world = new World(6, 1, options);
    const once = { phase: 'seed', cbtSync: false, cutover: false } as const;
    expect(await runToTheEnd(world, 'synced', { ...once, verify: 'off' })).toBe(true);
    volumeOf(world).durable[1] = 99;
    const { copied } = watch(world);
    expect(await night(world, 'synced', once)).toBe(true);
    expectRecordsAreTrue(world, 'compared');
    expect(copied.size).toBeLessThan(BLOCKS / 2);
    expect(recordOf(volumeOf(world)).state).toMatchObject({ kind: 'clean', at: undefined });
  });
});
