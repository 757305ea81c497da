import type { ApplyEvent } from '../../apply/handler.js';
import type { MigrationOutcome } from '../../apply/migration-outcome.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { CalledWith } from '../command-line.js';

export interface ApplySummary {
  readonly plan: PlanFile;
  readonly outcomes: readonly MigrationOutcome[];
  readonly seconds: number;
  readonly bytes: number;
  readonly interrupted: boolean;
  /** Absent: nothing was begun. */
  readonly run?: string;
  readonly journal?: string;
  /** Path of the saved plan; absent when it was made in this very run. */
  readonly planPath?: string;
  /** What was typed, word by word: to do more of the same, it is typed with one word more. */
  readonly typed?: readonly string[];
  /** Options of this apply that the next one needs, too. */
  readonly calledWith?: CalledWith;
}

/** What `apply` has to say, free of how it is said. */
export interface ApplyView {
  /** What is left of this plan is worked on from now on. */
  begun(plan: PlanFile): void;
  event(event: ApplyEvent): void;
  outcome(outcome: MigrationOutcome): void;
  alreadyApplied(when: string, by: string): void;
  nothingToDo(): void;
  interrupting(): void;
  finished(summary: ApplySummary): void;
  diagnostics(diagnostics: readonly Diagnostic[]): void;
  /** Ends live lines, so that what follows starts on a line of its own. */
  close(): void;
}
