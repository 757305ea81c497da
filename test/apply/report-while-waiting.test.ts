import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ApplyEvent } from '../../src/apply/handler.js';
import { reportWhileWaiting } from '../../src/apply/report-while-waiting.js';
import { systemClock } from '../../src/host/clock.js';
import * as s from '../plan/plan-fixture.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;

test.each([
  ['nothing of what takes less than a minute', 59_000, []],
  ['every minute that it goes on', 2.5 * MINUTE, [1, 2]],
])('says %s', async (_name, ms, minutes) => {
  const told: ApplyEvent[] = [];
  const context = { emit: (event: ApplyEvent) => void told.push(event), clock: systemClock, desired: s.desired() };
  const work = () => new Promise((resolve) => setTimeout(() => resolve('there'), ms));
  const waited = reportWhileWaiting(context, 'disk 0 to be readable', work);
  await vi.advanceTimersByTimeAsync(ms);
  expect(await waited).toBe('there');
  await vi.advanceTimersByTimeAsync(5 * MINUTE);
  const text = (minute: number) => `still waiting for disk 0 to be readable, ${minute} min by now`;
  expect(told).toEqual(minutes.map((minute) => ({ type: 'note', address: 'vm/erp-db01', text: text(minute) })));
});
