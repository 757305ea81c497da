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
  readonly tell: (held: HeldElsewhere, note: NoteMap['waits-for-run']) => void;
}

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

  /** Tells who is waited for, and sleeps until the next look; ends with the interruption. */
  async pass(held: readonly HeldElsewhere[]): Promise<void> {
    for (const one of held) this.tell(one);
    await this.options.clock.sleep(Math.min(LOOK_EVERY_MS, this.leftMs));
  }

  private tell(held: HeldElsewhere): void {
    const { place, id } = held.error;
    const key = `${place} ${id ?? ''}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.options.tell(held, { kind: 'waits-for-run', who: holderText(held.error), seconds: Math.ceil(this.leftMs / 1000) });
  }
}
