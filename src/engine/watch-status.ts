import { isProviderError } from '../contracts/provider-error.js';
import type { Clock } from '../host/clock.js';
import { interruptible, isInterruption } from '../host/interruption.js';

export interface Watching<T> {
  /** Looks once. */
  readonly look: () => Promise<T>;
  readonly everyMs: number;
  readonly clock: Clock;
  /** Aborted: the watch ends, in the middle of a look too, and resolves. */
  readonly signal: AbortSignal;
  readonly onSeen: (seen: T) => void;
  /** A remote did not answer: it is asked again next time. */
  readonly onTrouble: (error: Error) => void;
}

/** Looks again and again until somebody says stop. What another look would not mend is thrown. */
export async function watch<T>({ look, everyMs, clock, signal, onSeen, onTrouble }: Watching<T>): Promise<void> {
  while (!signal.aborted) {
    try {
      onSeen(await interruptible(signal, look));
    } catch (error) {
      if (isInterruption(error, signal)) return;
      if (!isProviderError(error, 'transient')) throw error;
      onTrouble(error);
    }
    await clock.sleep(everyMs, signal).catch(() => undefined);
  }
}
