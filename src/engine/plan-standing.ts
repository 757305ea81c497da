import { systemClock } from '../host/clock.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { PlanProgress, StateFolder } from '../state/state-folder.js';

/** Where a plan stands before anything of it is done. */
export type Standing =
  | { readonly kind: 'open' }
  | { readonly kind: 'applied'; readonly completedAt: string; readonly by: string }
  /** All of its VMs are up to date or blocked. */
  | { readonly kind: 'nothing-to-do' };

/** Locks that dead processes left go here where nothing is left to do: a run that works comes by them itself. */
export async function standingOf(plan: PlanFile, state: StateFolder): Promise<Standing> {
  const done = await state.readPlanProgress(plan.plan.id);
  const standing = standingFrom(plan, done);
  if (standing.kind !== 'open') await state.backend.removeDeadLocks(systemClock.now());
  return standing;
}

function standingFrom({ plan }: PlanFile, done: PlanProgress | undefined): Standing {
  if (done?.completedAt !== undefined) return { kind: 'applied', completedAt: done.completedAt, by: done.by };
  return plan.applyable ? { kind: 'open' } : { kind: 'nothing-to-do' };
}
