import { Args, Flags } from '@oclif/core';
import type { MigrationOutcome } from '../apply/apply-plan.js';
import { approvedPart, notApproved, requireApproval } from '../cli/approve.js';
import { ask } from '../cli/ask.js';
import { BaseCommand } from '../cli/base-command.js';
import { catchInterrupts, exitCodeOf } from '../cli/interrupts.js';
import { planSelected, refuseSelection, selectionFlags } from '../cli/planning.js';
import { readPlan } from '../cli/read-plan.js';
import { exitCodes } from '../diag/exit-codes.js';
import {
  type Applied,
  applySavedPlan,
  blockedOutcomes,
  exitOf,
  requireSameInputs,
  standingOf,
} from '../engine/apply-saved-plan.js';
import type { Selecting } from '../manifest/migration/select-migrations.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { Divided } from '../plan/file/without-cutovers.js';
import type { Runtime } from '../runtime.js';
import { applyView } from '../views/apply/select.js';
import type { ApplySummary, ApplyView } from '../views/apply/view.js';
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
    '<%= config.bin %> <%= command.id %> --auto-approve --phase sync',
  ];
  static override args = { file: Args.string({ description: 'Saved plan.' }) };
  static override flags = {
    ...selectionFlags,
    'auto-approve': Flags.boolean({
      summary: 'Do not ask. VMs for which something cannot be undone are left alone without --allow-cutover.',
    }),
    'allow-cutover': Flags.boolean({ summary: 'Approve powering off and converting.' }),
    parallelism: Flags.integer({ summary: 'Migrations worked on at the same time.', default: 2, min: 1, max: 100 }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Apply);
    const common = { ...flags, chdir: flags.chdir };
    const view = applyView(this.viewOptions(common));
    const saved = args.file === undefined ? undefined : await readPlan(this.path(common, args.file));
    if (saved !== undefined) refuseSelection(flags);
    await using runtime = await this.openRuntime({ cwd: this.folder(common) });
    const whole = saved ?? (await this.planNow(runtime, common, flags));
    const { plan, left } = saved === undefined ? approvedPart(whole, flags) : { plan: whole, left: [] };
    const telling: Telling = { plan, view, planPath: args.file, left };
    const standing = await standingOf(plan, await runtime.state());
    if (standing.kind === 'applied') view.alreadyApplied(standing.completedAt, standing.by);
    else if (standing.kind === 'nothing-to-do' && plan.counts.blocked === 0) view.nothingToDo();
    if (standing.kind !== 'open') return this.leave(telling);

    requireSameInputs(runtime, plan);
    await requireApproval(plan, {
      isSaved: saved !== undefined,
      autoApprove: flags['auto-approve'],
      allowCutover: flags['allow-cutover'],
      ...(process.stdin.isTTY === true && flags.input && !flags.json ? { ask: (question: string) => ask(question) } : {}),
    });
    await this.perform(runtime, telling, flags.parallelism);
  }

  private async perform(runtime: Runtime, telling: Telling, parallelism: number): Promise<void> {
    const { plan, view } = telling;
    using interrupts = catchInterrupts(() => view.interrupting());
    const began = performance.now();
    const { outcomes, ...applied } = await applySavedPlan({
      runtime,
      plan,
      parallelism,
      signal: interrupts.signal,
      emit: (event) => view.event(event),
      onOutcome: (outcome) => view.outcome(outcome),
    });
    const all = [...outcomes, ...tellLeft(telling)];
    const { received } = interrupts;
    finish(telling, all, { ...applied, seconds: (performance.now() - began) / 1000, interrupted: received !== undefined });
    if (all.every(({ result }) => result === 'done')) return;
    this.end(received === undefined ? exitOf(all) : exitCodeOf(received));
  }

  /** Nothing is left to do but for what is blocked. */
  private leave(telling: Telling): void {
    const outcomes = tellLeft(telling);
    if (outcomes.length === 0) return;
    finish(telling, outcomes, { seconds: 0, bytes: 0, interrupted: false });
    this.end(exitCodes.incomplete);
  }

  private async planNow(runtime: Runtime, common: CommonFlags, selecting: Selecting): Promise<PlanFile> {
    const view = planView({ ...this.viewOptions(common), isContinued: true });
    const plan = await planSelected(runtime, { selecting, version: this.config.version, view });
    view.plan(plan, { detail: 'auto' });
    return plan;
  }
}

type CommonFlags = Parameters<BaseCommand['viewOptions']>[0];

interface Telling {
  readonly plan: PlanFile;
  readonly view: ApplyView;
  /** Absent where the plan was made just now. */
  readonly planPath: string | undefined;
  /** What nobody approved. */
  readonly left: Divided['left'];
}

/** A plan made just now has told why its VMs are blocked. */
function tellLeft({ plan, view, planPath, left }: Telling): MigrationOutcome[] {
  const blocked = blockedOutcomes(plan).map((one) => (planPath === undefined ? { ...one, diagnostics: [] } : one));
  const outcomes = [...blocked, ...left.map(notApproved)];
  for (const outcome of outcomes) view.outcome(outcome);
  return outcomes;
}

const finish = (
  { plan, view, planPath }: Telling,
  outcomes: readonly MigrationOutcome[],
  rest: Pick<ApplySummary, 'seconds' | 'interrupted'> & Partial<Pick<Applied, 'journal'>> & Pick<Applied, 'bytes'>,
): void => view.finished({ plan, outcomes, ...rest, ...(planPath === undefined ? {} : { planPath }) });
