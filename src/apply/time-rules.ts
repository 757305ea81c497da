import type { Diagnostic } from '../diag/diagnostic.js';

/** What the rules about time have against changing anything at `now`, as errors; empty: nothing. */
export type TimeRules = (now: Date) => readonly Diagnostic[];

/** What approvals lack at `now` for a VM that the plan has not begun, as errors; empty: nothing. */
export type ApprovalRules = (address: string, now: Date) => readonly Diagnostic[];
