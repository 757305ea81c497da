import pLimit from 'p-limit';
import { own } from '../../model/own.js';
import type { LocalState } from '../../state/local-state.js';
import type { LedgerEntries } from '../../state/vm-ledger.js';

/** A delta that was copied, written and flushed. */
export interface DeltaSample {
  /** ISO time of its end. */
  readonly at: string;
  readonly bytes: number;
  readonly seconds: number;
}

/** What one disk has had copied since its last full copy, oldest first; the ledger keeps the last twenty. */
export interface DiskHistory {
  readonly vm: string;
  readonly disk: number;
  readonly deltas: readonly DeltaSample[];
}

const READ_AT_ONCE = 16;

/**
 * The deltas of these VMs that this machine knows of, from their ledgers. Reads, and changes nothing; empty where there is no state.
 * Throws DiagnosticsError when a ledger cannot be read.
 */
export async function deltaHistories(state: Pick<LocalState, 'ledgerEntries'>, names: readonly string[]): Promise<DiskHistory[]> {
  const slots = pLimit(READ_AT_ONCE);
  const read = await Promise.all(names.map((vm) => slots(async () => historiesOf(vm, await state.ledgerEntries(vm)))));
  return read.flat();
}

function historiesOf(vm: string, { history, lastSync }: LedgerEntries): DiskHistory[] {
  return Object.entries(history).flatMap(([disk, samples]) => {
    const deltas = timed(samples, Date.parse(own(lastSync, disk) ?? ''));
    return deltas.length === 0 ? [] : [{ vm, disk: Number(disk), deltas }];
  });
}

/** The ledger keeps how long after the one before each ended, and when the last one did. */
function timed(newestFirst: LedgerEntries['history'][string], lastMs: number): DeltaSample[] {
  if (Number.isNaN(lastMs)) return [];
  let atMs = lastMs;
  const deltas = newestFirst.map(({ bytes, seconds, intervalSeconds }) => {
    const at = new Date(atMs).toISOString();
    atMs -= intervalSeconds * 1000;
    return { at, bytes, seconds };
  });
  return deltas.reverse();
}
