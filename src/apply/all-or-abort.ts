import pLimit from 'p-limit';
import { interruptible } from '../host/interruption.js';

/**
 * Runs `work` for each, at most `limit` at a time. The first failure aborts the others; it is thrown only after all of them
 * have ended, so that nothing still runs on what the caller is about to take away.
 */
export async function allOrAbort<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const slots = pLimit(limit);
  const either = AbortSignal.any([signal, stop.signal]);
  await Promise.all(
    items.map((item) =>
      slots(async () => {
        try {
          either.throwIfAborted();
          await interruptible(either, () => work(item, either));
        } catch (error) {
          if (failures.length === 0 || !stop.signal.aborted) failures.push(error);
          stop.abort(error);
        }
      }),
    ),
  );
  if (failures.length > 0) throw failures[0];
}
