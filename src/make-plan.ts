import { systemClock } from './host/clock.js';
import { newUuid } from './host/random.js';
import type { DesiredMigration } from './model/desired.js';
import type { ObservedMigration } from './model/observed.js';
import { blockAddressClashes } from './plan/address-clashes.js';
import { factsOf } from './plan/facts.js';
import { makePlanFile, type PlanFile, type PlanTarget } from './plan/plan-file.js';
import { type MigrationPlan, planMigration } from './plan/plan-migration.js';
import { planNotes } from './plan/plan-notes.js';
import type { PlannedEntry } from './plan/planned-entry.js';
import { blockOverQuota } from './plan/quota.js';
import { blockWithoutSourceRoom, type SourcePlanned } from './plan/source-room.js';
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
    observed: observed[index]!,
  }));
  const plans = blockTogether(planned, runtime.project.limits.transfers);
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
      notes: planNotes(migrations.map((desired, index) => ({ desired, observed: observed[index]! }))),
    },
    entries,
  );
}

/** What single migrations do not see of each other, or of the Project: addresses asked for twice, room in both clouds. */
function blockTogether(planned: readonly SourcePlanned[], transfers: number): MigrationPlan[] {
  const withPlans = (plans: readonly MigrationPlan[]): SourcePlanned[] =>
    planned.map((migration, index) => ({ ...migration, plan: plans[index]! }));
  const readable = withPlans(blockWithoutSourceRoom(withPlans(blockAddressClashes(planned)), transfers));
  return blockOverQuota(readable);
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
