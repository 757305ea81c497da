import { hasErrors } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { MigrationPlan } from '../plan/plan-migration.js';
import { judgeTogether } from '../plan/together/judge-together.js';
import { planAlone } from '../plan/together/plan-alone.js';
import { look } from './looks.js';
import type { ApplyTools } from './run-migration.js';

/** All checks of one VM, right before its first action. */
export async function planAgain(
  desired: DesiredMigration,
  observed: ObservedMigration,
  { providers, clock, settings, checking: { looks, ran } }: ApplyTools,
): Promise<MigrationPlan> {
  const alone = planAlone(desired, observed, { now: clock.now(), ...(ran === undefined ? {} : { ran }) });
  if (observed.source.kind !== 'found' || alone.plan.actions.length === 0) return alone.plan;
  const [plan] = judgeTogether([alone], { parallelism: 1, isChosen: true, transfers: settings.transfersMax }, ran);
  const { actions, diagnostics } = plan!;
  if (hasErrors(diagnostics)) return plan!;
  const source = providers.source(desired.source.provider);
  const target = providers.target(desired.target.provider);
  const looked = await look(looks, { desired, vm: observed.source.vm.ref, actions, source, target, station: 'begin' }, ran);
  return { ...plan!, diagnostics: [...diagnostics, ...looked] };
}
