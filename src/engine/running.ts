import type { DesiredMigration } from '../model/desired.js';
import type { ActionKind } from '../plan/core/action.js';
import type { LockHolder } from '../state/lock.js';
import { livenessOf } from '../state/process-identity.js';
import type { StateFolder } from '../state/state-folder.js';
import { readRun } from './runs/read-runs.js';
import type { DiskRun, RunRecord, VmRun } from './runs/run-record.js';

/** A VM that a process works on now, as its lock and the journal of its run tell it. Field names are public interface. */
export interface RunningStatus {
  readonly address: string;
  /** Such as `apply RUN`. */
  readonly operation: string;
  readonly who: string;
  readonly host: string;
  readonly pid: number;
  /** ISO time. */
  readonly since: string;
  /** false: it is on another machine or in another container, and nobody can tell from here whether it lives. */
  readonly isSeen: boolean;
  /** What of an apply is being done. Absent: it waits for its turn, or is no apply. */
  readonly step?: { readonly kind: ActionKind; readonly since: string; readonly stage?: string; readonly percent?: number };
  /** Disks that are being copied, or were in this step. */
  readonly copies?: readonly CopyStatus[];
}

export interface CopyStatus {
  readonly disk: number;
  readonly isDone: boolean;
  readonly bytesDone?: number;
  readonly bytesTotal?: number;
  /** ISO time: when it was so far. */
  readonly at?: string;
}

/** Who works on which of these VMs now, as far as the locks of this machine tell. */
export async function runningOf(migrations: readonly DesiredMigration[], state: StateFolder): Promise<RunningStatus[]> {
  const runs = new Map<string, Promise<VmsOfRun>>();
  const runOf = (operation: string): Promise<VmsOfRun> | undefined => {
    const name = /^apply (\w+)$/.exec(operation)?.[1];
    if (name === undefined) return undefined;
    const run = runs.get(name) ?? readRun(state, name).then(vmsOf);
    runs.set(name, run);
    return run;
  };
  const found = await Promise.all(
    migrations.map(async ({ address, name }) => {
      const holder = await state.vmLock(name).holder();
      return holder === undefined ? undefined : runningStatus(address, holder, await runOf(holder.operation));
    }),
  );
  return found.filter((one) => one !== undefined);
}

/** What a run does with each of its VMs, by address. */
type VmsOfRun = ReadonlyMap<string, VmRun>;

const vmsOf = (run: RunRecord | undefined): VmsOfRun => new Map(run?.vms.map((vm) => [vm.address, vm]));

async function runningStatus(address: string, holder: LockHolder, run: VmsOfRun | undefined): Promise<RunningStatus> {
  const { operation, who, host, pid, since } = holder;
  const isSeen = (await livenessOf(holder)) === 'alive';
  return { address, operation, who, host, pid, since, isSeen, ...progressOf(run?.get(address)) };
}

function progressOf(vm: VmRun | undefined): Pick<RunningStatus, 'step' | 'copies'> {
  const last = vm?.steps.at(-1);
  if (last === undefined) return {};
  const { kind, startedAt: since, disks, stages } = last;
  const stage = stages.at(-1);
  return {
    step: { kind, since, ...(stage !== undefined && { stage: stage.stage, percent: stage.percent }) },
    ...(disks.length > 0 && { copies: disks.map(copyOf) }),
  };
}

function copyOf({ disk, endedAt, progress }: DiskRun): CopyStatus {
  const last = progress.at(-1);
  return { disk, isDone: endedAt !== undefined, ...last };
}
