import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.js';
import { interruptible, interruption, uninterrupted } from '../../src/host/interruption.js';

const soon = (abort: AbortController): void => void setTimeout(() => abort.abort(), 20);
const LONG_MS = 60_000;

describe('interrupted work', () => {
  test('ends in its sleep, however deep that is', async () => {
    const abort = new AbortController();
    const deep = async (): Promise<void> => {
      await Promise.resolve();
      await systemClock.sleep(LONG_MS);
    };
    soon(abort);
    await expect(interruptible(abort.signal, () => Promise.all([deep(), deep()]))).rejects.toMatchObject({ name: 'AbortError' });
    await expect(interruptible(abort.signal, deep), 'and does not begin another').rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a sleep that has a signal of its own ends with either', async () => {
    for (const which of ['own', 'ambient'] as const) {
      const signals = { own: new AbortController(), ambient: new AbortController() };
      soon(signals[which]);
      const sleeping = interruptible(signals.ambient.signal, () => systemClock.sleep(LONG_MS, signals.own.signal));
      await expect(sleeping, which).rejects.toMatchObject({ name: 'AbortError' });
    }
  });

  test('what must be done all the same is not interrupted, and neither is anybody else', async () => {
    const abort = new AbortController();
    abort.abort();
    await interruptible(abort.signal, async () => {
      await uninterrupted(() => systemClock.sleep(1));
      expect(interruption()).toBe(abort.signal);
    });
    await systemClock.sleep(1);
    expect(interruption()).toBeUndefined();
  });
});
