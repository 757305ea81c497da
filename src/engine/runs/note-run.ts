import { systemClock } from '../../host/clock.js';
import { interruptible, untilInterrupted } from '../../host/interruption.js';
import { trace } from '../../host/trace.js';
import { ownIdentity } from '../../state/process-identity.js';
import { ADDRESSES_MAX, type IndexedRun, withRun } from '../../state/run-index.js';
import type { StateFolder } from '../../state/state-folder.js';
import { addressesOf, type StartedRun } from './journal-run.js';

/** How the run ended. */
export interface NotedEnd {
  readonly exit: number;
  /** Written to volumes. Absent: it was not counted. */
  readonly bytes?: number;
}

export interface RunNote {
  /** Never rejects; takes 10 seconds at most. */
  end(how: NotedEnd): Promise<void>;
}

const WAIT_MS_MAX = 10_000;

/** Nobody but this machine looks into its folder: there the journal says all. */
const noNote: RunNote = { end: async () => undefined };

/**
 * Tells the other machines that see the state of a run, twice: when it begins, and how it ended. That it cannot be told is traced, and
 * the run is none the worse: never rejects, and takes 10 seconds at most.
 */
export async function noteRun(state: StateFolder, started: StartedRun): Promise<RunNote> {
  if (!state.isShared) return noNote;
  const entry = await entryOf(started);
  await noted(state, entry);
  return { end: (how) => noted(state, { ...entry, endedAt: systemClock.now().toISOString(), ...how }) };
}

async function entryOf({ run, plan, invocation, folder }: StartedRun): Promise<IndexedRun> {
  const addresses = addressesOf(plan);
  return {
    run,
    plan: plan.plan.id,
    process: await ownIdentity(),
    folder,
    migplan: invocation.version,
    addresses: addresses.slice(0, ADDRESSES_MAX),
    more: Math.max(0, addresses.length - ADDRESSES_MAX),
    startedAt: systemClock.now().toISOString(),
  };
}

/** Whatever it waits for ends with its own time, and not because somebody said stop: how a run was stopped is told, too. */
async function noted({ runIndex }: StateFolder, entry: IndexedRun): Promise<void> {
  const late = AbortSignal.timeout(WAIT_MS_MAX);
  try {
    await untilInterrupted(
      interruptible(late, () => runIndex.edit(withRun(entry))),
      late,
    );
  } catch (error) {
    trace('warn', 'state', () => `run ${entry.run} could not be told in ${runIndex.place}: ${String(error)}`);
  }
}
