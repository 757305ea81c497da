import type { Diagnostic } from '../../diag/diagnostic.js';
import type { HeldLock, LockHeldError, LockHolder } from '../lock.js';

/**
 * `vms`: the ledger of each VM. `plans`: how far each saved plan has come. `machine-types`: what was probed, by cloud. `run-index`: which
 * runs there were, on which machine (run-index.ts).
 */
export const documentKinds = ['vms', 'plans', 'machine-types', 'run-index'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** The name is whatever a manifest or a plan file says; each backend spells it so that it leads nowhere else. */
export interface DocumentName {
  readonly kind: DocumentKind;
  readonly name: string;
}

/** The one of its kind. */
export const RUN_INDEX: DocumentName = { kind: 'run-index', name: 'recent' };

/** undefined: there is none. */
export type DocumentEdit = (text: string | undefined) => string;

/** One document of the state. */
export interface StateDocument {
  /** Where it is, for people: without secrets, and exact enough to find it. */
  readonly place: string;
  /** What was written last, as JSON; its white space may be another. undefined when there is none. */
  read(): Promise<string | undefined>;
  /**
   * `text` is one JSON object. Durable when it resolves; never half of it. Where this process took the lock of the same name and somebody else took that away,
   * it is refused: DiagnosticsError MP3032, and what stands there stays.
   */
  write(text: string): Promise<void>;
  /**
   * Writes what `change` makes of what stands there, as JSON. Of many that do so at the same time no change is lost, and whoever dies
   * in the middle keeps nobody out for long. `change` may be asked again of what it has made already. Not for a document whose lock this
   * process has. DiagnosticsError MP3033 where others do not come to an end for half a minute; what `change` throws.
   */
  edit(change: DocumentEdit): Promise<void>;
  /** Nothing, where no lock of this name was taken by this process, or it has it still; else rejects as `write` does. */
  readonly requireLock: () => Promise<void>;
  /** Absent already: nothing. */
  remove(): Promise<void>;
}

/** Who may write the document of the same name, and work on what it is about. */
export interface StateLock {
  readonly place: string;
  /**
   * Ours when it resolves, for as long as this process lives or until it is given back. LockHeldError where somebody else has it; a
   * process of this machine that is gone is nobody.
   */
  take(operation: string, now: Date): Promise<HeldLock>;
  /** Who has it now. A process of another machine counts, because nobody can tell whether it is dead. */
  holder(): Promise<LockHolder | undefined>;
}

/** A lock that somebody has, dead or alive. */
export interface ListedLock {
  readonly of: DocumentName;
  readonly held: LockHeldError;
}

/**
 * Where a project keeps what every machine that works on it must know: a cache of what volumes and vCenter say, and the locks. Calls may
 * overlap. A backend that cannot be reached, refuses, or answers what is no state rejects with DiagnosticsError MP3013; each call ends
 * within two minutes. What belongs to one machine (journals, logs, overlays) is not in it.
 */
export interface StateBackend extends AsyncDisposable {
  readonly type: string;
  /** Where it is, for people: without secrets. */
  readonly place: string;
  /** Whoever holds a lock has to report that it lives: of one that is listed as heard of that is known, on whatever machine it is. */
  readonly hasLeases: boolean;
  /** Names this state; '' before the first apply. Snapshots carry it, so that a leftover is known as ours. */
  lineage(): Promise<string>;
  /**
   * Makes what is not there yet; resolves with the lineage: the one that is there, else `lineage`, else a new one. Of two that begin at
   * the same time both get the same.
   */
  prepare(lineage?: string): Promise<string>;
  document(name: DocumentName): StateDocument;
  lock(name: DocumentName): StateLock;
  /** Names of the documents of one kind, sorted. */
  list(kind: DocumentKind): Promise<string[]>;
  /**
   * Of `vms` and `plans`, sorted by kind and name. `sought`: an id of a lock that is found as well where only whoever asks for it by name is
   * told of it.
   */
  locks(sought?: string): Promise<ListedLock[]>;
  /**
   * Takes the lock away from whoever holds it with this id; false when nobody does (any more). Who it was taken from is refused its next
   * write.
   */
  breakLock(name: DocumentName, id: string): Promise<boolean>;
  /** What this machine or this login lacks for taking locks and writing documents. Absent: nothing can be told without doing it. */
  lacks?(): Promise<Diagnostic[]>;
  /** Locks that dead processes of this machine left. They lock nobody out; they only stand around. */
  removeDeadLocks(now: Date): Promise<void>;
}
