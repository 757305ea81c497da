import type { ApplyContext } from './handler.js';
import type { Awaited } from './note.js';

const TELL_EVERY_MS = 60_000;

/** Says every minute what is being waited for and since when, where nobody else tells how far it is. */
export async function reportWhileWaiting<T>(
  { emit, clock, desired }: Pick<ApplyContext, 'emit' | 'clock' | 'desired'>,
  what: Awaited,
  work: () => Promise<T>,
): Promise<T> {
  const began = clock.monotonicMs();
  const tell = setInterval(() => {
    const minutes = Math.round((clock.monotonicMs() - began) / TELL_EVERY_MS);
    emit({ type: 'note', address: desired.address, note: { kind: 'still-waiting', for: what, minutes } });
  }, TELL_EVERY_MS).unref();
  try {
    return await work();
  } finally {
    clearInterval(tell);
  }
}
