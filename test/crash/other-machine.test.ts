import { describe, expect, test } from 'vitest';
import { World } from '../../lab/sim/world.js';
import { serverId } from '../../src/model/ids.js';
import { once, Review, runToTheEnd } from './reconcile.js';
import { recordOf } from './record-of.js';
import { expectRecordsAreTrue, isReached } from './truth.js';

const states = (world: World): string[] => [...world.cloud.volumes.values()].map((volume) => recordOf(volume).state.kind);

/** Another machine goes on: the overlays are on the disk of the one that died. */
function elsewhere(world: World, crashAt?: number): void {
  world.overlays.clear();
  world.restart(crashAt === undefined ? {} : { crashAt });
}

// All overlays are merged and flushed before the first record says so. So where one does, the others are marked by whoever goes on,
// wherever that is, under the plan that was reviewed; nothing is copied or converted once more.
describe('a run that died between two marks of a guest that is merged', () => {
  test.each([
    { disks: 2, isShared: false },
    { disks: 2, isShared: true },
    { disks: 3, isShared: false },
    { disks: 3, isShared: true },
  ])('$disks disks, state that others see: $isShared', async ({ disks, isShared }) => {
    let between = 0;
    for (let crashAt = 1; ; crashAt++) {
      const world = new World(11, disks, isShared ? { host: serverId('host') } : {});
      const review = new Review();
      world.restart({ crashAt });
      if (await runToTheEnd(world, 'converted', { review, isShared })) break;
      const left = states(world);
      if (!left.includes('converted') || !left.includes('committing')) continue;
      between++;
      for (let again = 1; !isReached(world, 'converted') && again < 60; again++) {
        elsewhere(world, again);
        world.watch = { onConversion: never, onMerge: never, onCopy: never };
        await runToTheEnd(world, 'converted', { review, isShared });
        expectRecordsAreTrue(world, `died at ${crashAt}, again at ${again}`);
      }
      expect(isReached(world, 'converted'), `died at ${crashAt}: ${left}`).toBe(true);
    }
    expect(between).toBe(disks - 1);
  });
});

const never = (): never => {
  throw new Error('nothing is left to be converted, merged or copied');
};

// Where all machines see who works on what, whoever goes on needs nobody: whenever the one before died, and it too.
describe('each run on a machine of its own', () => {
  test.each([1, 2, 3])('%d disk(s)', async (disks) => {
    let lost = 0;
    for (let crashAt = 1; ; crashAt++) {
      const world = new World(12, disks, {});
      world.restart({ crashAt });
      if (await runToTheEnd(world, 'converted', { isShared: true })) break;
      if (states(world).includes('committing')) lost++;
      else if (crashAt % 5 !== 0) continue;
      for (let again = 7; !isReached(world, 'converted') && again < 1000; again += 17) {
        elsewhere(world, again);
        await runToTheEnd(world, 'converted', { isShared: true });
        expectRecordsAreTrue(world, `died at ${crashAt}, again at ${again}`);
      }
      expect(isReached(world, 'converted'), `died at ${crashAt}: ${states(world)}`).toBe(true);
    }
    expect(lost).toBeGreaterThan(disks);
  });
});

// The volume of one disk is deleted by a person who wanted to begin again. Nobody can tell whether a guest ran from the other one: it stays as it
// is, whatever is asked, until it is deleted, too.
test('a guest of which one volume is gone: the other one is never written over, and without both all is made anew', async () => {
  const world = new World(13, 2, {});
  expect(await runToTheEnd(world, 'converted', { target: { provider: 'cloud' } })).toBe(true);
  const [kept, gone] = world.cloud.volumes.keys();
  const before = JSON.stringify(world.cloud.volumes.get(kept!)!.metadata);
  world.cloud.volumes.delete(gone!);
  for (const how of ['copy', 'compare'] as const) {
    world.restart();
    await expect(runToTheEnd(world, 'converted', { reseed: { ...once, how } })).rejects.toThrow('MP2017');
    expect(JSON.stringify(world.cloud.volumes.get(kept!)!.metadata)).toBe(before);
    expectRecordsAreTrue(world, how);
  }
  world.cloud.volumes.delete(kept!);
  world.restart();
  expect(await runToTheEnd(world, 'converted')).toBe(true);
});
