import { setTimeout as sleep } from 'node:timers/promises';
import { countedAs } from './waits.js';

const POLL_MS = 25;

/** Asks again and again until there is an answer that is neither undefined nor false; throws when it takes too long. */
export const until = <T>(what: string, probe: () => Promise<T | undefined | false>, timeoutMs = 300_000): Promise<T> =>
  countedAs(what, polled(what, probe, timeoutMs));

async function polled<T>(what: string, probe: () => Promise<T | undefined | false>, timeoutMs: number): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s in vain for: ${what}`);
    await sleep(POLL_MS);
  }
}
