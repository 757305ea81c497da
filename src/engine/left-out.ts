import type { MigrationOutcome } from '../apply/migration-outcome.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import { isBlocked } from '../plan/file/summary.js';
import type { StateFolder } from '../state/state-folder.js';
import { heldElsewhere } from './held-elsewhere.js';

export interface PlanUnderWay {
  readonly plan: PlanFile;
  /** false: it was made in this very run, and told then why VMs are blocked. */
  readonly isSaved: boolean;
  /** VMs that are left alone because nobody approved what the plan says of them. */
  readonly unapproved: readonly MigrationOutcome[];
  /** Each migration as it ends. */
  readonly onOutcome: (outcome: MigrationOutcome) => void;
}

/** Tells each VM that is left out, and why, unless that was told already: whoever waits for it must learn it. */
export async function leftOut(
  { plan, isSaved, unapproved, onOutcome }: PlanUnderWay,
  state: StateFolder,
): Promise<MigrationOutcome[]> {
  const blocked = plan.migrations.filter(isBlocked);
  // A plan that was made in this very run found the volumes of such a VM in use: waiting helps, and a saved one stays as it is.
  const elsewhere = isSaved ? new Map<string, MigrationOutcome>() : await heldElsewhere(blocked, state);
  const outcomes = [...blocked.map((entry) => elsewhere.get(entry.address) ?? blockedOutcome(entry, isSaved)), ...unapproved];
  for (const outcome of outcomes) onOutcome(outcome);
  return outcomes;
}

function blockedOutcome({ address, diagnostics }: PlannedEntry, isSaved: boolean): MigrationOutcome {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return { address, result: 'blocked', diagnostics: isSaved ? errors : [] };
}
