import { leftOf } from '../apply/check-plan.js';
import type { ApplyEvent } from '../apply/handler.js';
import { journalEvents } from '../apply/journal-events.js';
import type { MigrationOutcome } from '../apply/migration-outcome.js';
import type { Note } from '../apply/note.js';
import type { ApprovalRules } from '../apply/time-rules.js';
import { systemClock } from '../host/clock.js';
import { interruptible, isInterruption } from '../host/interruption.js';
import { newRunId } from '../host/random.js';
import type { DesiredMigration } from '../model/desired.js';
import type { RunId } from '../model/ids.js';
import type { TrustPolicy } from '../model/trust-policy.js';
import type { Runtime } from '../runtime.js';
import { forgetOldLogs } from '../state/old-logs.js';
import type { StateFolder } from '../state/state-folder.js';
import { exitAfter, type Stopping } from './exit-of-outcomes.js';
import { leftOut, type PlanUnderWay } from './left-out.js';
import { rulesOf, timeRulesOf } from './policy/judge-policy.js';
import { requireApplicable } from './require-applicable.js';
import { type Invocation, journalEnd, journalStart } from './runs/journal-run.js';
import { applyKeepingLogs, journalFailure } from './runs/keep-run.js';
import { noteRun } from './runs/note-run.js';

export interface ApplyRequest extends PlanUnderWay, Stopping {
  readonly runtime: Runtime;
  /** Migrations worked on at the same time. */
  readonly parallelism: number;
  /** How long other runs are waited for that hold locks of the plan or of its VMs. Default: not at all. */
  readonly lockTimeoutMs?: number;
  readonly invocation: Invocation;
  readonly emit: (event: ApplyEvent) => void;
  /** How the journal says a note. */
  readonly wordsOf: (note: Note) => string;
  /** The trust policy in force: its rules hold beside those of the Project. */
  readonly trust?: TrustPolicy | undefined;
  /** Whether a VM that was not begun is approved still. Absent: no policy asks for approvals. */
  readonly approvalRules?: ApprovalRules | undefined;
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
  const providers = await requireApplicable(plan, {
    runtime,
    migrations,
    state: known,
    trust: request.trust,
    parallelism: request.parallelism,
  });
  const state = await known.prepare();
  await state.forgetOldRuns();
  await forgetOldLogs(state, systemClock.now());
  const run = newRunId();
  const tools = await runtime.tools(state, providers, { id: run, plan: plan.plan.id });
  const started = { run, plan, invocation: request.invocation, folder: runtime.project.folder };
  await journalStart(tools.journal, started);
  const note = await noteRun(state, started);
  let bytes = 0;
  const keep = journalEvents(tools.journal, tools.clock, request.wordsOf);
  const emit = (event: ApplyEvent): void => {
    if (event.type === 'disk-synced') bytes += event.bytes;
    keep(event);
    request.emit(event);
  };
  const work = {
    plan,
    state,
    desired: new Map(migrations.map((migration) => [migration.address, migration])),
    tools: { ...tools, emit, signal, timeRules: timeRulesOf(plan, rulesOf(runtime, request.trust)) },
    parallelism: request.parallelism,
    lockTimeoutMs: request.lockTimeoutMs ?? 0,
    onOutcome,
    ...(request.approvalRules === undefined ? {} : { approvalRules: request.approvalRules }),
  };
  const outcomes = await applyKeepingLogs(state.logsFolder(run), work).catch((error: unknown) =>
    journalFailure({ journal: tools.journal, note }, request, error),
  );
  const close: Worked['close'] = async (exit, all) => {
    await journalEnd(tools.journal, { exit, bytes, outcomes: all });
    await note.end({ exit, bytes });
  };
  return { outcomes, bytes, run, journal: state.journalPath(run), close };
}
