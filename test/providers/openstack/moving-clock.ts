import type { Clock } from '../../../src/host/clock.js';
import { interruption } from '../../../src/host/interruption.js';

/** Time passes only while somebody sleeps, and then at once. */
export class MovingClock implements Clock {
  readonly sleeps: number[] = [];
  private setByMs = 0;
  constructor(
    private readonly onSleep: (ms: number) => void = () => {},
    private ms = Date.UTC(2026, 0, 1),
  ) {}

  now(): Date {
    return new Date(this.ms + this.setByMs);
  }

  monotonicMs(): number {
    return this.ms;
  }

  /** Somebody sets the clock; no time passes. */
  jump(ms: number): void {
    this.setByMs += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    interruption()?.throwIfAborted();
    this.sleeps.push(ms);
    this.ms += ms;
    this.onSleep(ms);
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}
