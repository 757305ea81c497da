import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<AbortSignal | undefined>();

/**
 * Whatever `work` waits for, in whatever layer, ends with the signal: sleeps between two looks, and programs that run. So a poll
 * needs no signal of its own, and none can be forgotten.
 */
export const interruptible = <T>(signal: AbortSignal, work: () => T): T => current.run(signal, work);

/**
 * For what has to be done although somebody said stop: giving back what is held, and what must not be left half done. Whatever
 * waits in it has a time limit of its own.
 */
export const uninterrupted = <T>(work: () => T): T => current.run(undefined, work);

/** The signal that ends what is done here; undefined: nothing does. */
export const interruption = (): AbortSignal | undefined => current.getStore();
