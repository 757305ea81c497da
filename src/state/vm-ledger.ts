import type { AttachmentId, RunId, SnapshotRef, VolumeId } from '../model/ids.js';
import type { LeftVm } from '../model/left.js';
import { own } from '../model/own.js';
import type { StateDocument } from './backend/state-backend.js';
import { inState } from './state-errors.js';

/** What a run holds of one VM, written before it is taken and struck out after it is given back. */
export interface LedgerEntries {
  readonly snapshots: readonly { readonly name: string; readonly ref?: SnapshotRef }[];
  /** Without an id: it may have been reserved, and the answer was lost. */
  readonly attachments: readonly {
    readonly volume: VolumeId;
    readonly id?: AttachmentId;
    /** Run that the volume's record named when we meant to take it; absent when it had no record. */
    readonly recordRun?: string;
  }[];
  /** Runs that began and have not reached their end. */
  readonly unfinishedRuns: readonly RunId[];
  /** Those of them whose end nobody saw, or would have seen here; '' for one that cannot be told. Absent: none. */
  readonly unseen?: readonly string[];
  /** Those of them that write through what is gone when their volume is taken away. Absent: none. */
  readonly withVolume?: readonly RunId[];
  /** By disk: the run that may write to its volume still, '' for one that cannot be told. Absent: none. */
  readonly doubted?: Readonly<Record<string, string>>;
  /** Of the run that began last: how often its lock had been taken, and the number that its records have. Absent: locks are not counted. */
  readonly counted?: Counted;
  /** Plan the newest unfinished run belongs to. */
  readonly plan?: string;
  readonly history: Readonly<Record<string, readonly SyncSample[]>>;
  readonly lastSync: Readonly<Record<string, string>>;
  /** What the last apply that was done with the VM left. Absent: none was, or what it left could not be read. */
  readonly left?: LeftVm;
}

/** One finished delta, newest first. `intervalSeconds`: since the sync before. */
export interface SyncSample {
  readonly bytes: number;
  readonly seconds: number;
  readonly intervalSeconds: number;
}

const HISTORY_MAX = 20;
export const emptyLedger: LedgerEntries = { snapshots: [], attachments: [], unfinishedRuns: [], history: {}, lastSync: {} };

/**
 * One VM's ledger: a small file rewritten durably at each change, so that what a killed run left behind is known to the
 * next one. Only the holder of the VM's lock writes.
 */
export interface VmLedger {
  read(): LedgerEntries;
  /** Before what counts is written elsewhere. Rejects with DiagnosticsError MP3032 where the lock of the VM was taken away. */
  requireLock(): Promise<void>;
  runBegins(run: RunId, plan: string, known?: Beginning): Promise<void>;
  /** What may have been written late to the disk is found, or cannot arrive any more. */
  doubtGone(disk: number): Promise<void>;
  runEnds(left?: LeftVm): Promise<void>;
  snapshotIntended(name: string): Promise<void>;
  snapshotTaken(name: string, ref: SnapshotRef): Promise<void>;
  snapshotGone(match: { readonly name?: string; readonly ref?: SnapshotRef }): Promise<void>;
  attachmentIntended(volume: VolumeId, recordRun: string | undefined): Promise<void>;
  attachmentTaken(volume: VolumeId, id: AttachmentId): Promise<void>;
  attachmentGone(volume: VolumeId): Promise<void>;
  synced(
    disk: number,
    sample: { readonly bytes: number; readonly seconds: number; readonly at: Date; readonly isDelta: boolean },
  ): Promise<void>;
}

export interface Counted {
  readonly number: number;
  readonly lease: number;
}

/** What is known of other runs when one begins: as in the entries, in whose place it comes. */
export interface Beginning {
  readonly doubted: Readonly<Record<string, string>>;
  readonly unseen: readonly string[];
  /** Of the run that begins: see `withVolume`. */
  readonly endsWithVolume: boolean;
  readonly counted?: Counted;
}

export const openVmLedger = async (document: StateDocument): Promise<VmLedger> =>
  new StoredLedger(await readLedger(document), (entries) => document.write(textOf(entries)), document.requireLock);

const textOf = (entries: LedgerEntries): string => `${JSON.stringify(entries, null, 2)}\n`;

export async function readLedger(document: StateDocument): Promise<LedgerEntries> {
  const text = await document.read();
  return text === undefined ? emptyLedger : inState(document.place, async () => asLedgerEntries(JSON.parse(text)));
}

/** What it says of runs left out; what estimates are made from stays, and what was left, which records of volumes prove outdated. */
export const withoutRuns = ({ history, lastSync, left }: LedgerEntries): LedgerEntries => ({
  ...emptyLedger,
  history,
  lastSync,
  ...(left === undefined ? {} : { left }),
});

const isTable = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): boolean => typeof value === 'string';
const isListOf = (value: unknown, isOne: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(isOne);
const isNamed =
  (field: string) =>
  (item: unknown): boolean =>
    isTable(item) && isText(own(item as Readonly<Record<string, unknown>>, field));

const isLeft = (value: LedgerEntries['left'] | null): boolean =>
  value === undefined ||
  (isTable(value) &&
    [value.run, value.plan, value.at].every(isText) &&
    isTable(value.things) &&
    Object.values(value.things).every(isTable));

const areDoubts = ({ unseen = [], withVolume = [], doubted = {}, counted = NEVER }: LedgerEntries): boolean =>
  isListOf(unseen, isText) &&
  isListOf(withVolume, isText) &&
  isTable(doubted) &&
  Object.values(doubted).every(isText) &&
  isTable(counted) &&
  [counted.number, counted.lease].every(Number.isSafeInteger);

const NEVER: Counted = { number: 0, lease: 0 };

/** What was found anew in the place of what runs had entered; estimates and doubts stay. Of a run that was not known nobody saw the end. */
export async function rebuilt(
  document: StateDocument,
  found: Pick<LedgerEntries, 'snapshots' | 'attachments' | 'unfinishedRuns'>,
): Promise<void> {
  const before = await readLedger(document);
  const { unfinishedRuns, unseen = [], doubted, counted, withVolume } = before;
  const isUnseen = (run: RunId): boolean => !unfinishedRuns.includes(run) || unseen.includes(run);
  const stillUnseen = [...unseen.filter((run) => run === ''), ...found.unfinishedRuns.filter(isUnseen)];
  const kept = {
    ...(doubted !== undefined && { doubted }),
    ...(counted !== undefined && { counted }),
    ...(withVolume !== undefined && { withVolume }),
  };
  await document.write(textOf({ ...withoutRuns(before), ...kept, ...found, unseen: stillUnseen }));
}

/** A ledger that comes from another place, as JSON: which of its runs went on there is not known here. */
export const fromElsewhere = (ledger: object): object => {
  const { unfinishedRuns, doubted } = ledger as Partial<LedgerEntries>;
  if (!Array.isArray(unfinishedRuns) || unfinishedRuns.length === 0) return ledger;
  return {
    ...ledger,
    unseen: unfinishedRuns,
    doubted: Object.fromEntries(Object.keys(Object(doubted)).map((disk) => [disk, ''])),
  };
};

/** The same, durably. */
export const forgetRuns = async (document: StateDocument): Promise<void> =>
  document.write(textOf(withoutRuns(await readLedger(document))));

function asLedgerEntries(value: unknown): LedgerEntries {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('it is not a ledger');
  const entries = { ...emptyLedger, ...(value as Partial<LedgerEntries>) };
  const { snapshots, attachments, unfinishedRuns, history, lastSync } = entries;
  const areHeld = isListOf(snapshots, isNamed('name')) && isListOf(attachments, isNamed('volume'));
  const isTimed = isTable(history) && isTable(lastSync) && Object.values(history).every((one) => isListOf(one, isTable));
  const isKnown = areHeld && isTimed && isListOf(unfinishedRuns, isText) && isLeft(entries.left) && areDoubts(entries);
  if (!isKnown) throw new SyntaxError('it is not a ledger');
  return entries;
}

type Edited = Partial<Omit<LedgerEntries, 'left'>> & { readonly left?: LeftVm | undefined };

/** The ledger over any store that makes a whole value durable. */
export class StoredLedger implements VmLedger {
  private writes: Promise<void> = Promise.resolve();
  constructor(
    private entries: LedgerEntries,
    private readonly store: (entries: LedgerEntries) => Promise<void>,
    readonly requireLock: () => Promise<void> = () => Promise.resolve(),
  ) {}

  read(): LedgerEntries {
    return this.entries;
  }

  /** Changes apply in order though disks work in parallel; each resolves when it is on disk. */
  private change(edit: (entries: LedgerEntries) => Edited): Promise<void> {
    const next = this.writes.then(async () => {
      const {
        left = undefined,
        unseen = [],
        withVolume = [],
        doubted = {},
        ...kept
      } = { ...this.entries, ...edit(this.entries) };
      this.entries = {
        ...kept,
        ...(left !== undefined && { left }),
        ...(unseen.length > 0 && { unseen }),
        ...(withVolume.length > 0 && { withVolume }),
        ...(Object.keys(doubted).length > 0 && { doubted }),
      };
      await this.store(this.entries);
    });
    this.writes = next.catch(() => undefined);
    return next;
  }

  runBegins(run: RunId, plan: string, known?: Beginning): Promise<void> {
    const { endsWithVolume = false, ...rest } = known ?? {};
    return this.change(({ unfinishedRuns, withVolume = [] }) => ({
      ...rest,
      ...{ unfinishedRuns: [...unfinishedRuns, run], plan, withVolume: [...withVolume, ...(endsWithVolume ? [run] : [])] },
    }));
  }
  doubtGone(disk: number): Promise<void> {
    return this.change(({ doubted }) => ({
      doubted: Object.fromEntries(Object.entries(doubted ?? {}).filter(([key]) => key !== String(disk))),
    }));
  }
  /** The VM reached what the plan asked and everything was given back: earlier tries are finished with it. */
  runEnds(left?: LeftVm): Promise<void> {
    return this.change(() => ({
      unfinishedRuns: [],
      snapshots: [],
      attachments: [],
      unseen: [],
      withVolume: [],
      doubted: {},
      left,
    }));
  }
  snapshotIntended(name: string): Promise<void> {
    return this.change(({ snapshots }) => ({ snapshots: [...snapshots, { name }] }));
  }
  snapshotTaken(name: string, ref: SnapshotRef): Promise<void> {
    return this.change(({ snapshots }) => ({
      snapshots: snapshots.map((entry) => (entry.name === name ? { name, ref } : entry)),
    }));
  }
  snapshotGone({ name, ref }: { readonly name?: string; readonly ref?: SnapshotRef }): Promise<void> {
    return this.change(({ snapshots }) => ({
      snapshots: snapshots.filter((entry) => !(entry.name === name || (ref !== undefined && entry.ref === ref))),
    }));
  }
  attachmentIntended(volume: VolumeId, recordRun: string | undefined): Promise<void> {
    const intended = { volume, ...(recordRun === undefined ? {} : { recordRun }) };
    return this.change(({ attachments }) => ({
      attachments: [...attachments.filter((entry) => entry.volume !== volume), intended],
    }));
  }
  attachmentTaken(volume: VolumeId, id: AttachmentId): Promise<void> {
    return this.change(({ attachments }) => ({
      attachments: attachments.map((entry) => (entry.volume === volume ? { volume, id } : entry)),
    }));
  }
  attachmentGone(volume: VolumeId): Promise<void> {
    return this.change(({ attachments }) => ({ attachments: attachments.filter((entry) => entry.volume !== volume) }));
  }
  synced(
    disk: number,
    { bytes, seconds, at, isDelta }: { bytes: number; seconds: number; at: Date; isDelta: boolean },
  ): Promise<void> {
    return this.change(({ history, lastSync }) => {
      const key = String(disk);
      const before = lastSync[key];
      const intervalSeconds = before === undefined ? 0 : (at.getTime() - Date.parse(before)) / 1000;
      // What follows a full copy is a first delta again, whatever came before a revert or a reset of tracking.
      const samples = isDelta ? [{ bytes, seconds, intervalSeconds }, ...(history[key] ?? [])].slice(0, HISTORY_MAX) : [];
      return { history: { ...history, [key]: samples }, lastSync: { ...lastSync, [key]: at.toISOString() } };
    });
  }
}
