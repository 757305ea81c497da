import { systemClock } from './host/clock.js';
import { newUuid } from './host/random.js';
import type { DesiredMigration } from './model/desired.js';
import type { ObservedMigration } from './model/observed.js';
import { factsOf } from './plan/facts.js';
import { makePlanFile, type PlanFile, type PlanTarget } from './plan/plan-file.js';
import { type MigrationPlan, planMigration } from './plan/plan-migration.js';
import type { PlannedEntry } from './plan/planned-entry.js';
import { blockOverQuota } from './plan/quota.js';
import type { Runtime } from './runtime.js';
import { observe } from './state/observe.js';
import { whoAmI } from './state/who.js';

export interface PlanRequest {
  readonly migrations: readonly DesiredMigration[];
  /** --target patterns. */
  readonly selected: readonly string[];
  readonly version: string;
}

/** Observe, then plan: changes nothing anywhere. */
export async function makePlan(runtime: Runtime, { migrations, selected, version }: PlanRequest): Promise<PlanFile> {
  const providers = await runtime.providers(migrations);
  const observed = await observe(migrations, providers, await runtime.state());
  const now = systemClock.now();
  const planned = migrations.map((desired, index) => ({
    desired,
    plan: planMigration(desired, observed[index]!, { now }),
    catalog: observed[index]!.catalog,
  }));
  const plans = blockOverQuota(planned);
  const entries = migrations.map((desired, index) => entryOf(desired, observed[index]!, plans[index]!));
  return makePlanFile(
    {
      id: newUuid(),
      createdAt: now.toISOString(),
      createdBy: whoAmI(),
      version,
      configDigest: runtime.loaded.configDigest,
      files: runtime.loaded.files,
      targets: await targetsOf(runtime),
      selected,
    },
    entries,
  );
}

function entryOf(desired: DesiredMigration, observed: ObservedMigration, plan: MigrationPlan): PlannedEntry {
  return {
    address: desired.address,
    name: desired.name,
    phase: desired.phase,
    file: desired.file,
    disks: observed.source.kind === 'found' ? observed.source.vm.disks.map(({ key }) => key) : [],
    actions: plan.actions,
    diagnostics: plan.diagnostics,
    notes: plan.notes,
    facts: factsOf(desired, observed),
  };
}

async function targetsOf(runtime: Runtime): Promise<PlanTarget[]> {
  const identities = await runtime.identities();
  return [...identities].map(([provider, { kind, endpoint, id, region }]) => ({
    provider,
    kind,
    endpoint,
    id,
    ...(region === undefined ? {} : { region }),
  }));
}
