import type { Diagnostic } from '../diag/diagnostic.js';
import { systemClock } from '../host/clock.js';
import type { DesiredMigration } from '../model/desired.js';
import { driftOf } from '../plan/drift.js';
import { unclaimedNotes } from '../plan/together/plan-notes.js';
import type { Runtime } from '../runtime.js';
import { observeProject } from '../state/observe.js';

export interface DriftReport {
  readonly vms: number;
  /** VMs that differ, each with how. */
  readonly drifted: readonly { readonly address: string; readonly diagnostics: readonly Diagnostic[] }[];
  /** Of the whole, such as volumes that no manifest declares. */
  readonly notes: readonly string[];
}

/** Looks at what is there and compares it with the manifests. Changes nothing, and needs nothing of an earlier run. */
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
    // Of a selection, the VM of a volume may be one that was not looked at.
    notes: isAll ? unclaimedNotes(unclaimed) : [],
  };
}
