import type { SourceRange } from '../diag/source-range.js';
import type { Phase } from './desired.js';
import type { OwnCommand } from './own-command.js';
import type { MaintenanceWindow } from './window.js';

/** Nothing is changed from `start` until `end`, both ISO 8601 in UTC. */
export interface Freeze {
  readonly name: string;
  readonly start: string;
  readonly end: string;
}

/** What every plan has to keep to. Absent: no such rule. */
export interface PlanRules {
  /** The name of what the plans of a project are for. */
  readonly environment?: string;
  /** Phases that each environment takes; one that is not named takes none. */
  readonly phases?: Readonly<Record<string, readonly Phase[]>>;
  /** VMs that one plan may cut over. */
  readonly cutovers?: number;
  /** Bytes that the delta of one disk may have. */
  readonly deltaBytes?: number;
  /** When anything may be changed: in one of these. */
  readonly windows?: readonly MaintenanceWindow[];
  readonly freezes?: readonly Freeze[];
  /** A program that answers what it has against a plan. */
  readonly command?: OwnCommand;
  /** Whose rules they are, in messages: `Project`, `trust policy "production"`. */
  readonly of: string;
  /** Where each rule stands, by its field. */
  readonly places: Readonly<Record<string, SourceRange>>;
}
