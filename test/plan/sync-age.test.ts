import { expect, test } from 'vitest';
import type { PlanContext } from '../../src/plan/core/plan-context.js';
import { dueAt } from '../../src/plan/sync/sync-age.js';
import * as s from './plan-fixture.js';

const NOW = s.NOW.getTime() / 1000;
/** A disk for each time its record says. */
const due = (...times: readonly (number | undefined)[]): number =>
  dueAt({
    desired: s.desired({ syncMaxAgeSeconds: 600 }),
    now: s.NOW,
    disks: times.map((takenAt) => {
      const state = { kind: 'clean', at: s.at(5), ...(takenAt !== undefined && { takenAt }) } as const;
      return { assessment: { kind: 'delta', volume: s.volume({ reading: s.reading(state) }) } };
    }),
  } as unknown as PlanContext);

test.each<[string, readonly (number | undefined)[], number]>([
  ['the oldest disk counts', [NOW - 20, NOW - 50, NOW - 10], NOW - 50 + 600],
  ['one disk without a time: due', [NOW - 20, undefined], Number.NEGATIVE_INFINITY],
  ['a time to come: due', [NOW + 1], Number.NEGATIVE_INFINITY],
  ['now is not to come', [NOW], NOW + 600],
])('%s', (_name, times, expected) => {
  expect(due(...times)).toBe(expected);
});
