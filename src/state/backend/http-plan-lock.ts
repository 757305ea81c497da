import { uninterrupted } from '../../host/interruption.js';
import type { HeldLock } from '../lock.js';
import type { HttpIndex } from './http-index.js';

/**
 * Takes the lock of a plan, which is noted in the index for as long as it is held: plans get ever more, and whoever looks for locks cannot
 * ask for each.
 */
export async function takeNoted(index: HttpIndex, plan: string, take: () => Promise<HeldLock>): Promise<HeldLock> {
  await index.lockBegins(plan);
  const lock = await take();
  const end = once(() =>
    uninterrupted(async () => {
      // Noted for nothing it costs a look, no more.
      await index.lockEnds(plan).catch(() => undefined);
      await lock[Symbol.asyncDispose]();
    }),
  );
  try {
    await index.lockBegins(plan);
  } catch (error) {
    await end();
    throw error;
  }
  return { holder: lock.holder, [Symbol.asyncDispose]: end };
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
