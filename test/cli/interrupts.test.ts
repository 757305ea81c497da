import { expect, test } from 'vitest';
import { catchInterrupts, exitCodeOf } from '../../src/cli/interrupts.js';

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('the first %s aborts, and handlers are gone afterwards', (signal) => {
  const before = process.listenerCount(signal);
  let told = 0;
  {
    using interrupts = catchInterrupts(() => told++);
    expect(interrupts.received).toBeUndefined();
    process.emit(signal, signal);
    expect(interrupts.signal.aborted).toBe(true);
    expect(interrupts.received).toBe(signal);
    expect(told).toBe(1);
  }
  expect(process.listenerCount(signal)).toBe(before);
});

test.each([
  ['SIGINT, SIGINT', 130],
  ['SIGTERM, SIGTERM', 143],
  ['SIGINT, SIGTERM', 143],
  ['SIGHUP, SIGHUP', undefined],
  ['SIGTERM, SIGHUP', undefined],
  ['SIGHUP, SIGTERM, SIGHUP', undefined],
  ['SIGHUP, SIGINT, SIGINT', 130],
])('%s: who asks again ends it at once (%s); a lost terminal, told by kernel and shell, does not', (signals, expected) => {
  const ends: number[] = [];
  using interrupts = catchInterrupts(
    () => undefined,
    (code) => ends.push(code),
  );
  for (const signal of signals.split(', ') as NodeJS.Signals[]) process.emit(signal, signal);
  expect(ends).toEqual(expected === undefined ? [] : [expected]);
  expect(interrupts.signal.aborted).toBe(true);
});

test('each signal has the exit code of a shell', () => {
  expect([exitCodeOf('SIGHUP'), exitCodeOf('SIGINT'), exitCodeOf('SIGTERM')]).toEqual([129, 130, 143]);
});
