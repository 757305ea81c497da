import type { Diagnostic } from '../../diag/diagnostic.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { CalledWith } from '../command-line.js';

export const planDetails = ['auto', 'vm', 'disk', 'step'] as const;
export type PlanDetail = (typeof planDetails)[number];

export interface PlanShown {
  /** `disk`: every disk; `step`: what is done in which order as well; `vm`: one line a VM; `auto`: vm when many change. */
  readonly detail: PlanDetail;
  /** Seconds the observation took, for the line on nothing to do; absent when a file is shown. */
  readonly seconds?: number;
}

/** What `plan` and `show` have to say, free of how it is said. */
export interface PlanView {
  plan(plan: PlanFile, shown: PlanShown): void;
  saved(path: string, plan: PlanFile, calledWith?: CalledWith): void;
  /** The plan was not saved: apply will look again and may do something else. */
  notSaved(): void;
  diagnostics(diagnostics: readonly Diagnostic[]): void;
}
