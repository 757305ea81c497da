import type { DiagnosticCode } from '../../diag/catalog.js';
import type { Differs } from '../../diag/diagnostic.js';

/** What is wrong, where in the manifest, and what to do; the address is the migration's unless given. */
export interface TargetProblem {
  readonly code: DiagnosticCode;
  readonly detail: string;
  readonly nextSteps?: readonly string[];
  readonly field?: string;
  readonly differs?: Differs;
  readonly severity?: 'error' | 'warning';
  readonly address?: string;
}
