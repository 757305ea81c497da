import type { Clock } from '../../../host/clock.js';

/** Waits that double from `firstMs` up to `longestMs`. */
interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** The wait after the attempt numbered from 0, with up to a quarter taken off so that many runs do not fall into step. */
export function backoffMs({ firstMs, longestMs }: Backoff, attempt: number, random: () => number): number {
  return Math.round(Math.min(firstMs * 2 ** Math.min(attempt, 30), longestMs) * (1 - random() / 4));
}

/** A moment after which no further attempt starts. */
export class Deadline {
  private readonly at: number;
  constructor(
    private readonly clock: Clock,
    readonly afterMs: number,
  ) {
    this.at = clock.monotonicMs() + afterMs;
  }
  get hasPassed(): boolean {
    return this.clock.monotonicMs() >= this.at;
  }
}
