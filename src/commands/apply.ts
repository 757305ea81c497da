import { Args, Flags } from '@oclif/core';
import { applyPlan, type MigrationOutcome } from '../apply/apply-plan.js';
import { checkCoverage, checkFacts, checkInputs, checkTargets, leftOf, type PlanInputs } from '../apply/check-plan.js';
import { allWindowsClosed } from '../apply/check-windows.js';
import type { ApplyEvent } from '../apply/handler.js';
import { requireApproval } from '../cli/approve.js';
import { ask } from '../cli/ask.js';
import { BaseCommand } from '../cli/base-command.js';
import { catchInterrupts, exitCodeOf, type Interrupts } from '../cli/interrupts.js';
import { readPlan } from '../cli/read-plan.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { systemClock } from '../host/clock.js';
import { newRunId } from '../host/random.js';
import { requirePrograms } from '../machine-looks.js';
import { makePlan } from '../make-plan.js';
import type { PlanFile } from '../plan/plan-file.js';
import { isBlocked } from '../plan/summary.js';
import type { Runtime } from '../runtime.js';
import { selectMigrations } from '../select-migrations.js';
import { observe, type Providers } from '../state/observe.js';
import type { StateFolder } from '../state/state-folder.js';
import { removeDeadLocks } from '../state/vm-lock.js';
import { applyView } from '../views/apply/select.js';
import type { ApplyView } from '../views/apply/view.js';
import { planView } from '../views/plan/select.js';

export default class Apply extends BaseCommand {
  static override summary = 'Do what a saved plan says; without a file, plan, ask, and do it.';
  static override description =
    'A saved plan is refused when its file, the manifests, the cloud or the live state are not what it was made from. ' +
    'An interrupted apply is continued by running the same plan again; a finished plan does nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> plan.json',
    '<%= config.bin %> <%= command.id %> plan.json --allow-cutover',
    '<%= config.bin %> <%= command.id %> --auto-approve',
  ];
  static override args = { file: Args.string({ description: 'Saved plan.' }) };
  static override flags = {
    'auto-approve': Flags.boolean({ summary: 'Do not ask. Does not cover what cannot be undone.' }),
    'allow-cutover': Flags.boolean({ summary: 'Approve powering off and converting.' }),
    parallelism: Flags.integer({ summary: 'Migrations worked on at the same time.', default: 2, min: 1, max: 100 }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Apply);
    const common = { ...flags, chdir: flags.chdir };
    const view = applyView(this.viewOptions(common));
    const saved = args.file === undefined ? undefined : await readPlan(this.path(common, args.file));
    await using runtime = await this.openRuntime({ cwd: this.folder(common) });
    const plan = saved ?? (await this.planNow(runtime, common));
    const state = await runtime.state();
    const done = await state.readPlanProgress(plan.plan.id);
    const isOver = done?.completedAt !== undefined || !plan.plan.applyable;
    // A run that was killed at its very end has left its locks; one that has nothing to do would not come by them.
    if (isOver) await removeDeadLocks(state.vmsFolder(), systemClock.now());
    if (done?.completedAt !== undefined) view.alreadyApplied(done.completedAt, done.by);
    else if (!plan.plan.applyable && plan.counts.blocked === 0) view.nothingToDo();
    if (isOver) return this.leave(plan, view, args.file);

    refuseUnless(checkInputs(plan, systemClock.now(), inputsOf(runtime, plan)));
    await requireApproval(plan, {
      isSaved: saved !== undefined,
      autoApprove: flags['auto-approve'],
      allowCutover: flags['allow-cutover'],
      ...(process.stdin.isTTY === true && !flags.json ? { ask: (question: string) => ask(question) } : {}),
    });
    using interrupts = catchInterrupts(() => view.interrupting());
    const code = await this.perform({
      runtime,
      plan,
      state,
      view,
      interrupts,
      parallelism: flags.parallelism,
      planPath: args.file,
    });
    if (code !== exitCodes.ok) this.end(code);
  }

  /** Nothing is left to do but for what is blocked. */
  private leave(plan: PlanFile, view: ApplyView, planPath: string | undefined): void {
    const outcomes = tellBlocked(plan, view, planPath);
    if (outcomes.length === 0) return;
    view.finished({ plan, outcomes, seconds: 0, bytes: 0, interrupted: false, ...(planPath === undefined ? {} : { planPath }) });
    this.end(exitCodes.incomplete);
  }

  private async planNow(runtime: Runtime, common: Parameters<BaseCommand['viewOptions']>[0]): Promise<PlanFile> {
    const plan = await makePlan(runtime, { migrations: runtime.loaded.migrations, selected: [], version: this.config.version });
    const view = planView({ ...this.viewOptions(common), isContinued: true });
    view.diagnostics(runtime.loaded.diagnostics);
    view.plan(plan, { detail: 'auto' });
    return plan;
  }

  private async perform({
    runtime,
    plan,
    state: readState,
    view,
    interrupts,
    parallelism,
    planPath,
  }: Performance): Promise<number> {
    const began = performance.now();
    const migrations = leftOf(plan, runtime.loaded.migrations, await readState.readPlanProgress(plan.plan.id));
    refuseUnless(allWindowsClosed(migrations, systemClock.now()));
    const providers = await runtime.providers(migrations);
    refuseUnless(checkTargets(plan, await runtime.identities()));
    await requireFresh(plan, { migrations, providers, state: readState });
    await requirePrograms(plan, runtime.programs);
    const state = await readState.prepare();
    await state.forgetOldRuns();
    const run = newRunId();
    const tools = await runtime.tools(state, providers, { id: run, plan: plan.plan.id });
    let bytes = 0;
    const emit = (event: ApplyEvent): void => {
      if (event.type === 'disk-synced') bytes += event.bytes;
      view.event(event);
    };
    const applied = await applyPlan({
      plan,
      state,
      desired: new Map(migrations.map((migration) => [migration.address, migration])),
      tools: { ...tools, emit, signal: interrupts.signal },
      parallelism,
      onOutcome: (outcome) => view.outcome(outcome),
    });
    const outcomes = [...applied, ...tellBlocked(plan, view, planPath)];
    view.finished({
      plan,
      outcomes,
      seconds: (performance.now() - began) / 1000,
      bytes,
      interrupted: interrupts.received !== undefined,
      journal: state.journalPath(run),
      ...(planPath === undefined ? {} : { planPath }),
    });
    return exitFor(outcomes, interrupts);
  }
}

/** VMs that the plan left out because they are blocked: whoever waits for them must learn it. One made just now has told why. */
function tellBlocked({ migrations }: PlanFile, view: ApplyView, planPath: string | undefined): MigrationOutcome[] {
  const outcomes = migrations.filter(isBlocked).map(({ address, diagnostics }): MigrationOutcome => {
    const why = diagnostics.filter(({ severity }) => severity === 'error');
    return { address, result: 'blocked', diagnostics: planPath === undefined ? [] : why };
  });
  for (const outcome of outcomes) view.outcome(outcome);
  return outcomes;
}

interface Performance {
  readonly runtime: Runtime;
  readonly plan: PlanFile;
  readonly state: StateFolder;
  readonly view: ApplyView;
  readonly interrupts: Interrupts;
  readonly parallelism: number;
  readonly planPath: string | undefined;
}

/** All or nothing: one changed fact refuses the whole plan before anything is touched. */
async function requireFresh(
  plan: PlanFile,
  {
    migrations,
    providers,
    state,
  }: { readonly migrations: Runtime['loaded']['migrations']; readonly providers: Providers; readonly state: StateFolder },
): Promise<void> {
  const observed = await observe(migrations, providers, state);
  const byAddress = new Map(migrations.map((desired, index) => [desired.address, { desired, observed: observed[index]! }]));
  const progress = await state.readPlanProgress(plan.plan.id);
  refuseUnless(checkFacts(plan, byAddress, progress));
  refuseUnless(checkCoverage(plan, byAddress, { progress, now: systemClock.now() }));
}

function inputsOf({ loaded }: Runtime, plan: PlanFile): PlanInputs {
  const { selected } = selectMigrations(loaded.migrations, plan.inputs.selected);
  return { configDigest: loaded.configDigest, files: loaded.files, selected };
}

function refuseUnless(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics, { exit: exitCodes.planRefused });
}

function exitFor(outcomes: readonly MigrationOutcome[], { received }: Interrupts): number {
  if (outcomes.every(({ result }) => result === 'done')) return exitCodes.ok;
  if (received !== undefined) return exitCodeOf(received);
  return exitCodes.incomplete;
}
