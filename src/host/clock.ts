import { setTimeout as delay } from 'node:timers/promises';
import { interruption } from './interruption.js';

/** The only source of time. Tests pass one they can move. */
export interface Clock {
  /** What the wall says: for windows, ages and what people read. Somebody may set it, hours ahead or back. */
  now(): Date;
  /** Milliseconds since some instant, evenly, whoever sets the clock: for how long something took, and until when one waits. */
  monotonicMs(): number;
  /** Resolves after `ms`; rejects with an AbortError when the signal is aborted, or the work that sleeps is interrupted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A timer of Node that is set for longer goes off at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** What a timer may be set for: nobody waits here for more than its 24 days. */
export const timerMs = (ms: number): number => Math.min(ms, TIMER_MS_MAX);

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    const signals = [signal, interruption()].filter((one) => one !== undefined);
    await delay(timerMs(ms), undefined, signals.length === 0 ? {} : { signal: AbortSignal.any(signals) });
  },
};
