import type { DiagnosticCode } from '../../diag/catalog.js';
import type { Differs } from '../../diag/diagnostic.js';

/** A reason not to touch a disk. `field` is the manifest path to point at. */
export interface Blocker {
  readonly code: DiagnosticCode;
  readonly detail: string;
  readonly nextSteps: readonly string[];
  readonly field?: string;
  readonly differs?: Differs;
}
