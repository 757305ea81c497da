import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../host/clock.js';

/** Of one call of the backend, all its requests together; each ends within two minutes. */
const CALL_MS_MAX = 110_000;

const ends = new AsyncLocalStorage<number>();

/** All requests of the work share the time that one call has; within such work the time that is left counts. */
export const withinCall = <T>(clock: Clock, work: () => Promise<T>): Promise<T> =>
  ends.getStore() === undefined ? withinNewCall(clock, work) : work();

/** The same for work that others wait for too. */
export const withinNewCall = <T>(clock: Clock, work: () => Promise<T>): Promise<T> =>
  ends.run(clock.monotonicMs() + CALL_MS_MAX, work);

/** Milliseconds until the call has to end; not below 0. */
export const leftMs = (clock: Clock): number => Math.max(0, (ends.getStore() ?? Number.POSITIVE_INFINITY) - clock.monotonicMs());
