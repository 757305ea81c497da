import { makePlan } from '../engine/make-plan.js';
import type { Selecting } from '../manifest/migration/select-migrations.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { Runtime } from '../runtime.js';
import type { PlanView } from '../views/plan/view.js';
import { selectOrRefuse } from './selection.js';

/** Plans what was selected, and tells what is odd about the files. Throws DiagnosticsError when a pattern matches nothing. */
export async function planSelected(runtime: Runtime, { selecting, version, view, trust }: PlanSelection): Promise<PlanFile> {
  view.diagnostics(runtime.loaded.diagnostics);
  const { selected, patterns } = selectOrRefuse(runtime.loaded, selecting);
  return makePlan(runtime, { migrations: selected, selected: patterns, version, trust });
}

interface PlanSelection {
  readonly selecting: Selecting;
  readonly version: string;
  readonly view: PlanView;
  readonly trust: TrustPolicy | undefined;
}
