import { Flags } from '@oclif/core';
import { approvedPart, notApproved } from '../cli/approve.js';
import { ask } from '../cli/ask.js';
import { BaseCommand, type CommonFlags } from '../cli/base-command.js';
import { catchInterrupts, exitCodeOf } from '../cli/interrupts.js';
import { lockTimeoutFlag, lockTimeoutMs } from '../cli/lock-timeout.js';
import { MetricsFile } from '../cli/metrics-file.js';
import { Notifier } from '../cli/notifier.js';
import { planSelected } from '../cli/planning.js';
import { projectFlags, settingsOf, settingsOfPlan } from '../cli/project-flags.js';
import { readPlanBytes } from '../cli/read-plan.js';
import { refuseBesidePlan, selectionFlags } from '../cli/selection.js';
import { optionalArgument } from '../cli/text-argument.js';
import { type Approving, readBelieved, requireApproved, trustFlag, trustNamed } from '../cli/trust.js';
import { exitCodes } from '../diag/exit-codes.js';
import { printable } from '../diag/printable.js';
import { applySavedPlan } from '../engine/apply-saved-plan.js';
import { exitOf } from '../engine/exit-of-outcomes.js';
import { leftOut } from '../engine/left-out.js';
import { standingOf } from '../engine/plan-standing.js';
import { requireSameInputs } from '../engine/require-fresh.js';
import { trustOfProject } from '../engine/trust/trust-in-force.js';
import type { Selecting } from '../manifest/migration/select-migrations.js';
import { PARALLELISM_DEFAULT } from '../model/parallelism.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { Runtime } from '../runtime.js';
import { noteText } from '../views/apply/note-text.js';
import { applyView } from '../views/apply/select.js';
import { planView } from '../views/plan/select.js';

interface PlanningNow extends Selecting {
  readonly common: CommonFlags;
  readonly policy: TrustPolicy | undefined;
  readonly waitMs: number;
  readonly parallelism: number;
}

type ApprovalFlags = Readonly<Record<'auto-approve' | 'allow-cutover' | 'input' | 'json', boolean>>;

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
    '<%= config.bin %> <%= command.id %> --auto-approve --phase sync -l wave=10',
  ];
  static override args = { file: optionalArgument('Saved plan.') };
  static override flags = {
    ...projectFlags,
    ...selectionFlags,
    ...trustFlag,
    ...lockTimeoutFlag,
    'auto-approve': Flags.boolean({
      summary: 'Do not ask. VMs for which something cannot be undone are left alone without --allow-cutover.',
    }),
    'allow-cutover': Flags.boolean({ summary: 'Approve powering off and converting.' }),
    'metrics-file': Flags.string({
      summary: 'Write how the run ended for Prometheus (textfile collector of node_exporter), also when it fails.',
    }),
    parallelism: Flags.integer({
      summary: 'Migrations worked on at the same time.',
      default: PARALLELISM_DEFAULT,
      min: 1,
      max: 100,
    }),
  };

  private metrics: MetricsFile | undefined;
  private notifier: Notifier | undefined;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Apply);
    const { 'metrics-file': metricsFile } = flags;
    if (metricsFile !== undefined) this.metrics = new MetricsFile(this.path(flags, metricsFile));
    const { version } = this.config;
    this.notifier = new Notifier({ cwd: this.folder(flags), settings: settingsOf(flags), version, env: process.env });
    const view = applyView(this.viewOptions(flags));
    const waitMs = lockTimeoutMs(flags);
    const isSaved = args.file !== undefined;
    const file = args.file === undefined ? undefined : await readPlanBytes(this.path(flags, args.file));
    if (isSaved) refuseBesidePlan(flags);
    const named = await trustNamed({ flag: flags.trust, folder: this.folder(flags) });
    const first = file === undefined ? undefined : await readBelieved(file, named);
    const settings = first === undefined ? settingsOf(flags) : settingsOfPlan(first.plan, flags);
    await using runtime = await this.openRuntime({ ...settings, cwd: this.folder(flags) });
    this.metrics?.of(runtime.loaded.project?.name ?? '');
    this.notifier.of(runtime.loaded);
    const trust = named ?? (await trustOfProject(runtime.project));
    const believed = first === undefined || trust === named ? first : await readBelieved(first.file, trust);
    const given = believed === undefined ? undefined : { plan: believed.plan, lockTimeoutMs: waitMs };
    const planned = given ?? (await this.planNow(runtime, { ...flags, common: flags, policy: trust, waitMs }));
    const whole = planned.plan;
    const { plan, left } = isSaved ? { plan: whole, left: [] } : approvedPart(whole, flags);
    this.notifier.on(plan);
    const request = { runtime, plan, isSaved, unapproved: left.map(notApproved), onOutcome: view.outcome.bind(view) };
    const told = {
      plan,
      typed: this.invocation().command,
      calledWith: flags,
      ...(args.file === undefined ? {} : { planPath: args.file }),
    };

    const state = await runtime.state();
    const standing = await standingOf(plan, state);
    if (standing.kind === 'applied') view.alreadyApplied(standing.completedAt, standing.by);
    else if (standing.kind === 'nothing-to-do' && plan.counts.blocked === 0 && left.length === 0) view.nothingToDo();
    if (standing.kind !== 'open') {
      const outcomes = await leftOut(request, state);
      this.ended({ outcomes, bytes: 0 });
      if (outcomes.length > 0) view.finished({ ...told, outcomes, seconds: 0, bytes: 0, interrupted: false });
      return this.end(exitOf(outcomes));
    }
    requireSameInputs(runtime, plan);
    const progress = await state.readPlanProgress(plan.plan.id);
    const approvalRules = await this.approved(plan, flags, { trust, believed, progress });
    view.begun(plan);
    using interrupts = catchInterrupts(() => view.interrupting());
    const { signal } = interrupts;
    const applied = await applySavedPlan({
      ...request,
      trust,
      approvalRules,
      parallelism: flags.parallelism,
      lockTimeoutMs: planned.lockTimeoutMs,
      signal,
      stoppedExit: () => exitCodeOf(interrupts.received),
      invocation: this.invocation(),
      emit: (event) => view.event(event),
      wordsOf: noteText,
    });
    this.ended(applied);
    view.finished({ ...told, ...applied, interrupted: signal.aborted });
    this.end(applied.exit);
  }

  /** Asks where it may; throws as requireApproved. */
  private approved(plan: PlanFile, flags: ApprovalFlags, known: Pick<Approving, 'trust' | 'believed' | 'progress'>) {
    const mayAsk = process.stdin.isTTY === true && flags.input && !flags.json;
    return requireApproved(plan, {
      ...known,
      autoApprove: flags['auto-approve'],
      allowCutover: flags['allow-cutover'],
      ...(mayAsk ? { ask: (question: string) => ask(question) } : {}),
    });
  }

  private ended(ended: Parameters<Notifier['end']>[0]): void {
    this.metrics?.end(ended);
    this.notifier?.end(ended);
  }

  /** After the exit code is decided, which what watches a run never changes. */
  protected override async finally(): Promise<void> {
    const exit = Number(process.exitCode ?? exitCodes.error);
    const trouble = await this.metrics?.write(exit);
    if (trouble !== undefined) this.streams.err(`Warning: the file for --metrics-file was not written: ${printable(trouble)}\n`);
    this.tellDiagnostics((await this.notifier?.tell(exit, this.ending)) ?? []);
    await super.finally();
  }

  private async planNow(runtime: Runtime, { common, policy: trust, waitMs, parallelism, ...selecting }: PlanningNow) {
    const view = planView({ ...this.viewOptions(common), isContinued: true });
    const { version } = this.config;
    const planned = await planSelected(runtime, { selecting, version, view, trust, lockTimeoutMs: waitMs, parallelism });
    view.plan(planned.plan, { detail: 'auto' });
    return planned;
  }
}
