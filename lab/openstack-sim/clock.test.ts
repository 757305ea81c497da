import { describe, expect, test } from 'vitest';
import { createClock } from './clock.js';

describe('clock', () => {
  test('advance runs jobs in order of time, each at its own, and what they start', () => {
    const clock = createClock({ frozen: true, startMs: 1000 });
    const seen: string[] = [];
    const note = (name: string) => seen.push(`${name}@${clock.now()}`);
    clock.after(30, () => note('c'));
    clock.after(10, () => {
      note('a');
      clock.after(10, () => note('b'));
      clock.after(100, () => note('too late'));
    });
    clock.after(10, () => note('a2'));
    clock.advance(50);
    expect(seen).toEqual(['a@1010', 'a2@1010', 'b@1020', 'c@1030']);
    expect(clock.now()).toBe(1050);
  });

  test('a real clock runs jobs by itself, and sooner when advanced', async () => {
    const clock = createClock();
    await new Promise<void>((resolve) => clock.after(1, resolve));
    const late = new Promise<void>((resolve) => clock.after(3_600_000, resolve));
    const before = clock.now();
    clock.advance(3_600_000);
    await late;
    expect(clock.now() - before).toBeGreaterThanOrEqual(3_600_000);
    clock.close();
  });
});
