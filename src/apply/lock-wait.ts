import type { Clock } from '../host/clock.js';
import type { LockHeldError } from '../state/lock.js';
import { holderText } from './error-diagnostics.js';
import type { NoteMap } from './note.js';

const LOOK_EVERY_MS = 500;

/** A lock that somebody else has, and what it is of: `vm/NAME`, or `plan`. */
export interface HeldElsewhere {
  readonly address: string;
  readonly error: LockHeldError;
}

export interface LockWaiting {
  /** 0: nobody is waited for. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Each holder of each lock once. */
  readonly tell: (held: HeldElsewhere, note: NoteMap['waits-for-run' | 'run-unheard']) => void;
}

const secondsOf = (ms: number): number => Math.ceil(ms / 1000);

/** How long others are waited for, altogether. */
export class LockWait {
  private readonly endMs: number;
  private readonly told = new Set<string>();

  constructor(private readonly options: LockWaiting) {
    this.endMs = options.clock.monotonicMs() + options.timeoutMs;
  }

  /** Never less than 0. */
  get leftMs(): number {
    return Math.max(0, this.endMs - this.options.clock.monotonicMs());
  }

  /** Whether nothing is waited for (any more). */
  get isOver(): boolean {
    return this.leftMs <= 0;
  }

  /** Whether it is worth looking again: there is time left, or one of these is not heard of and is about to be nobody. */
  goesOn(held: readonly HeldElsewhere[]): boolean {
    return !this.isOver || held.some(({ error }) => error.lease?.freeInMs !== undefined);
  }

  /** Tells who is waited for, and sleeps until the next look; ends with the interruption. */
  async pass(held: readonly HeldElsewhere[]): Promise<void> {
    for (const one of held) this.tell(one);
    const longestMs = Math.max(this.leftMs, ...held.map(({ error }) => error.lease?.freeInMs ?? 0));
    await this.options.clock.sleep(Math.min(LOOK_EVERY_MS, longestMs));
  }

  private tell(held: HeldElsewhere): void {
    const { place, id, lease } = held.error;
    const key = `${place} ${id ?? ''} ${lease?.freeInMs === undefined ? '' : 'unheard'}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    const who = holderText(held.error);
    if (lease?.freeInMs === undefined) this.options.tell(held, { kind: 'waits-for-run', who, seconds: secondsOf(this.leftMs) });
    else
      this.options.tell(held, {
        kind: 'run-unheard',
        who,
        heardSeconds: secondsOf(lease.heardMs),
        seconds: secondsOf(lease.freeInMs),
      });
  }
}
