import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../../src/host/clock.js';
import { interruption } from '../../../src/host/interruption.js';

const PAUSE_MS = 3;

/** Time that runs as fast as it is waited for: a sleep of minutes takes milliseconds and is remembered. */
export class FastClock implements Clock {
  private time = Date.parse('2026-01-01T00:00:00Z');
  readonly sleeps: number[] = [];

  /** Called in each sleep. */
  onSleep: (() => void) | undefined;

  now(): Date {
    return new Date(this.time);
  }

  monotonicMs(): number {
    return this.time;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    interruption()?.throwIfAborted();
    this.sleeps.push(ms);
    this.time += ms;
    await pause(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
    this.onSleep?.();
    interruption()?.throwIfAborted();
  }
}
