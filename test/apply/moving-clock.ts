import type { Clock } from '../../src/host/clock.js';
import { interruption } from '../../src/host/interruption.js';

/** Time passes when somebody sleeps, and at once. */
export class MovingClock implements Clock {
  private setByMs = 0;

  constructor(private atMs = Date.parse('2026-06-01T12:00:00Z')) {}

  now(): Date {
    return new Date(this.atMs + this.setByMs);
  }

  monotonicMs(): number {
    return this.atMs;
  }

  /** Somebody sets the clock; no time passes. */
  jump(ms: number): void {
    this.setByMs += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    interruption()?.throwIfAborted();
    this.atMs += ms;
  }
}
