import { checkTargets } from '../apply/check-plan.js';
import { windowRefusal } from '../apply/check-windows.js';
import { systemClock } from '../host/clock.js';
import { requirePrograms } from '../machine-looks.js';
import type { DesiredMigration } from '../model/desired.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { Runtime } from '../runtime.js';
import type { Providers } from '../state/observe.js';
import type { StateFolder } from '../state/state-folder.js';
import { heldElsewhere } from './held-elsewhere.js';
import { requirePolicy, rulesOf } from './policy/judge-policy.js';
import { refuseUnless, requireFresh } from './require-fresh.js';

export interface Situation {
  readonly runtime: Runtime;
  /** What is left of the plan. */
  readonly migrations: readonly DesiredMigration[];
  readonly state: StateFolder;
  readonly trust: TrustPolicy | undefined;
  /** Migrations that will be worked on at the same time. */
  readonly parallelism: number;
}

/**
 * All that is looked at before anything is touched, cheapest first. Resolves with the providers that it opened. Throws DiagnosticsError
 * where a window is closed, a rule is broken, a cloud is another one, the world has changed, or this machine lacks a program.
 */
export async function requireApplicable(plan: PlanFile, situation: Situation): Promise<Providers> {
  const { runtime, migrations, state, trust, parallelism } = situation;
  const closed = windowRefusal(migrations, systemClock.now());
  if (closed !== undefined) throw closed;
  const progress = await state.readPlanProgress(plan.plan.id);
  await requirePolicy(plan, {
    rules: rulesOf(runtime, trust),
    now: systemClock.now(),
    begun: [...(progress?.begun ?? []), ...(progress?.done ?? [])],
  });
  const providers = await runtime.providers(migrations);
  refuseUnless(checkTargets(plan, await runtime.identities()));
  const elsewhere = await heldElsewhere(migrations, state);
  await requireFresh(plan, { migrations, providers, state, elsewhere, limits: runtime.project.limits, parallelism });
  await requirePrograms(plan, runtime.programs);
  return providers;
}
