import type { DesiredMigration } from '../model/desired.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { StateFolder } from '../state/state-folder.js';
import type { MigrationOutcome } from './migration-outcome.js';
import type { ApplyTools } from './run-migration.js';
import type { ApprovalRules } from './time-rules.js';

export interface ApplyRequest {
  readonly plan: PlanFile;
  /** By address. */
  readonly desired: ReadonlyMap<string, DesiredMigration>;
  readonly state: StateFolder;
  readonly tools: ApplyTools;
  /** Migrations worked on at the same time. */
  readonly parallelism: number;
  /** How long runs that hold the locks of this plan or of its VMs are waited for, with nothing begun. Default: not at all. */
  readonly lockTimeoutMs?: number;
  /** Asked before each VM is begun: an approval may end while others are worked on. Absent: nobody has to approve. */
  readonly approvalRules?: ApprovalRules;
  readonly onOutcome?: (outcome: MigrationOutcome) => void;
}
