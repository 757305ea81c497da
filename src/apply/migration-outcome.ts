import type { Diagnostic } from '../diag/diagnostic.js';
import type { MigrationResult } from './migration-result.js';

/** How one VM of an apply ended. `address` is `vm/NAME`. */
export interface MigrationOutcome {
  readonly address: string;
  readonly result: MigrationResult;
  readonly diagnostics: readonly Diagnostic[];
  /** Set when the failure is a bug of ours: the stack is all there is. */
  readonly bug?: unknown;
  /** Of a failure: paths of what the programs said. Absent: none complained. */
  readonly logs?: readonly string[];
}
