import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Phase } from '../../model/desired.js';
import type { DiskKey } from '../../model/ids.js';
import type { NotCarried } from '../../model/observed.js';
import type { Action } from '../core/action.js';
import type { Facts } from './facts.js';

/** One migration in a plan: what was decided, from which facts. */
export interface PlannedEntry {
  /** `vm/NAME`. */
  readonly address: string;
  readonly name: string;
  readonly phase: Phase;
  readonly file: string;
  readonly disks: readonly DiskKey[];
  readonly actions: readonly Action[];
  readonly diagnostics: readonly Diagnostic[];
  readonly notes: readonly string[];
  readonly facts: Facts;
  /** What the source has and the target will not have. Absent: nothing, or there is nothing to do. */
  readonly notCarried?: readonly NotCarried[];
}
