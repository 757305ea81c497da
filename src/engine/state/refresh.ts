import { releaseLocks } from '../../apply/plan-locks.js';
import type { DesiredMigration } from '../../model/desired.js';
import { type RunId, runId } from '../../model/ids.js';
import type { ObservedMigration } from '../../model/observed.js';
import { isBegun } from '../../model/sync-record.js';
import type { Runtime } from '../../runtime.js';
import type { LocalState } from '../../state/local-state.js';
import { type HeldLock, LockHeldError } from '../../state/lock.js';
import { observe } from '../../state/observe.js';
import { decodeSnapshotOwner } from '../../state/snapshot-owner.js';
import type { StateFolder } from '../../state/state-folder.js';
import { emptyLedger, type LedgerEntries, rebuilt } from '../../state/vm-ledger.js';
import { requireLineage } from './documents.js';

/** What is known of one VM now. Field names are public interface. */
export interface RefreshedVm {
  readonly address: string;
  readonly snapshots: number;
  readonly attachments: number;
  readonly unfinished_runs: readonly string[];
  /** Of other states, as its volumes and snapshots carry them: nothing of theirs was entered. */
  readonly other_lineages: readonly string[];
}

export interface Refreshed {
  readonly place: string;
  readonly lineage: string;
  readonly vms: readonly RefreshedVm[];
}

export interface Refreshing {
  /** Of a state that was lost, whose runs count as this one's. A state that is empty takes its name. */
  readonly lineage?: string | undefined;
  readonly now: Date;
}

/**
 * Enters what vCenter and the volumes say of dead runs of this state, in place of what it knows of these VMs; how long deltas took stays.
 * DiagnosticsError MP3035: nothing is called as `lineage` says. LockHeldError: a run works on one of the VMs; the others are done.
 */
export async function refreshState(
  runtime: Pick<Runtime, 'providers' | 'state'>,
  migrations: readonly DesiredMigration[],
  { lineage, now }: Refreshing,
): Promise<Refreshed> {
  if (lineage !== undefined) requireLineage(lineage);
  const providers = await runtime.providers(migrations);
  const state = await (await runtime.state()).prepare(lineage);
  const { locks, held } = await takeAll(migrations, state, now);
  try {
    const free = migrations.filter(({ name }) => locks.has(name));
    const names = [...new Set([state.lineage, ...(lineage === undefined ? [] : [lineage])])];
    const seen = await Promise.all(names.map((name) => observe(free, providers, asSeenBy(state, name))));
    const vms: RefreshedVm[] = [];
    for (const [index, { address, name }] of free.entries()) {
      const observed = seen.map((one) => one[index]!);
      const found = heldOf(observed, await state.ledgerEntries(name));
      await rebuilt(state.ledger(name), found);
      vms.push({ address, ...toldOf(found), other_lineages: lineagesOf(observed[0]!).filter((one) => !names.includes(one)) });
    }
    if (held !== undefined) throw held;
    return { place: state.backend.place, lineage: state.lineage, vms };
  } finally {
    await releaseLocks(locks.values());
  }
}

/** Nothing of what was entered before: what is there shows. */
const asSeenBy = (state: StateFolder, lineage: string): LocalState => ({
  lineage,
  isShared: state.isShared,
  ledgerEntries: async () => emptyLedger,
  liveRuns: () => state.liveRuns(),
  runsWithOverlays: (name) => state.runsWithOverlays(name),
});

async function takeAll(migrations: readonly DesiredMigration[], state: StateFolder, now: Date) {
  const locks = new Map<string, HeldLock>();
  let held: LockHeldError | undefined;
  for (const { name } of migrations) {
    try {
      locks.set(name, await state.vmLock(name).take('refresh', now));
    } catch (error) {
      if (!(error instanceof LockHeldError)) {
        await releaseLocks(locks.values());
        throw error;
      }
      held ??= error;
    }
  }
  return { locks, held };
}

type Held = Pick<LedgerEntries, 'snapshots' | 'attachments' | 'unfinishedRuns'>;

const toldOf = ({ snapshots, attachments, unfinishedRuns }: Held) => ({
  snapshots: snapshots.length,
  attachments: attachments.length,
  unfinished_runs: unfinishedRuns,
});

/** Of the same VM, as seen by each lineage that counts. Of runs that were known those stay which a volume is in the middle of. */
function heldOf(seen: readonly ObservedMigration[], known: LedgerEntries): Held {
  const [{ source, volumes }] = seen as [ObservedMigration];
  const snapshots = source.kind === 'found' ? source.vm.snapshots : [];
  const ownSnapshots = new Set(seen.flatMap(({ local }) => local.ownSnapshots));
  const own = new Set<string>(seen.flatMap(({ local }) => local.ownAttachments));
  return {
    snapshots: snapshots.filter(({ ref }) => ownSnapshots.has(ref)).map(({ name, ref }) => ({ name, ref })),
    attachments: Object.values(volumes)
      .flat()
      .flatMap(({ id: volume, attachments }) => attachments.filter(({ id }) => own.has(id)).map(({ id }) => ({ volume, id }))),
    unfinishedRuns: [...new Set([...inTheMiddle(volumes, known), ...seen.flatMap(({ local }) => local.unfinishedRuns)])].map(
      (run): RunId => runId(run),
    ),
  };
}

function inTheMiddle(volumes: ObservedMigration['volumes'], { unfinishedRuns }: LedgerEntries): readonly RunId[] {
  const named = Object.values(volumes)
    .flat()
    .flatMap(({ reading }) => (reading.kind === 'record' && isBegun(reading.record.state) ? [reading.record.run] : []));
  return unfinishedRuns.filter((run) => named.includes(run));
}

function lineagesOf({ source, volumes }: ObservedMigration): string[] {
  const snapshots = source.kind === 'found' ? source.vm.snapshots : [];
  const found = [
    ...snapshots.flatMap(({ description }) => decodeSnapshotOwner(description)?.lineage ?? []),
    ...Object.values(volumes).flatMap((some) => some.flatMap(({ lineage }) => lineage ?? [])),
  ];
  return [...new Set(found)].filter((one) => one !== '').sort();
}
