import { describe, expect, test } from 'vitest';
import { World } from '../../lab/sim/world.js';
import { serverId } from '../../src/model/ids.js';
import { type Goal, placeOf, Review, runToTheEnd } from './reconcile.js';
import { expectRecordsAreTrue, isReached, recordOf } from './truth.js';

interface Case {
  readonly goal: Goal;
  /** seed died: the process that is killed seeds, and only the next one has the goal. */
  readonly start: 'fresh' | 'synced before' | 'seed died';
  readonly disks: number;
  readonly seed: number;
  readonly access: 'cinder' | 'nova';
}

const goals: readonly Goal[] = ['synced', 'converted', 'cold', 'seeded', 'copied', 'recopied'];

function startsOf(goal: Goal): readonly Case['start'][] {
  if (goal === 'recopied') return ['synced before'];
  if (goal === 'copied') return ['fresh', 'seed died'];
  return goal === 'synced' || goal === 'converted' ? ['fresh', 'synced before'] : ['fresh'];
}

const accessOf = (seed: number): Case['access'] => (seed < 3 ? 'cinder' : 'nova');

const cases: Case[] = [1, 2, 3].flatMap((seed) =>
  [1, 2].flatMap((disks) =>
    goals.flatMap((goal) => startsOf(goal).map((start) => ({ goal, start, disks, seed, access: accessOf(seed) }))),
  ),
);
const CRASHES_MAX = 500;
const ROUNDS_MAX = 4;

// Goal: at whatever instant the process dies, the records on the volumes are true (safety), and the next runs reach the goal
// and leave nothing behind (liveness); and all of them do no more than the plan of the first one allows.
// Method: die at effect 1, then at effect 2, and so on until a run is long enough to finish; at each such point die once more
// during recovery, at an effect that is varied too. The guest writes between runs as long as it is on. With access nova a dead
// run's volume stays on the host and is written where it hangs; the disks of a cloud are read through clones then, which outlive
// the run that made them.
describe('die at every effect, and again during recovery', () => {
  test.each(cases)('$goal, $start, $disks disk(s), seed $seed, access $access', async ({ goal, start, disks, seed, access }) => {
    let crashes = 0;
    for (let crashAt = 1; crashAt < CRASHES_MAX; crashAt++) {
      const world = new World(seed, disks, { place: placeOf(goal), host: access === 'nova' ? serverId('host') : undefined });
      if (start === 'synced before') await runToTheEnd(world, placeOf(goal) === 'cloud' ? 'seeded' : 'synced');
      world.vm.guestWrites(3);

      const review = new Review();
      world.restart({ crashAt });
      if (await (start === 'seed died' ? runToTheEnd(world, 'seeded') : runToTheEnd(world, goal, review))) break;
      crashes++;
      expectRecordsAreTrue(world, `crash at ${crashAt}`);

      const again = 1 + ((crashAt * 7) % (crashAt + 5));
      world.vm.guestWrites(3);
      world.restart({ crashAt: again });
      await runToTheEnd(world, goal, review);
      expectRecordsAreTrue(world, `crash at ${crashAt}, again at ${again}`);

      world.restart();
      for (let round = 0; round < ROUNDS_MAX && !isReached(world, goal); round++) {
        world.vm.guestWrites(1);
        await runToTheEnd(world, goal, review);
        expectRecordsAreTrue(world, `recovered from ${crashAt} and ${again}, round ${round}`);
      }
      const states = [...world.cloud.volumes.values()].map((volume) => recordOf(volume).state.kind).join(', ');
      expect(isReached(world, goal), `crash at ${crashAt}, again at ${again}: ${states}`).toBe(true);
    }
    expect(crashes).toBeGreaterThan(20); // a simulator that never crashes proves nothing
    expect(crashes).toBeLessThan(CRASHES_MAX - 1);
  });
});
