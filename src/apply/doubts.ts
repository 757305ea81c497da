import type { TargetProvider } from '../contracts/target-provider.js';
import type { DiskKey } from '../model/ids.js';
import { isBegun, type SyncRecord } from '../model/sync-record.js';
import type { Former, HeldLock } from '../state/lock.js';
import type { Beginning, VmLedger } from '../state/vm-ledger.js';
import type { ApplyContext, Doubt } from './handler.js';

interface Doubtable {
  readonly records: ReadonlyMap<DiskKey, SyncRecord>;
  readonly ledger: VmLedger;
  readonly target: TargetProvider;
}

/** A run that cannot be told, where one is named. */
const ANYBODY = '';

/**
 * Into which volumes somebody may write still, when a run begins. A record that says clean was written after its writer had ended; and a
 * volume that was taken away from it takes nothing from it.
 */
export function doubtsOf(lock: HeldLock, { records, ledger, target }: Doubtable): Map<DiskKey, Doubt> {
  if (target.releaseCutsOff) return new Map();
  const { doubted = {} } = ledger.read();
  const isOutdated = outdated(lock, { records, ledger });
  const doubts = [...records].flatMap(([disk, record]): [DiskKey, Doubt][] => {
    if (!isBegun(record.state)) return [];
    const kept = doubted[String(disk)];
    const writers = [
      ...(kept === undefined ? [] : [kept]),
      ...(lock.former === undefined ? [] : [runOf(lock.former)]),
      ...(isOutdated(record) ? [ANYBODY] : []),
    ];
    return writers.length === 0 ? [] : [[disk, isOnly(record, writers) ? 'writer' : 'anybody']];
  });
  return new Map(doubts);
}

/** Runs in between may have cut off one another, and not the one that nobody saw end. A merge goes on under the name of the run that began it. */
const isOnly = ({ run, state }: SyncRecord, writers: readonly string[]): boolean =>
  state.kind === 'dirty' && writers.every((writer) => writer === run);

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
  const { unfinishedRuns, unseen = [], counted } = ledger.read();
  // A lock that counted anew once stays behind the numbers of the volumes; what this state wrote itself is no reason to doubt.
  const known = counted !== undefined && number !== undefined && number > counted.number ? counted.lease : 0;
  const isBehind = number !== undefined && [...records.values()].some(({ lease = 0 }) => lease >= number && lease > known);
  const seen = new Set<string>(unfinishedRuns.filter((run) => !unseen.includes(run)));
  return ({ run }) => isBehind || !seen.has(run);
}

/** For the ledger, before anything is written that would hide them: a run that comes to no end leaves them to the next. */
export const doubtsToKeep = (
  { doubted, records, lease }: Pick<ApplyContext, 'doubted' | 'records' | 'lease'>,
  { number }: HeldLock,
): Beginning => ({
  doubted: Object.fromEntries([...doubted].map(([disk, doubt]) => [disk, doubt === 'writer' ? records.get(disk)!.run : ANYBODY])),
  ...(lease !== undefined && number !== undefined && { counted: { number, lease } }),
});

export async function doubtGone({ doubted, ledger }: ApplyContext, disk: DiskKey): Promise<void> {
  if (doubted.delete(disk)) await ledger.doubtGone(disk);
}
