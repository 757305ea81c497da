import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/host/clock.js';
import { interruptible, interruption, isInterruption, uninterrupted, untilInterrupted } from '../../src/host/interruption.js';

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

describe('what several wait for', () => {
  test('is left by who is interrupted, and goes on for the others', async () => {
    const abort = new AbortController();
    let end = (_: string): void => undefined;
    const shared = new Promise<string>((resolve) => {
      end = resolve;
    });
    const first = interruptible(abort.signal, () => untilInterrupted(shared));
    const second = untilInterrupted(shared);
    abort.abort();
    await expect(first).rejects.toBe(abort.signal.reason);
    await expect(
      interruptible(abort.signal, () => untilInterrupted(shared)),
      'nor begun',
    ).rejects.toBe(abort.signal.reason);
    expect(await interruptible(abort.signal, () => uninterrupted(() => untilInterrupted(Promise.resolve('at once'))))).toBe(
      'at once',
    );
    end('done');
    expect(await second).toBe('done');
  });

  test('that fails when nobody waits any more is no failure of the process', async () => {
    const abort = new AbortController();
    const failing = interruptible(abort.signal, () => untilInterrupted(new Promise((_, reject) => setTimeout(reject, 20))));
    abort.abort();
    await expect(failing).rejects.toBe(abort.signal.reason);
    await systemClock.sleep(40);
  });
});

test('an interruption is told from what went wrong besides', async () => {
  const abort = new AbortController();
  await interruptible(abort.signal, async () => {
    const asleep = systemClock.sleep(LONG_MS).catch((error: unknown) => error);
    expect(isInterruption(new Error('before'))).toBe(false);
    abort.abort(new Error('another disk failed'));
    const stopping = new Error('could not be given back', { cause: abort.signal.reason });
    const others = new DOMException('ended by somebody else', 'AbortError');
    expect([abort.signal.reason, await asleep].map((error) => isInterruption(error))).toEqual([true, true]);
    expect([new Error('besides'), stopping, others].map((error) => isInterruption(error))).toEqual([false, false, false]);
  });
});

test('a time limit is told as the signal it is, and from somebody who says stop', async () => {
  const late = AbortSignal.timeout(1);
  const stop = new AbortController();
  const error = await systemClock.sleep(LONG_MS, AbortSignal.any([late, stop.signal])).catch((one: unknown) => one);
  expect([late, stop.signal].map((signal) => isInterruption(error, signal))).toEqual([true, false]);
});

test('without a signal of its own, work ends with what it is part of', () => {
  const abort = new AbortController();
  expect(interruptible(abort.signal, () => interruptible(undefined, interruption))).toBe(abort.signal);
});
