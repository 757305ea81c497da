import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApplyEvent } from '../../src/apply/handler.js';
import { reportWhileWaiting } from '../../src/apply/report-while-waiting.js';
import { systemClock } from '../../src/host/clock.js';
import * as s from '../plan/plan-fixture.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;
const what = { kind: 'readable', disk: s.diskKey(0) } as const;

test.each([
  ['nothing of what takes less than a minute', 59_000, []],
  ['every minute that it goes on', 2.5 * MINUTE, [1, 2]],
])('says %s', async (_name, ms, minutes) => {
  const told: ApplyEvent[] = [];
  const context = { emit: (event: ApplyEvent) => void told.push(event), clock: systemClock, desired: s.desired() };
  const work = () => new Promise((resolve) => setTimeout(() => resolve('there'), ms));
  const waited = reportWhileWaiting(context, what, work);
  await vi.advanceTimersByTimeAsync(ms);
  expect(await waited).toBe('there');
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  const notes = minutes.map((minute) => ({ kind: 'still-waiting', for: what, minutes: minute }));
  expect(told).toEqual(notes.map((note) => ({ type: 'note', address: 'vm/erp-db01', note })));
});
