import { type Diagnostic, DiagnosticsError, hasErrors } from '../diag/diagnostic.js';
import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import { judgeMigration, type Ran } from '../plan/checks/judge.js';
import { notFoundDiagnostic } from '../plan/checks/source-checks.js';
import type { Action } from '../plan/core/action.js';
import { cutoverOf, isIrreversible, needsPrograms } from '../plan/core/action-table.js';
import { planContextOf } from '../plan/core/plan-context-of.js';
import { planImageMetadata } from '../plan/cutover/plan-image-metadata.js';
import { judgeTogether } from '../plan/together/judge-together.js';
import { checkImageMetadata, checkVm } from './check-plan.js';
import type { ApplyContext } from './handler.js';
import { type Looks, look } from './looks.js';

/** What the checks work with when a VM is looked at once more in the middle of its apply. */
export interface Checking {
  readonly looks: Looks;
  /** The migration as it is now. */
  observeAgain(desired: DesiredMigration): Promise<ObservedMigration>;
  readonly ran?: Ran;
}

/**
 * Whether all checks have to pass again before `action`: the first step that cannot be taken back, unless it comes right after
 * they passed. A conversion that is being merged is beyond it.
 */
export const isPointOfNoReturn = (action: Action, done: readonly Action[]): boolean =>
  isIrreversible(action) && cutoverOf(action) !== 'merges' && done.length > 0 && !done.some(isIrreversible);

/** Throws DiagnosticsError when anything stands in the way of `remaining`: hours may have passed since all was well. */
export async function requireNothingInTheWay(
  remaining: readonly Action[],
  context: ApplyContext,
  { looks, observeAgain, ran }: Checking,
): Promise<void> {
  const { desired, clock, settings, source, target } = context;
  const observed = await observeAgain(desired);
  if (observed.source.kind !== 'found') throw new DiagnosticsError([notFoundDiagnostic(desired, observed.source)]);
  const { vm } = observed.source;
  // Where nothing is copied any more, what is on the volumes is taken as it is, whatever became of the source's tracking.
  const judgedAs: DesiredMigration = isCopied(remaining) ? desired : { ...desired, finalSync: 'skip' };
  const planContext = planContextOf(judgedAs, observed, { vm, now: clock.now() });
  const judged = [...judgeMigration(planContext, 'source', ran), ...judgeMigration(planContext, 'target', ran)];
  const plan = { address: desired.address, actions: remaining, diagnostics: [], notes: [] };
  const [together] = judgeTogether(
    [{ desired, plan, catalog: observed.catalog, observed }],
    { parallelism: 1, isChosen: true, transfers: settings.transfersMax },
    ran,
  );
  const subject = { desired, vm: vm.ref, actions: remaining, source, target, station: 'no-return' } as const;
  const looked = await look(looks, subject, ran);
  const otherVm = checkVm(desired, observed, context.vm);
  // Another firmware asks for other metadata: that is told by itself.
  const changed = otherVm.length > 0 ? otherVm : checkImageMetadata(desired, planImageMetadata(planContext));
  const found = [...changed, ...judged, ...together!.diagnostics, ...looked];
  if (hasErrors(found)) throw new DiagnosticsError(found.filter(isError).map((one) => withState(one, vm.power === 'on')));
}

const isCopied = (actions: readonly Action[]): boolean => actions.some((action) => needsPrograms(action, 'transfer'));

const isError = ({ severity }: Diagnostic): boolean => severity === 'error';

const withState = (diagnostic: Diagnostic, isRunning: boolean): Diagnostic => ({
  ...diagnostic,
  detail: `${diagnostic.detail}; ${isRunning ? 'the VM was left running' : 'nothing was done that cannot be taken back'}`,
});
