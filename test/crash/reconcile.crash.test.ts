import { describe, expect, test } from 'vitest';
import { World, type WorldOptions } from '../../lab/sim/world.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { serverId } from '../../src/model/ids.js';
import { desiredFor, type Goal, placeOf, Review, runToTheEnd } from './reconcile.js';
import { recordOf } from './record-of.js';
import { expectRecordsAreTrue, isReached } from './truth.js';

interface Case {
  readonly goal: Goal;
  /** seed died: the process that is killed seeds, and only the next one has the goal. */
  readonly start: 'fresh' | 'synced before' | 'seed died';
  readonly disks: number;
  readonly seed: number;
  readonly access: 'cinder' | 'nova';
  readonly source: keyof typeof sources;
}

/** untracked: no change id, ever. off: nobody switched tracking on, and the guest is off from the start. */
const sources = {
  usual: {},
  untracked: { tracking: 'never' },
  off: { tracking: 'off', power: 'off' },
  'tracking off': { tracking: 'off' },
  'without virtio': { virtio: false },
} as const satisfies Record<string, WorldOptions>;

const goals: readonly Goal[] = ['synced', 'converted', 'cold', 'seeded', 'copied', 'recopied'];

function startsOf(goal: Goal): readonly Case['start'][] {
  if (goal === 'recopied') return ['synced before'];
  if (goal === 'copied') return ['fresh', 'seed died'];
  return goal === 'synced' || goal === 'converted' ? ['fresh', 'synced before'] : ['fresh'];
}

const accessOf = (seed: number): Case['access'] => (seed < 3 ? 'cinder' : 'nova');

const usual: Case[] = [1, 2, 3].flatMap((seed) =>
  [1, 2].flatMap((disks) =>
    goals.flatMap((goal) =>
      startsOf(goal).map((start) => ({ goal, start, disks, seed, access: accessOf(seed), source: 'usual' as const })),
    ),
  ),
);
const unusual: Case[] = (
  [
    ['untracked', 'cold', 'fresh'],
    ['off', 'cold', 'fresh'],
    ['off', 'converted', 'fresh'],
    ['off', 'converted', 'synced before'],
    ['off', 'synced', 'fresh'],
    ['tracking off', 'converted', 'fresh'],
    ['without virtio', 'converted', 'fresh'],
  ] as const
).map(([source, goal, start]) => ({ goal, start, disks: 2, seed: 4, access: 'cinder', source }));
const cases = [...usual, ...unusual];
const CRASHES_MAX = 500;
const ROUNDS_MAX = 4;

// Goal: at whatever instant the process dies, the records on the volumes are true (safety), and the next runs reach the goal
// and leave nothing behind (liveness); and all of them do no more than the plan of the first one allows.
// Method: die at effect 1, then at effect 2, and so on until a run is long enough to finish; at each such point die once more
// during recovery, at an effect that is varied too. The guest writes between runs as long as it is on. With access nova a dead
// run's volume stays on the host and is written where it hangs; the disks of a cloud are read through clones then, which outlive
// the run that made them.
describe('die at every effect, and again during recovery', () => {
  test.each(cases)('$goal, $start, $disks disk(s), seed $seed, access $access, source $source', async (given) => {
    const { goal, start, disks, seed, access, source } = given;
    const over = source === 'without virtio' ? emulated(goal) : {};
    let crashes = 0;
    for (let crashAt = 1; crashAt < CRASHES_MAX; crashAt++) {
      const world = new World(seed, disks, {
        place: placeOf(goal),
        host: access === 'nova' ? serverId('host') : undefined,
        ...sources[source],
      });
      if (start === 'synced before') await runToTheEnd(world, placeOf(goal) === 'cloud' ? 'seeded' : 'synced');
      world.vm.guestWrites(3);

      const review = new Review();
      world.restart({ crashAt });
      if (await (start === 'seed died' ? runToTheEnd(world, 'seeded') : runToTheEnd(world, goal, { review, ...over }))) break;
      crashes++;
      expectRecordsAreTrue(world, `crash at ${crashAt}`);

      const again = 1 + ((crashAt * 7) % (crashAt + 5));
      world.vm.guestWrites(3);
      world.restart({ crashAt: again });
      await runToTheEnd(world, goal, { review, ...over });
      expectRecordsAreTrue(world, `crash at ${crashAt}, again at ${again}`);

      world.restart();
      for (let round = 0; round < ROUNDS_MAX && !isReached(world, goal); round++) {
        world.vm.guestWrites(1);
        await runToTheEnd(world, goal, { review, ...over });
        expectRecordsAreTrue(world, `recovered from ${crashAt} and ${again}, round ${round}`);
      }
      const states = [...world.cloud.volumes.values()].map((volume) => recordOf(volume).state.kind).join(', ');
      expect(isReached(world, goal), `crash at ${crashAt}, again at ${again}: ${states}`).toBe(true);
    }
    expect(crashes).toBeGreaterThan(20); // a simulator that never crashes proves nothing
    expect(crashes).toBeLessThan(CRASHES_MAX - 1);
  });
});

/** What a guest without virtio drivers needs. */
function emulated(goal: Goal): Partial<DesiredMigration> {
  const { target } = desiredFor(goal);
  return { target: { ...target, hardware: 'emulated' } };
}

test('a guest without virtio drivers that was promised virtio is never merged, wherever its conversion dies', async () => {
  for (let crashAt = 1; ; crashAt++) {
    const world = new World(5, 2, { virtio: false });
    world.restart({ crashAt });
    const refused = await runToTheEnd(world, 'converted').then(
      () => false,
      (error: unknown) => error instanceof DiagnosticsError && error.diagnostics.some(({ code }) => code === 'MP7003'),
    );
    expectRecordsAreTrue(world, `died at ${crashAt}`);
    const states = [...world.cloud.volumes.values()].map((volume) => recordOf(volume).state.kind);
    expect(states.filter((state) => state !== 'clean' && state !== 'dirty')).toEqual([]);
    if (!refused) continue;
    expect(states).toEqual(['clean', 'clean']);
    break;
  }
});
