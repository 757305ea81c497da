import { expect, test } from 'vitest';
import { catchInterrupts } from '../../src/cli/interrupts.js';

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
