import type { Check } from './check.js';

/** How something is tried that takes time, and that an interruption ends in order. */
export interface AttemptOptions {
  readonly signal: AbortSignal;
  /** What is being done now. */
  note(text: string): void;
}

export interface AttemptReport {
  readonly checks: readonly Check[];
  /** Somebody said stop. */
  readonly isAborted: boolean;
  /** All that failed did so because somebody works on the VM. */
  readonly isHeld: boolean;
}
