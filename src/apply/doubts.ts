import type { TargetProvider } from '../contracts/target-provider.js';
import type { DiskKey, VolumeId } from '../model/ids.js';
import { isBegun, type SyncRecord } from '../model/sync-record.js';
import type { Former, HeldLock } from '../state/lock.js';
import type { Beginning, VmLedger } from '../state/vm-ledger.js';
import type { ApplyContext, Doubt } from './handler.js';

interface Doubtable {
  readonly volumes: ReadonlyMap<DiskKey, VolumeId>;
  readonly records: ReadonlyMap<DiskKey, SyncRecord>;
  readonly ledger: VmLedger;
  readonly target: TargetProvider;
  /** Disks that are about to be copied. */
  readonly synced: ReadonlySet<DiskKey>;
}

/** A run that cannot be told, where one is named. */
const ANYBODY = '';

/** Into which volumes somebody may write still, when a run begins. A record that says clean was written after its writer had ended. */
export function doubtsOf(lock: HeldLock, known: Doubtable): Map<DiskKey, Doubt> {
  const writersOf = writersFor(lock, known);
  return new Map(
    [...known.volumes.keys()].flatMap((disk): [DiskKey, Doubt][] => {
      const record = known.records.get(disk);
      if (record !== undefined && !isBegun(record.state)) return [];
      const writers = writersOf(disk, record);
      return writers.length === 0 ? [] : [[disk, isOnly(record, writers) ? 'writer' : 'anybody']];
    }),
  );
}

/** Runs in between may have cut off one another, and not the one that nobody saw end. A merge goes on under the name of the run that began it. */
const isOnly = (record: SyncRecord | undefined, writers: readonly string[]): boolean =>
  record?.state.kind === 'dirty' && writers.every((writer) => writer === record.run);

/** Runs that may be alive and write to the volume of a disk, whatever its record says, or though it cannot be read. */
function writersFor(lock: HeldLock, known: Doubtable): (disk: DiskKey, record: SyncRecord | undefined) => string[] {
  const { ledger, target, synced } = known;
  const { doubted = {}, unseen = [], withVolume = [], unfinishedRuns } = ledger.read();
  const former = lock.former === undefined ? [] : [runOf(lock.former)];
  const isOutdated = outdated(lock, known);
  // What such a run had open goes with its volume when that is taken away, as it is before anything is written. One that never entered itself
  // had nothing open: a record that says otherwise is of a state that is outdated.
  const isCutOff = (run: string): boolean =>
    target.releaseCutsOff &&
    run !== ANYBODY &&
    (withVolume.some((one) => one === run) || !unfinishedRuns.some((one) => one === run));
  return (disk, record) => {
    const kept = doubted[String(disk)];
    if (record === undefined) return kept !== undefined || former.length > 0 || unseen.length > 0 ? [ANYBODY] : [];
    const isUnseen = unseen.includes(ANYBODY) || (unseen.some((run) => run === record.run) && !isCutOff(record.run));
    // Who went on with a merge under a state that was put back since has left no trace.
    const isMergedByOthers = record.state.kind === 'committing' && synced.has(disk);
    const named = kept === undefined ? former : [kept, ...former];
    const others = (kept === undefined && isUnseen) || isOutdated(record) || isMergedByOthers;
    return [...named.filter((run) => !isCutOff(run)), ...(others ? [ANYBODY] : [])];
  };
}

const runOf = (former: Former): string =>
  (former === 'unknown' ? undefined : /^apply (\w+)$/.exec(former.operation)?.[1]) ?? ANYBODY;

/**
 * Whether the state is not the one under which a record was written: it counts lower than the volumes, or does not know whose writing it
 * was. It was put back then, or is another one, and of who worked on the VM since nothing is known.
 */
function outdated(
  { number }: HeldLock,
  { records, ledger }: Pick<Doubtable, 'records' | 'ledger'>,
): (record: SyncRecord) => boolean {
  const { unfinishedRuns, counted } = ledger.read();
  // A lock that counted anew once stays behind the numbers of the volumes; what this state wrote itself is no reason to doubt.
  const known = counted !== undefined && number !== undefined && number > counted.number ? counted.lease : 0;
  const isBehind = number !== undefined && [...records.values()].some(({ lease = 0 }) => lease >= number && lease > known);
  const entered = new Set<string>(unfinishedRuns);
  return ({ run }) => isBehind || !entered.has(run);
}

/**
 * For the ledger, before anything is written that would hide them: a run that comes to no end leaves them to the next. What this run does
 * not see, because the manifest names another target or VM by now, stays as it was.
 */
export function doubtsToKeep(
  { doubted, records, lease, ledger, target }: Pick<ApplyContext, 'doubted' | 'records' | 'lease' | 'ledger' | 'target'>,
  { number, former }: HeldLock,
): Beginning {
  const { doubted: kept = {}, unseen = [] } = ledger.read();
  const over = new Set([...records].filter(([, { state }]) => !isBegun(state)).map(([disk]) => String(disk)));
  const found = [...doubted].map(([disk, doubt]): [string, string] => [
    String(disk),
    doubt === 'writer' ? records.get(disk)!.run : ANYBODY,
  ]);
  return {
    doubted: Object.fromEntries([...Object.entries(kept).filter(([disk]) => !over.has(disk)), ...found]),
    unseen: [...new Set([...unseen, ...(former === undefined ? [] : [runOf(former)])])],
    endsWithVolume: target.releaseCutsOff,
    ...(lease !== undefined && number !== undefined && { counted: { number, lease } }),
  };
}

export async function doubtGone({ doubted, ledger }: ApplyContext, disk: DiskKey): Promise<void> {
  if (doubted.delete(disk)) await ledger.doubtGone(disk);
}
