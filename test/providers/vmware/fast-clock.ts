import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../../src/host/clock.js';

const PAUSE_MS = 3;

/** Time that runs as fast as it is waited for: a sleep of minutes takes milliseconds and is remembered. */
export class FastClock implements Clock {
  private time = Date.parse('2026-01-01T00:00:00Z');
  readonly sleeps: number[] = [];

  now(): Date {
    return new Date(this.time);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    this.time += ms;
    await pause(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
  }
}
