import { checkCoverage, checkFacts, checkInputs, type PlanInputs } from '../apply/check-plan.js';
import { checkTogether } from '../apply/check-together.js';
import type { MigrationOutcome } from '../apply/migration-outcome.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { systemClock } from '../host/clock.js';
import { selectMigrations } from '../manifest/migration/select-migrations.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import { planAlone } from '../plan/together/plan-alone.js';
import type { Runtime } from '../runtime.js';
import { observe, type Providers } from '../state/observe.js';
import type { StateFolder } from '../state/state-folder.js';

/** Throws DiagnosticsError, with the exit code of a refused plan, where the files are not those that the plan was made from. */
export function requireSameInputs({ loaded }: Runtime, plan: PlanFile): void {
  const { selected } = selectMigrations(loaded.migrations, plan.inputs.selected);
  const inputs: PlanInputs = { configDigest: loaded.configDigest, files: loaded.files, settings: loaded.settings, selected };
  refuseUnless(checkInputs(plan, systemClock.now(), inputs));
}

interface World {
  readonly migrations: Runtime['loaded']['migrations'];
  readonly providers: Providers;
  readonly state: StateFolder;
  readonly elsewhere: ReadonlyMap<string, MigrationOutcome>;
  readonly limits: Runtime['project']['limits'];
  /** Migrations that will be worked on at the same time. */
  readonly parallelism: number;
}

/**
 * All or nothing: one changed fact, or too little room for all together, refuses the whole plan before anything is touched. What another
 * run works on is not looked at: should that run end before this one comes to it, it is compared under its lock.
 */
export async function requireFresh(plan: PlanFile, world: World): Promise<void> {
  const { migrations, providers, state, elsewhere, parallelism } = world;
  const observed = await observe(migrations, providers, state);
  const now = systemClock.now();
  const planned = migrations.map((desired, index) => planAlone(desired, observed[index]!, { now }));
  const fresh = new Map(planned.map((one) => [one.desired.address, one]));
  const progress = await state.readPlanProgress(plan.plan.id);
  const isOurs = ({ address = '' }: Diagnostic): boolean => !elsewhere.has(address);
  refuseUnless(checkFacts(plan, fresh, progress).filter(isOurs));
  refuseUnless(checkCoverage(plan, fresh, progress).filter(isOurs));
  const ours = planned.filter(({ desired }) => !elsewhere.has(desired.address));
  refuseUnless(checkTogether(ours, { begun: new Set(progress?.begun), parallelism, transfers: world.limits.transfers }));
}

/** Throws DiagnosticsError with the exit code of a refused plan. */
export function refuseUnless(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics, { exit: exitCodes.planRefused });
}
