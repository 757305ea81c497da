import { exists } from '../../host/files.js';
import type { StateBackend } from '../../state/backend/state-backend.js';
import { livenessOf, type ProcessIdentity } from '../../state/process-identity.js';
import { type IndexedRun, readRunIndex } from '../../state/run-index.js';
import type { StateFolder } from '../../state/state-folder.js';
import type { RunRecord, RunStatus } from './run-record.js';

/**
 * A run whose journal is not here, as the state that several machines see tells of it. Field names are public interface
 * (`runs list --json`), and mean what they do in RunRecord; what is not told is absent.
 */
export interface RunElsewhere extends Pick<RunRecord, 'run' | 'startedAt' | 'endedAt' | 'exit'> {
  /**
   * running: it is heard of, or its process is seen from here. killed: its process is gone from this machine. unknown: it has not told how it
   * ended, and nobody hears of it.
   */
  readonly status: RunStatus;
  readonly process: ProcessIdentity;
  readonly migplan: string;
  /** Of the project, on its host. */
  readonly folder: string;
  readonly plan: { readonly id: string };
  readonly bytes?: number;
  /** The first ones. */
  readonly vms: readonly { readonly address: string }[];
  /** VMs besides. */
  readonly more_vms: number;
}

/** The last one that was begun first. DiagnosticsError as the backend of the state throws it. */
export async function runsElsewhere(state: StateFolder): Promise<RunElsewhere[]> {
  const indexed = await readRunIndex(state.runIndex);
  const isHere = await Promise.all(indexed.map(({ run }) => exists(state.journalPath(run))));
  const others = indexed.filter((_run, at) => !isHere[at]);
  const heard = others.some(({ endedAt }) => endedAt === undefined) ? await runsHeardOf(state.backend) : new Set<string>();
  return Promise.all(others.map(async (run) => told(run, await statusOf(run, heard))));
}

const told = ({ plan, addresses, more, ...run }: IndexedRun, status: RunStatus): RunElsewhere => ({
  ...run,
  status,
  plan: { id: plan },
  vms: addresses.map((address) => ({ address })),
  more_vms: more,
});

/** A copy of this machine has its name: whether it was started again tells nothing. */
async function statusOf({ run, endedAt, process }: IndexedRun, heard: ReadonlySet<string>): Promise<RunStatus> {
  if (endedAt !== undefined) return 'ended';
  const liveness = await livenessOf(process);
  if (liveness === 'dead') return 'killed';
  return liveness === 'alive' || heard.has(run) ? 'running' : 'unknown';
}

/** Where holders of locks do not report, a lock that is held says nothing. */
async function runsHeardOf(backend: StateBackend): Promise<ReadonlySet<string>> {
  const listed = backend.hasLeases ? await backend.locks() : [];
  const heard = listed.filter(({ held: { lease } }) => lease !== undefined && lease.freeInMs === undefined);
  return new Set(heard.flatMap(({ held }) => /^apply (\w+)$/.exec(held.holder?.operation ?? '')?.[1] ?? []));
}
