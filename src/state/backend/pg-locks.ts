import type { Clock } from '../../host/clock.js';
import { trace } from '../../host/trace.js';
import { type HeldLock, LockHeldError, type LockHolder, ownHolder } from '../lock.js';
import { LeaseKeeper, type LeaseTerms, termsOf } from './lease-keeper.js';
import { formerOf, holderOf, isDead, isForgotten, isUnheard, LeaseWatch, type StoredLock } from './lease-watch.js';
import type { Tables } from './pg-tables.js';
import type { DocumentName } from './state-backend.js';
import { Together } from './together.js';

/** A lock that this process wants. */
interface Asking extends DocumentName {
  readonly holder: LockHolder;
}

interface TakenRow extends DocumentName {
  /** A bigint, which pg leaves a text. */
  readonly number: string;
  readonly former: string | null;
}

interface Taken extends TakenRow {
  /** Monotonic, before it was asked for. */
  readonly askedMs: number;
}

export interface PgLockOptions {
  readonly tables: Tables;
  readonly project: string;
  readonly terms: LeaseTerms;
  readonly clock: Clock;
  readonly rows: <R extends object>(text: string, values: readonly unknown[]) => Promise<R[]>;
  /** Not repeated when it fails. */
  readonly once: <R extends object>(text: string, values: readonly unknown[]) => Promise<R[]>;
  readonly placeOf: (name: DocumentName) => string;
  readonly lost: (name: DocumentName) => Error;
  readonly unheard: () => Error;
}

export const NAMED = 'project = $1 AND kind = $2 AND name = $3';
/** Of several, by two lists. */
export const ONE_OF = 'project = $1 AND (kind, name) IN (SELECT * FROM unnest($2::text[], $3::text[]))';
export const placeKey = ({ kind, name }: DocumentName): string => `${kind}/${name}`;
const TOGETHER_MAX = 500;
const TRIES_MAX = 5;

/**
 * Locks as rows. Their holder reports that it lives; who was not heard of for the time of its lease loses it to a machine that has looked on
 * for a while itself. Times are those of the server, so that no machine's clock counts.
 */
export class PgLocks implements Disposable {
  private readonly keeper: LeaseKeeper;
  private readonly watch: LeaseWatch;
  private readonly takes = new Together<Asking, Taken | undefined>({
    nameOf: placeKey,
    answer: (asked) => this.takeTogether(asked),
    most: TOGETHER_MAX,
    late: (asked, taken) => void (taken && this.held(asked, taken)[Symbol.asyncDispose]()),
  });
  private readonly looks = new Together<DocumentName, StoredLock | undefined>({
    nameOf: placeKey,
    answer: (names) => this.lookTogether(names),
    most: TOGETHER_MAX,
  });

  constructor(private readonly options: PgLockOptions) {
    const { terms, clock, unheard } = options;
    this.watch = new LeaseWatch(clock);
    this.keeper = new LeaseKeeper({ terms, clock, unheard, report: (ids) => this.report(ids) });
  }

  async take(name: DocumentName, operation: string, now: Date): Promise<HeldLock> {
    await this.keeper.requireFence();
    const holder = await ownHolder(operation, now);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const lock = await this.tryTake({ ...name, holder });
      if (lock !== undefined) return lock;
      const other = await this.storedOf(name);
      if (other !== undefined) await this.requireGone(other);
    }
    throw new LockHeldError(this.options.placeOf(name), undefined);
  }

  /** Nothing could be reported for so long that all work under them has ended. */
  get areOver(): boolean {
    return this.keeper.isOver;
  }

  /** Who holds it, and was heard of lately. */
  async holder(name: DocumentName): Promise<LockHolder | undefined> {
    const held = await this.storedOf(name);
    if (held === undefined || isUnheard(held)) return undefined;
    return (await isDead(held)) ? undefined : holderOf(held);
  }

  /** All that somebody has. */
  stored(): Promise<StoredLock[]> {
    return this.storedWhere('project = $1', [this.options.project]);
  }

  storedOf(name: DocumentName): Promise<StoredLock | undefined> {
    return this.looks.ask(name);
  }

  private async lookTogether(names: readonly DocumentName[]): Promise<(StoredLock | undefined)[]> {
    const found = await this.storedWhere(ONE_OF, [
      this.options.project,
      names.map(({ kind }) => kind),
      names.map(({ name }) => name),
    ]);
    const byPlace = new Map(found.map((one) => [placeKey(one), one]));
    return names.map((name) => byPlace.get(placeKey(name)));
  }

  private storedWhere(where: string, values: readonly unknown[]): Promise<StoredLock[]> {
    const { tables, rows } = this.options;
    return rows<StoredLock>(
      `SELECT kind, name, id, holder, EXTRACT(EPOCH FROM heard)::text AS heard, lease_ms::float8 AS "leaseMs",
         (EXTRACT(EPOCH FROM now() - heard) * 1000)::float8 AS "heardMs"
       FROM ${tables.locks} WHERE ${where} AND id IS NOT NULL`,
      values,
    );
  }

  heldError(stored: StoredLock, freeInMs?: number): LockHeldError {
    const { id, heardMs } = stored;
    const lease = { heardMs, ...(freeInMs === undefined ? {} : { freeInMs }) };
    return new LockHeldError(this.options.placeOf(stored), holderOf(stored), { id }, lease);
  }

  /** As it stands there: of one that is not heard of, what whoever wants it would still look on for. */
  listed(stored: StoredLock): LockHeldError {
    return this.heldError(stored, isUnheard(stored) ? termsOf(stored.leaseMs).watchMs : undefined);
  }

  /** `unseen`: nobody saw the end of who holds it, and whoever comes next is told so. */
  async break(
    name: DocumentName,
    id: string,
    { unseen, heard }: { readonly unseen: boolean; readonly heard?: string },
  ): Promise<boolean> {
    const { tables, rows } = this.options;
    const former = unseen ? 'COALESCE(former, holder)' : 'former';
    const still = heard === undefined ? '' : ' AND EXTRACT(EPOCH FROM heard)::text = $5';
    const freed = await rows(
      `UPDATE ${tables.locks} SET id = NULL, holder = NULL, former = ${former} WHERE ${NAMED} AND id = $4${still} RETURNING number`,
      [...this.key(name), id, ...(heard === undefined ? [] : [heard])],
    );
    return freed.length > 0;
  }

  async removeDead(): Promise<void> {
    for (const stored of await this.stored()) {
      if (await isDead(stored)) await this.break(stored, stored.id, { unseen: false, heard: stored.heard });
      else if (isForgotten(stored)) await this.break(stored, stored.id, { unseen: true, heard: stored.heard });
    }
  }

  [Symbol.dispose](): void {
    this.keeper[Symbol.dispose]();
  }

  /** Resolves when its holder is nobody any more; LockHeldError otherwise. */
  private async requireGone(other: StoredLock): Promise<void> {
    if (await isDead(other)) {
      await this.break(other, other.id, { unseen: false, heard: other.heard });
      return;
    }
    if (!isUnheard(other)) throw this.heldError(other);
    const leftMs = this.watch.leftMs(other);
    if (leftMs > 0) throw this.heldError(other, leftMs);
    if (await this.break(other, other.id, { unseen: true, heard: other.heard }))
      trace('warn', 'state', () => `${this.options.placeOf(other)} was taken over: ${other.holder} was not heard of any more`);
  }

  private async tryTake(asked: Asking): Promise<HeldLock | undefined> {
    const taken = await this.takes.ask(asked);
    return taken && this.held(asked, taken);
  }

  /**
   * Asked twice by the same it is given once: the answer may have been lost. Rows are locked in one order, so that no two runs wait for each
   * other.
   */
  private async takeTogether(asked: readonly Asking[]): Promise<(Taken | undefined)[]> {
    const { tables, rows, clock, terms, project } = this.options;
    const askedMs = clock.monotonicMs();
    const taken = await rows<TakenRow>(
      `INSERT INTO ${tables.locks} AS kept (project, kind, name, number, id, holder, lease_ms)
       SELECT $1, kind, name, 1, id, holder, $6 FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS asked (kind, name, id, holder)
       ORDER BY kind, name
       ON CONFLICT (project, kind, name) DO UPDATE SET number = kept.number + 1, id = EXCLUDED.id, holder = EXCLUDED.holder,
         lease_ms = EXCLUDED.lease_ms, taken = now(), heard = now()
       WHERE kept.id IS NULL OR kept.id = EXCLUDED.id RETURNING kind, name, number, former`,
      [
        ...[project, asked.map(({ kind }) => kind), asked.map(({ name }) => name)],
        ...[asked.map(({ holder }) => holder.id), asked.map(({ holder }) => JSON.stringify(holder)), terms.leaseMs],
      ],
    );
    const byPlace = new Map(taken.map((one) => [placeKey(one), { ...one, askedMs }]));
    return asked.map((one) => byPlace.get(placeKey(one)));
  }

  private held(asked: Asking, { askedMs, number, former }: Taken): HeldLock {
    const { kind, name, holder } = asked;
    const lost = this.keeper.hold(holder.id, askedMs, () => this.options.lost({ kind, name }));
    let released: Promise<void> | undefined;
    const before = formerOf(former);
    return {
      holder,
      number: Number(number),
      lost,
      ...(before === undefined ? {} : { former: before }),
      settle: () => (before === undefined ? Promise.resolve() : this.settle(asked, holder.id)),
      [Symbol.asyncDispose]: () => {
        released ??= this.release(asked, holder.id);
        return released;
      },
    };
  }

  private async settle(name: DocumentName, id: string): Promise<void> {
    const { tables, rows } = this.options;
    await rows(`UPDATE ${tables.locks} SET former = NULL WHERE ${NAMED} AND id = $4`, [...this.key(name), id]);
  }

  /** What the run did counts, and how it ended is told; a lock that stays is told to whoever comes next, with the way to free it. */
  private async release(name: DocumentName, id: string): Promise<void> {
    const { tables, rows, placeOf } = this.options;
    await rows(`UPDATE ${tables.locks} SET id = NULL, holder = NULL WHERE ${NAMED} AND id = $4`, [...this.key(name), id]).catch(
      (error: unknown) => trace('warn', 'state', () => `${placeOf(name)} was not given back: ${String(error)}`),
    );
    this.keeper.drop(id);
  }

  private async report(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const { tables, once, project } = this.options;
    const held = await once<{ readonly id: string }>(
      `WITH mine AS (
         SELECT kind, name FROM ${tables.locks} WHERE project = $1 AND id = ANY($2::text[]) ORDER BY kind, name FOR NO KEY UPDATE)
       UPDATE ${tables.locks} AS kept SET heard = now() FROM mine
       WHERE kept.project = $1 AND kept.kind = mine.kind AND kept.name = mine.name RETURNING kept.id`,
      [project, ids],
    );
    return new Set(held.map(({ id }) => id));
  }

  private readonly key = ({ kind, name }: DocumentName): string[] => [this.options.project, kind, name];
}
