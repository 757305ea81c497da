import type { Clock } from '../../../src/host/clock.js';

/** Time passes only while somebody sleeps, and then at once. */
export class MovingClock implements Clock {
  readonly sleeps: number[] = [];
  constructor(
    private readonly onSleep: (ms: number) => void = () => {},
    private ms = Date.UTC(2026, 0, 1),
  ) {}

  now(): Date {
    return new Date(this.ms);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.ms += ms;
    this.onSleep(ms);
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}
