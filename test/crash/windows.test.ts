import { describe, expect, test } from 'vitest';
import { World } from '../../lab/sim/world.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import type { Clock } from '../../src/host/clock.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { compare, type Goal, once, Review, runToTheEnd } from './reconcile.js';
import { expectRecordsAreTrue, isReached } from './truth.js';

const window = { kind: 'once', start: '2026-01-01T00:00:00Z', end: '2026-01-01T06:00:00Z' } as const;
const BATCHES = 2;
const ROUNDS_MAX = 4;
const CRASHES_MAX = 300;

interface Sequence {
  readonly name: string;
  readonly goal: Goal;
  readonly isSynced: boolean;
  readonly over?: Partial<DesiredMigration>;
}

const sequences: readonly Sequence[] = [
  { name: 'a first seed', goal: 'synced', isSynced: false },
  { name: 'a delta', goal: 'synced', isSynced: true },
  { name: 'a reseed', goal: 'synced', isSynced: true, over: { reseed: once } },
  { name: 'a comparison that repairs', goal: 'synced', isSynced: true, over: { reseed: compare } },
  { name: 'a first seed and its cutover', goal: 'converted', isSynced: false },
  { name: 'a reseed and its cutover', goal: 'converted', isSynced: true, over: { reseed: once } },
];

/** A window that closes when so many batches were copied in it. */
function windowOn(world: World): { clock: Clock; opens(batches: number): void } {
  const { copy } = world.dataPlane;
  let left = BATCHES;
  Object.assign(world.dataPlane, {
    copy: (job: Parameters<typeof copy>[0]) => {
      left--;
      return copy(job);
    },
  });
  return {
    clock: {
      now: () => new Date(left > 0 ? window.start : '2026-01-01T07:00:00Z'),
      monotonicMs: () => 0,
      sleep: async () => {},
    },
    opens: (batches) => {
      left = batches;
    },
  };
}

type End = 'ended' | 'died' | 'closed';

// Goal: a sequence that takes several windows gets done, by the plan of the first, and its records are true whenever a run of it
// dies in whichever window. Method: the first window dies at effect 1, 2, and so on, the second at another one, or they close; then one
// is long enough. The guest writes in between.
describe('killed in each of two windows', () => {
  test.each(sequences)('$name', async ({ goal, isSynced, over = {} }) => {
    const ends = new Set<string>();
    for (let crashAt = 1; crashAt < CRASHES_MAX; crashAt++) {
      const world = new World(6, 2);
      if (isSynced) await runToTheEnd(world, 'synced', { verify: 'off' });
      world.vm.guestWrites(16);
      const { clock, opens } = windowOn(world);
      const review = new Review();
      const inWindow = async (dieAt?: number): Promise<End> => {
        opens(dieAt === undefined ? Number.POSITIVE_INFINITY : BATCHES);
        world.restart(dieAt === undefined ? {} : { crashAt: dieAt });
        const end = await runToTheEnd(world, goal, { review, clock, window, verify: 'off', ...over }).then(
          (ended): End => (ended ? 'ended' : 'died'),
          (error: unknown): End => {
            if (error instanceof DiagnosticsError && error.diagnostics.some(({ code }) => code === 'MP3014')) return 'closed';
            throw error;
          },
        );
        expectRecordsAreTrue(world, `died at ${crashAt}, this window ${end}`);
        world.vm.guestWrites(2);
        return end;
      };
      const first = await inWindow(crashAt);
      const second = await inWindow(1 + ((crashAt * 7) % (crashAt + 5)));
      ends.add(`${first} ${second}`);
      for (let round = 0; round < ROUNDS_MAX && !isReached(world, goal); round++) await inWindow();
      expect(isReached(world, goal), `died at ${crashAt}, ${first} ${second}`).toBe(true);
      if (first !== 'died') break;
    }
    expect([...ends].some((end) => end.includes('closed'))).toBe(true);
    expect(ends).toContain('died died');
  });
});
