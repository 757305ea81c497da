import type { Diagnostic } from '../diag/diagnostic.js';
import { systemClock } from '../host/clock.js';
import type { DesiredMigration } from '../model/desired.js';
import { driftOf } from '../plan/drift.js';
import { type SinceApply, sinceApply } from '../plan/since-apply.js';
import { unclaimedNotes } from '../plan/together/plan-notes.js';
import type { Runtime } from '../runtime.js';
import { observeProject } from '../state/observe.js';

export interface DriftReport {
  readonly vms: number;
  /** VMs that differ from their manifests, each with how. */
  readonly drifted: readonly { readonly address: string; readonly diagnostics: readonly Diagnostic[] }[];
  /** Of every VM: what is not as the last apply left it, as far as that is known. */
  readonly since: readonly { readonly address: string; readonly apply: SinceApply }[];
  /** Of the whole, such as volumes that no manifest declares. */
  readonly notes: readonly string[];
}

/**
 * Looks at what is there and compares it with the manifests, and with what the last apply left. Changes nothing; without the state folder
 * of that apply it says less, and that it does.
 */
export async function findDrift(
  runtime: Runtime,
  { migrations, isAll }: { readonly migrations: readonly DesiredMigration[]; readonly isAll: boolean },
): Promise<DriftReport> {
  const providers = await runtime.providers(migrations);
  const { migrations: observed, unclaimed } = await observeProject(migrations, providers, await runtime.state());
  const now = systemClock.now();
  const all = migrations.map((desired, index) => ({
    address: desired.address,
    diagnostics: driftOf(desired, observed[index]!, now),
  }));
  return {
    vms: migrations.length,
    drifted: all.filter(({ diagnostics }) => diagnostics.length > 0),
    since: migrations.map((desired, index) => ({ address: desired.address, apply: sinceApply(desired, observed[index]!) })),
    // Of a selection, the VM of a volume may be one that was not looked at.
    notes: isAll ? unclaimedNotes(unclaimed) : [],
  };
}

/** Whether anything is not as it was declared or left. That nothing is known of an apply is no difference. */
export const isDrift = ({ drifted, since }: Pick<DriftReport, 'drifted' | 'since'>): boolean =>
  drifted.length > 0 || since.some(({ apply }) => apply.changes.length > 0);
