import pLimit from 'p-limit';
import { LockHeldError, type LockHolder, mayLive } from '../lock.js';
import { FencedWrites } from './fenced-writes.js';
import { type HttpStateAddresses, StateAddresses } from './http-addresses.js';
import { HttpClient } from './http-client.js';
import { HttpDocuments } from './http-documents.js';
import { HttpExchange, type HttpExchangeOptions, READS_MAX } from './http-exchange.js';
import { HttpIndex } from './http-index.js';
import { lockable, nameable, named } from './http-index-content.js';
import { HttpLocks } from './http-locks.js';
import { PROJECT, type StateName, stateOf } from './http-names.js';
import { takeNoted } from './http-plan-lock.js';
import { damaged, locksNobodyOut } from './http-refusal.js';
import { Interfered, ShortLocks } from './http-short-lock.js';
import { withinCall } from './http-time.js';
import { whoHas } from './http-who-has.js';
import { HttpWriter } from './http-writer.js';
import type { DocumentKind, DocumentName, ListedLock, StateBackend, StateDocument, StateLock } from './state-backend.js';

export interface HttpBackendOptions extends HttpStateAddresses, HttpExchangeOptions {
  /** Default LOCK; GitLab: POST. */
  readonly lockMethod?: string;
  /** Default UNLOCK; GitLab: DELETE. */
  readonly unlockMethod?: string;
}

/**
 * A server that speaks the HTTP backend protocol of Terraform, such as GitLab: each document and its lock are one state of it. Nothing is
 * ever deleted: GitLab does that later, and not at all where there is a lock; what is removed is a state without a document.
 */
export class HttpBackend implements StateBackend {
  readonly type = 'http';
  readonly hasLeases = false;
  readonly place: string;
  private readonly fenced = new FencedWrites();
  private readonly exchange: HttpExchange;
  private readonly client: HttpClient;
  private readonly writer: HttpWriter;
  private readonly short: ShortLocks;
  private readonly index: HttpIndex;
  private readonly locked: HttpLocks;
  private readonly documents: HttpDocuments;
  private readonly clock: HttpBackendOptions['clock'];

  constructor(options: HttpBackendOptions) {
    const { lockMethod = 'LOCK', unlockMethod = 'UNLOCK', clock, userAgent } = options;
    const addresses = new StateAddresses(options);
    this.place = addresses.place;
    this.clock = clock;
    this.exchange = new HttpExchange(options);
    this.client = new HttpClient({ exchange: this.exchange, addresses, clock, lockMethod, unlockMethod });
    this.writer = new HttpWriter(this.client, clock);
    this.short = new ShortLocks(this.client, clock);
    this.index = new HttpIndex(this.client, this.writer, this.short, clock);
    const lost = (state: StateName): Error => this.lost(state);
    const { client, writer, short, index, fenced } = this;
    this.documents = new HttpDocuments({ client, writer, short, index, fenced, lost });
    this.locked = new HttpLocks({ client, writer, clock, version: versionIn(userAgent), lost });
  }

  lineage(): Promise<string> {
    return this.call(async () => {
      const lineage = await this.readLineage();
      if (lineage !== '' || (await this.index.isEmpty())) return lineage;
      return (await this.readLineage()) || this.projectIsGone();
    });
  }

  prepare(wanted?: string): Promise<string> {
    return this.call(async () => {
      const lineage = await this.lineage();
      if (lineage !== '') return lineage;
      await this.index.create();
      await this.short.under(PROJECT, (id) => this.begin(id, wanted));
      return this.readLineage();
    });
  }

  document(name: DocumentName): StateDocument {
    const state = stateOf(name);
    return {
      place: this.client.place('state', state),
      read: () => this.call(() => this.documents.read(name)),
      write: (text) => this.call(() => this.documents.write(name, JSON.parse(text) as object)),
      edit: (change) => this.call(() => this.documents.edit(name, change)),
      requireLock: () => this.call(() => this.requireLock(name)),
      remove: () => this.call(() => this.documents.remove(name)),
    };
  }

  lock(name: DocumentName): StateLock {
    const state = stateOf(name);
    return {
      place: this.locked.place(state),
      take: (operation, now) =>
        this.call(async () => {
          const taken = () => this.fenced.take(name, () => this.locked.take(state, operation, now));
          if (name.kind === 'plans') return takeNoted(this.index, name.name, taken);
          await this.index.add(name);
          return taken();
        }),
      holder: () =>
        this.call(async () => {
          const holder = await this.holder(name);
          return holder === undefined || !(await mayLive(holder)) ? undefined : holder;
        }),
    };
  }

  list(kind: DocumentKind): Promise<string[]> {
    return this.call(async () => {
      const found = await each(
        nameable(await this.index.look(), kind),
        async (name) => (await this.client.read(stateOf(name)))?.document && name.name,
      );
      return found.sort();
    });
  }

  locks(sought?: string): Promise<ListedLock[]> {
    return this.call(async () => {
      const content = await this.index.look();
      const found = await each(lockable(content), (of) => this.listed(of));
      if (sought === undefined || found.some(({ held }) => held.id === sought)) return found;
      return [...found, ...(await each(named(content), (of) => this.untold(of, sought)))];
    });
  }

  breakLock(name: DocumentName, id: string): Promise<boolean> {
    return this.break(name, id, false);
  }

  async removeDeadLocks(_now: Date): Promise<void> {
    for (const { of, held } of await this.locks())
      if (held.holder !== undefined && !(await mayLive(held.holder))) await this.break(of, held.holder.id, true);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.exchange.close();
  }

  private break(name: DocumentName, id: string, seen: boolean): Promise<boolean> {
    const whileHeld = (): Promise<void> => (name.kind === 'plans' ? this.index.lockEnds(name.name) : Promise.resolve());
    return this.call(() => this.locked.break(stateOf(name), id, { whileHeld, seen }));
  }

  private readonly call = <T>(work: () => Promise<T>): Promise<T> => withinCall(this.clock, work);

  private readonly lost = (state: StateName): Error =>
    this.fenced.lost({ kind: state.kind as DocumentKind, name: state.of }, this.locked.place(state));

  private readonly readLineage = async (): Promise<string> => (await this.client.read(PROJECT))?.lineage ?? '';

  /** Some servers answer 200 to whatever asks for a lock; Terraform believes them. */
  private async begin(id: string, lineage?: string): Promise<void> {
    if ((await whoHas(this.client, PROJECT)) === undefined) throw locksNobodyOut(this.client.place('lock', PROJECT));
    const change = { state: PROJECT, id, edit: () => ({}), isOurs: () => true, lost: () => new Interfered() };
    await this.writer.write({ ...change, ...(lineage && { lineage }) });
  }

  private projectIsGone(): never {
    throw damaged(this.client.place('state', PROJECT), 'is gone, though there are documents of its project');
  }

  private async holder(name: DocumentName): Promise<LockHolder | undefined> {
    return (await this.index.has(name)) ? this.locked.holder(stateOf(name)) : undefined;
  }

  private async requireLock(name: DocumentName): Promise<void> {
    const id = this.fenced.heldId(name);
    if (id === undefined || (await this.locked.isHeldBy(stateOf(name), id))) return;
    throw this.lost(stateOf(name));
  }

  private async listed(of: DocumentName): Promise<ListedLock | undefined> {
    const holder = await this.locked.holder(stateOf(of));
    return holder && { of, held: new LockHeldError(this.locked.place(stateOf(of)), holder) };
  }

  /** Of one that died in the moment of taking it, before it could tell who it is. */
  private async untold(of: DocumentName, id: string): Promise<ListedLock | undefined> {
    const told = await this.locked.whoHas(stateOf(of));
    return told?.id === id ? { of, held: new LockHeldError(this.locked.place(stateOf(of)), undefined, told) } : undefined;
  }
}

async function each<T>(names: readonly DocumentName[], work: (name: DocumentName) => Promise<T | undefined>): Promise<T[]> {
  const atATime = pLimit(READS_MAX);
  const found = await Promise.all(names.map((name) => atATime(() => work(name))));
  return found.filter((one) => one !== undefined);
}

const versionIn = (userAgent: string): string => userAgent.split('/')[1] ?? '';
