import { isProviderError } from '../../../contracts/provider-error.js';
import type { Clock } from '../../../host/clock.js';
import { interruption, uninterrupted } from '../../../host/interruption.js';
import { pollUntil } from './poll.js';

const ATTEMPTS_MAX = 3;
/** How long a request whose answer got lost may still be under way behind a proxy. */
const SETTLE_MS = 10_000;

export interface Creation<T> {
  readonly clock: Clock;
  send(): Promise<T>;
  /** The object that a lost answer may have left behind, known by what was sent. */
  find(): Promise<T | undefined>;
}

/**
 * Creates something exactly once. A request whose outcome is not known (no answer, a gateway's error, an answer that
 * cannot be read) is not sent again before the cloud has been asked, several times, for what it would have made; that is done
 * although somebody said stop, who only keeps it from being sent again.
 */
export async function createOnce<T>({ clock, send, find }: Creation<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (!isProviderError(error, 'transient', 'invalid')) throw error;
      const made = await uninterrupted(() => pollUntil(clock, SETTLE_MS, find));
      if (made !== undefined) return made;
      if (attempt === ATTEMPTS_MAX) throw error;
      interruption()?.throwIfAborted();
    }
  }
}
