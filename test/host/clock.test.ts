import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock, timerMs } from '../../src/host/clock.js';

test('a time that no timer can be set for is waited for, and not over at once', async () => {
  const stop = new AbortController();
  const ended = systemClock.sleep(30 * 86_400_000, stop.signal).then(
    () => 'slept',
    () => 'stopped',
  );
  for (let began = performance.now(); performance.now() - began < 20; ) await turn();
  stop.abort();
  expect(await ended).toBe('stopped');
  expect([timerMs(1000), timerMs(Number.POSITIVE_INFINITY)]).toEqual([1000, 2 ** 31 - 1]);
});
