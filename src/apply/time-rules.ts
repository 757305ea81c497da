import type { Diagnostic } from '../diag/diagnostic.js';

/** What the rules about time have against changing anything at `now`, as errors; empty: nothing. */
export type TimeRules = (now: Date) => readonly Diagnostic[];
