import type { PlanFile } from '../../plan/file/plan-file.js';
import { stateIn } from '../runs/find-run.js';
import { type DiskHistory, deltaHistories } from './delta-history.js';

export interface PlanReport {
  readonly plan: PlanFile;
  /** What earlier runs on this machine have copied of the VMs of the plan. */
  readonly histories: readonly DiskHistory[];
}

/**
 * A plan with what the state of the project in `folder` knows of its VMs. Needs no project and no network: where there is no state, as on
 * another machine, there is no history. Throws DiagnosticsError when the state is there and cannot be read.
 */
export async function reportOfPlan(
  plan: PlanFile,
  { folder, env }: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<PlanReport> {
  const state = await stateIn(folder, env);
  return {
    plan,
    histories: await deltaHistories(
      state,
      plan.migrations.map(({ name }) => name),
    ),
  };
}
