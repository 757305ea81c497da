import type { Clock } from '../../src/host/clock.js';

/** Time passes when somebody sleeps, and at once. */
export class MovingClock implements Clock {
  constructor(private atMs = Date.parse('2026-06-01T12:00:00Z')) {}

  now(): Date {
    return new Date(this.atMs);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.atMs += ms;
  }
}
