import type { Diagnostic } from '../../diag/diagnostic.js';

/** One line of `doctor`. */
export interface Check {
  readonly name: string;
  /** Version, endpoint or whatever was found; empty when it failed. */
  readonly found: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Why stands in another row. */
  readonly isFailed?: boolean;
}
