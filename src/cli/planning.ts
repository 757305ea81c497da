import type { LockWaiting } from '../apply/lock-wait.js';
import { waitForRuns } from '../engine/held-elsewhere.js';
import { makePlan } from '../engine/make-plan.js';
import { systemClock } from '../host/clock.js';
import type { Selecting } from '../manifest/migration/select-migrations.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { Runtime } from '../runtime.js';
import type { PlanView } from '../views/plan/view.js';
import { untilSaidStop, waitingFor } from './lock-timeout.js';
import { selectOrRefuse } from './selection.js';

interface Planned {
  readonly plan: PlanFile;
  /** What is left of the time to wait for others. */
  readonly lockTimeoutMs: number;
}

/**
 * Plans what was selected, and tells what is odd about the files, and who is waited for. Throws DiagnosticsError when a pattern matches
 * nothing, and when somebody says stop while others are waited for.
 */
export async function planSelected(runtime: Runtime, selection: PlanSelection): Promise<Planned> {
  const { selecting, version, view, trust, lockTimeoutMs, parallelism } = selection;
  view.diagnostics(runtime.loaded.diagnostics);
  const { selected, patterns } = selectOrRefuse(runtime.loaded, selecting);
  const state = await runtime.state();
  const tell: LockWaiting['tell'] = (held, note) => view.diagnostics([waitingFor(held, note)]);
  const leftMs = await untilSaidStop(() => waitForRuns(selected, state, { timeoutMs: lockTimeoutMs, clock: systemClock, tell }));
  const plan = await makePlan(runtime, { migrations: selected, selected: patterns, version, trust, parallelism });
  return { plan, lockTimeoutMs: leftMs };
}

interface PlanSelection {
  readonly selecting: Selecting;
  readonly version: string;
  readonly view: PlanView;
  readonly trust: TrustPolicy | undefined;
  /** How long runs that work on what is selected are waited for. */
  readonly lockTimeoutMs: number;
  /** As PlanRequest has it. */
  readonly parallelism?: number;
}
