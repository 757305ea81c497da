import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<AbortSignal | undefined>();

/**
 * Whatever `work` waits for, in whatever layer, ends with the signal: sleeps between two looks, reads from a remote, and programs
 * that run. So a poll needs no signal of its own, and none can be forgotten. Without a signal, the one around it counts.
 */
export const interruptible = <T>(signal: AbortSignal | undefined, work: () => T): T =>
  signal === undefined ? work() : current.run(signal, work);

/**
 * For what has to be done although somebody said stop: giving back what is held, and what must not be left half done. Whatever
 * waits in it has a time limit of its own.
 */
export const uninterrupted = <T>(work: () => T): T => current.run(undefined, work);

/** The signal that ends what is done here; undefined: nothing does. */
export const interruption = (): AbortSignal | undefined => current.getStore();

/**
 * Whether `error` is how work ends when `signal` ends it: by its reason, or by the AbortError of Node because of it. The only way to tell
 * that somebody said stop, or that a time limit did. What went wrong while stopping has that reason as its cause too, and is no
 * interruption.
 */
export function isInterruption(error: unknown, signal = interruption()): boolean {
  if (signal?.aborted !== true) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError' && error.cause === signal.reason);
}

/**
 * Waits for what others wait for too, or what cannot be cut short itself: rejects with the signal's reason when somebody says stop,
 * while `work` goes on and its end is heard by nobody.
 */
export async function untilInterrupted<T>(work: Promise<T>, signal = interruption()): Promise<T> {
  if (signal === undefined) return work;
  let onAbort = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
  });
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
