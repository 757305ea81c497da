import type { Clock } from '../../../host/clock.js';

const FIRST_DELAY_MS = 500;
const DELAY_MS_MAX = 5_000;

/**
 * Asks until `check` gives a value, at growing distances. Undefined: the time is over. Bounded by the number of tries too,
 * so that a clock that stands still cannot make it endless.
 */
export async function pollUntil<T>(clock: Clock, timeoutMs: number, check: () => Promise<T | undefined>): Promise<T | undefined> {
  const end = clock.monotonicMs() + timeoutMs;
  const triesMax = Math.ceil(timeoutMs / FIRST_DELAY_MS) + 1;
  for (let tried = 0; tried < triesMax; tried++) {
    const value = await check();
    if (value !== undefined) return value;
    if (clock.monotonicMs() >= end) return undefined;
    await clock.sleep(Math.min(FIRST_DELAY_MS * 2 ** Math.min(tried, 10), DELAY_MS_MAX));
  }
  return undefined;
}
