import type { Wire } from '../../lab/estate/wire.js';
import type {
  DocumentKind,
  DocumentName,
  ListedLock,
  StateBackend,
  StateDocument,
  StateLock,
} from '../../src/state/backend/state-backend.js';
import type { HeldLock } from '../../src/state/lock.js';

/** A backend whose process may die before and after all that it asks of it; the dead ask for nothing any more, and give nothing back. */
export class MortalBackend implements StateBackend {
  readonly type: string;
  readonly place: string;
  readonly hasLeases: boolean;

  constructor(
    private readonly backend: StateBackend,
    private readonly wire: Wire,
  ) {
    this.type = backend.type;
    this.place = backend.place;
    this.hasLeases = backend.hasLeases;
  }

  lineage(): Promise<string> {
    return this.effect(() => this.backend.lineage());
  }

  prepare(lineage?: string): Promise<string> {
    return this.effect(() => this.backend.prepare(lineage));
  }

  document(name: DocumentName): StateDocument {
    const document = this.backend.document(name);
    return {
      place: document.place,
      read: () => this.effect(() => document.read()),
      write: (text) => this.effect(() => document.write(text)),
      edit: (change) => this.effect(() => document.edit(change)),
      requireLock: () => this.effect(() => document.requireLock()),
      remove: () => this.effect(() => document.remove()),
    };
  }

  lock(name: DocumentName): StateLock {
    const lock = this.backend.lock(name);
    return {
      place: lock.place,
      take: (operation, now) => this.effect(async () => this.mortal(await lock.take(operation, now))),
      holder: () => this.effect(() => lock.holder()),
    };
  }

  list(kind: DocumentKind): Promise<string[]> {
    return this.effect(() => this.backend.list(kind));
  }

  locks(): Promise<ListedLock[]> {
    return this.effect(() => this.backend.locks());
  }

  breakLock(name: DocumentName, id: string): Promise<boolean> {
    return this.effect(() => this.backend.breakLock(name, id));
  }

  removeDeadLocks(now: Date): Promise<void> {
    return this.effect(() => this.backend.removeDeadLocks(now));
  }

  /** Connections end with the process, however it ends. */
  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.backend[Symbol.asyncDispose]();
  }

  private mortal(lock: HeldLock): HeldLock {
    return { ...lock, [Symbol.asyncDispose]: () => this.effect(async () => lock[Symbol.asyncDispose]()) };
  }

  private async effect<T>(work: () => Promise<T>): Promise<T> {
    this.wire.moment();
    const result = await work();
    this.wire.moment();
    return result;
  }
}
