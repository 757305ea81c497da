import { applyPlan, type MigrationOutcome } from '../apply/apply-plan.js';
import { checkCoverage, checkFacts, checkInputs, checkTargets, leftOf, type PlanInputs } from '../apply/check-plan.js';
import { checkTogether } from '../apply/check-together.js';
import { windowRefusal } from '../apply/check-windows.js';
import { causesOf } from '../apply/error-causes.js';
import { errorDiagnostics } from '../apply/error-diagnostics.js';
import { exitOfError } from '../apply/error-exit.js';
import type { ApplyEvent } from '../apply/handler.js';
import { journalEvents } from '../apply/journal-events.js';
import type { MigrationResult } from '../apply/migration-result.js';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { exitCodes } from '../diag/exit-codes.js';
import { systemClock } from '../host/clock.js';
import { interruptible, isInterruption } from '../host/interruption.js';
import { loggedIn } from '../host/program-logs.js';
import { newRunId } from '../host/random.js';
import { requirePrograms } from '../machine-looks.js';
import { selectMigrations } from '../manifest/migration/select-migrations.js';
import type { DesiredMigration } from '../model/desired.js';
import type { RunId } from '../model/ids.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import type { PlanFile } from '../plan/file/plan-file.js';
import type { PlannedEntry } from '../plan/file/planned-entry.js';
import { isBlocked } from '../plan/file/summary.js';
import { planAlone } from '../plan/together/plan-alone.js';
import type { Runtime } from '../runtime.js';
import { type Journal, noteIn } from '../state/journal.js';
import { observe, type Providers } from '../state/observe.js';
import { forgetOldLogs } from '../state/old-logs.js';
import { RunLogs } from '../state/run-logs.js';
import type { PlanProgress, StateFolder } from '../state/state-folder.js';
import { removeDeadLocks } from '../state/vm-lock.js';
import { heldElsewhere } from './held-elsewhere.js';
import { requirePolicy, rulesOf } from './policy/judge-policy.js';
import { type Invocation, journalEnd, journalStart } from './runs/journal-run.js';

export interface ApplyRequest extends PlanUnderWay {
  readonly runtime: Runtime;
  /** Migrations worked on at the same time. */
  readonly parallelism: number;
  /** Aborted: what is being done is stopped in order, and given back. */
  readonly signal: AbortSignal;
  /** What the process ends with once `signal` is aborted. */
  readonly stoppedExit: () => number;
  readonly invocation: Invocation;
  readonly emit: (event: ApplyEvent) => void;
  /** The trust policy in force: its rules hold beside those of the Project. */
  readonly trust?: TrustPolicy | undefined;
}

export interface PlanUnderWay {
  readonly plan: PlanFile;
  /** false: it was made in this very run, and told then why VMs are blocked. */
  readonly isSaved: boolean;
  /** VMs that are left alone because nobody approved what the plan says of them. */
  readonly unapproved: readonly MigrationOutcome[];
  /** Each migration as it ends. */
  readonly onOutcome: (outcome: MigrationOutcome) => void;
}

export interface Applied {
  /** Also of what the plan left out. */
  readonly outcomes: readonly MigrationOutcome[];
  /** Written to volumes. */
  readonly bytes: number;
  readonly seconds: number;
  /** What the process ends with: a code of diag/exit-codes.ts. */
  readonly exit: number;
  /** Absent: nothing was begun. */
  readonly run?: RunId;
  /** Path of the run's journal. Absent: nothing was begun. */
  readonly journal?: string;
}

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
  if (standing.kind !== 'open') for (const folder of state.lockFolders()) await removeDeadLocks(folder, systemClock.now());
  return standing;
}

function standingFrom({ plan }: PlanFile, done: PlanProgress | undefined): Standing {
  if (done?.completedAt !== undefined) return { kind: 'applied', completedAt: done.completedAt, by: done.by };
  return plan.applyable ? { kind: 'open' } : { kind: 'nothing-to-do' };
}

/** Throws DiagnosticsError, with the exit code of a refused plan, where the files are not those that the plan was made from. */
export function requireSameInputs({ loaded }: Runtime, plan: PlanFile): void {
  const { selected } = selectMigrations(loaded.migrations, plan.inputs.selected);
  const inputs: PlanInputs = { configDigest: loaded.configDigest, files: loaded.files, settings: loaded.settings, selected };
  refuseUnless(checkInputs(plan, systemClock.now(), inputs));
}

/**
 * Does what is left of a plan, and nothing else. Throws DiagnosticsError before anything is touched where the world is not what the
 * plan was made from (exit code of a refused plan), no window is open (of what is incomplete) or this machine cannot do it, and
 * LockHeldError where another process applies the same plan. How each migration ended is an outcome and no error, an abort too.
 */
export async function applySavedPlan(request: ApplyRequest): Promise<Applied> {
  const began = systemClock.monotonicMs();
  const { outcomes, close, ...done } = await workOn(request);
  const all = [...outcomes, ...(await leftOut(request, await request.runtime.state()))];
  const exit = exitAfter(all, request);
  await close?.(exit, all);
  return { ...done, outcomes: all, exit, seconds: (systemClock.monotonicMs() - began) / 1000 };
}

interface Worked extends Omit<Applied, 'seconds' | 'exit'> {
  /** Says in the journal how the run ended. */
  readonly close?: (exit: number, outcomes: readonly MigrationOutcome[]) => Promise<void>;
}

/** All that was left to do may be done although somebody said stop. */
function exitAfter(outcomes: readonly MigrationOutcome[], { signal, stoppedExit }: ApplyRequest): number {
  const code = exitOf(outcomes);
  return code === exitCodes.ok || !signal.aborted ? code : stoppedExit();
}

async function workOn(request: ApplyRequest): Promise<Worked> {
  const { runtime, plan, signal } = request;
  const known = await runtime.state();
  const migrations = leftOf(plan, runtime.loaded.migrations, await known.readPlanProgress(plan.plan.id));
  try {
    return await interruptible(signal, () => perform(request, migrations, known));
  } catch (error) {
    if (!isInterruption(error, signal)) throw error;
    return unbegun(request, migrations);
  }
}

/** Somebody said stop while it was looked whether the plan may be applied. */
function unbegun({ onOutcome }: ApplyRequest, migrations: readonly DesiredMigration[]): Worked {
  const outcomes = migrations.map(({ address }): MigrationOutcome => ({ address, result: 'not-started', diagnostics: [] }));
  for (const outcome of outcomes) onOutcome(outcome);
  return { outcomes, bytes: 0 };
}

async function perform(request: ApplyRequest, migrations: readonly DesiredMigration[], known: StateFolder): Promise<Worked> {
  const { runtime, plan, signal, onOutcome } = request;
  const closed = windowRefusal(migrations, systemClock.now());
  if (closed !== undefined) throw closed;
  const progress = await known.readPlanProgress(plan.plan.id);
  await requirePolicy(plan, {
    rules: rulesOf(runtime, request.trust),
    now: systemClock.now(),
    begun: [...(progress?.begun ?? []), ...(progress?.done ?? [])],
  });
  const providers = await runtime.providers(migrations);
  refuseUnless(checkTargets(plan, await runtime.identities()));
  const elsewhere = await heldElsewhere(migrations, known);
  await requireFresh(plan, { migrations, providers, state: known, elsewhere, limits: runtime.project.limits });
  await requirePrograms(plan, runtime.programs);
  const state = await known.prepare();
  await state.forgetOldRuns();
  await forgetOldLogs(state, systemClock.now());
  const run = newRunId();
  const tools = await runtime.tools(state, providers, { id: run, plan: plan.plan.id });
  await journalStart(tools.journal, { run, plan, invocation: request.invocation, folder: runtime.project.folder });
  let bytes = 0;
  const keep = journalEvents(tools.journal, tools.clock);
  const emit = (event: ApplyEvent): void => {
    if (event.type === 'disk-synced') bytes += event.bytes;
    keep(event);
    request.emit(event);
  };
  const work = {
    plan,
    state,
    desired: new Map(migrations.map((migration) => [migration.address, migration])),
    tools: { ...tools, emit, signal },
    parallelism: request.parallelism,
    onOutcome,
  };
  const outcomes = await withLogs(state.logsFolder(run), work).catch((error: unknown) =>
    journalFailure(tools.journal, request, error),
  );
  const close: Worked['close'] = (exit, all) => journalEnd(tools.journal, { exit, bytes, outcomes: all });
  return { outcomes, bytes, run, journal: state.journalPath(run), close };
}

/** What programs say is kept as long as that is possible; that it is not is told, and ends nothing. */
async function withLogs(folder: string, work: Parameters<typeof applyPlan>[0]): Promise<MigrationOutcome[]> {
  const { clock, emit } = work.tools;
  const onTrouble = (error: Error): void =>
    emit({ type: 'note', address: 'logs', text: `what programs say cannot be kept, and the work goes on: ${error.message}` });
  const logs = RunLogs.open({ folder, clock, onTrouble });
  try {
    return await loggedIn(logs, () => applyPlan(work));
  } finally {
    await logs.settled();
  }
}

/** What ended the run as a whole, before or beside its VMs. */
async function journalFailure(journal: Journal, { signal, stoppedExit }: ApplyRequest, error: unknown): Promise<never> {
  const exit = isInterruption(error, signal) ? stoppedExit() : exitOfError(error);
  await noteIn(journal, 'run-end', { exit, diagnostics: errorDiagnostics(error, '') ?? [], causes: causesOf(error) });
  throw error;
}

/**
 * How a run ends that was not interrupted. Where the last look refused the plan before anything was done, a new one is needed, as
 * where the first did; where all that is left is what others work on, waiting helps; else the same plan goes on.
 */
export function exitOf(outcomes: readonly MigrationOutcome[]): number {
  const results = [...new Set(outcomes.map(({ result }) => result))];
  const areAll = (...some: readonly MigrationResult[]): boolean => results.every((result) => some.includes(result));
  if (areAll('done')) return exitCodes.ok;
  if (areAll('done', 'locked')) return exitCodes.lockHeld;
  return results.includes('refused') && areAll('refused', 'blocked') ? exitCodes.planRefused : exitCodes.incomplete;
}

/** Tells each VM that is left out, and why, unless that was told already: whoever waits for it must learn it. */
export async function leftOut(
  { plan, isSaved, unapproved, onOutcome }: PlanUnderWay,
  state: StateFolder,
): Promise<MigrationOutcome[]> {
  const blocked = plan.migrations.filter(isBlocked);
  // A plan that was made in this very run found the volumes of such a VM in use: waiting helps, and a saved one stays as it is.
  const elsewhere = isSaved ? new Map<string, MigrationOutcome>() : await heldElsewhere(blocked, state);
  const outcomes = [...blocked.map((entry) => elsewhere.get(entry.address) ?? blockedOutcome(entry, isSaved)), ...unapproved];
  for (const outcome of outcomes) onOutcome(outcome);
  return outcomes;
}

function blockedOutcome({ address, diagnostics }: PlannedEntry, isSaved: boolean): MigrationOutcome {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return { address, result: 'blocked', diagnostics: isSaved ? errors : [] };
}

/**
 * All or nothing: one changed fact, or too little room for all together, refuses the whole plan before anything is touched. What another
 * run works on is not looked at: should that run end before this one comes to it, it is compared under its lock.
 */
async function requireFresh(plan: PlanFile, { migrations, providers, state, elsewhere, limits }: World): Promise<void> {
  const observed = await observe(migrations, providers, state);
  const now = systemClock.now();
  const planned = migrations.map((desired, index) => planAlone(desired, observed[index]!, { now }));
  const fresh = new Map(planned.map((one) => [one.desired.address, one]));
  const progress = await state.readPlanProgress(plan.plan.id);
  const isOurs = ({ address = '' }: Diagnostic): boolean => !elsewhere.has(address);
  refuseUnless(checkFacts(plan, fresh, progress).filter(isOurs));
  refuseUnless(checkCoverage(plan, fresh, progress).filter(isOurs));
  const ours = planned.filter(({ desired }) => !elsewhere.has(desired.address));
  refuseUnless(checkTogether(ours, { begun: new Set(progress?.begun), transfers: limits.transfers }));
}

interface World {
  readonly migrations: Runtime['loaded']['migrations'];
  readonly providers: Providers;
  readonly state: StateFolder;
  readonly elsewhere: ReadonlyMap<string, MigrationOutcome>;
  readonly limits: Runtime['project']['limits'];
}

function refuseUnless(diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics, { exit: exitCodes.planRefused });
}
