import { randomUUID } from 'node:crypto';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { trace } from '../../host/trace.js';
import { asHolder, type HeldLock, isAlive, LockHeldError, type LockHolder, ownHolder } from '../lock.js';
import { FencedWrites } from './fenced-writes.js';
import { PgClient, type PgConnection } from './pg-client.js';
import { codeOf, isMadeMeanwhile, isUnmade, pgFailure } from './pg-errors.js';
import { PG_VERSION, statementsOf, type Tables, tablesOf } from './pg-tables.js';
import type { DocumentKind, DocumentName, ListedLock, StateBackend, StateDocument, StateLock } from './state-backend.js';

export interface PgOptions extends PgConnection {
  /** Lower-case letters, digits and underscores; the tables are in it. */
  readonly schema: string;
  /** Several projects can be in one schema. */
  readonly project: string;
}

interface StoredLock {
  readonly kind: DocumentKind;
  readonly name: string;
  readonly id: string;
  readonly holder: string;
}

const TRIES_MAX = 5;

/**
 * Tables of a PostgreSQL database. A lock is a row and no session: it outlives a connection, a server that is started again and a pooler
 * in between, and a write under it asks for it in the same statement.
 */
export class PgBackend implements StateBackend {
  readonly type = 'pg';
  readonly place: string;
  private readonly fenced = new FencedWrites();
  private readonly tables: Tables;

  private constructor(
    private readonly client: PgClient,
    private readonly schema: string,
    private readonly project: string,
  ) {
    this.tables = tablesOf(schema);
    this.place = `${client.place}, schema ${schema}, project ${project}`;
  }

  static async open({ schema, project, ...connection }: PgOptions): Promise<PgBackend> {
    return new PgBackend(await PgClient.open(connection), schema, project);
  }

  async lineage(): Promise<string> {
    const [row] = await this.rows<{ readonly version: number; readonly lineage: string }>(
      `SELECT version, lineage FROM ${this.tables.states} WHERE project = $1`,
      [this.project],
    );
    if (row !== undefined && row.version > PG_VERSION) throw this.newer(row.version);
    return row?.lineage ?? '';
  }

  async prepare(lineage?: string): Promise<string> {
    const before = await this.lineage();
    if (before !== '') return before;
    await this.makeTables();
    await this.rows(
      `INSERT INTO ${this.tables.states} (project, version, lineage) VALUES ($1, $2, $3) ON CONFLICT (project) DO NOTHING`,
      [this.project, PG_VERSION, lineage || randomUUID()],
    );
    return this.lineage();
  }

  document(name: DocumentName): StateDocument {
    return {
      place: `${this.place}: ${name.kind}/${name.name}`,
      read: () => this.read(name),
      write: (text) => this.write(name, text),
      requireLock: () => this.requireLock(name),
      remove: async () => {
        await this.rows(`DELETE FROM ${this.tables.documents} WHERE ${NAMED}`, this.key(name));
      },
    };
  }

  lock(name: DocumentName): StateLock {
    return {
      place: this.lockPlace(name),
      take: (operation, now) => this.fenced.take(name, () => this.take(name, operation, now)),
      holder: async () => {
        const [held] = await this.stored(name);
        const holder = held && asHolder(parsed(held.holder));
        return holder !== undefined && (await isAlive(holder)) ? holder : undefined;
      },
    };
  }

  async list(kind: DocumentKind): Promise<string[]> {
    const rows = await this.rows<{ readonly name: string }>(
      `SELECT name FROM ${this.tables.documents} WHERE project = $1 AND kind = $2`,
      [this.project, kind],
    );
    return rows.map(({ name }) => name).sort();
  }

  async locks(): Promise<ListedLock[]> {
    const stored = await this.stored();
    return stored
      .map((one) => ({ of: { kind: one.kind, name: one.name }, held: this.heldError(one) }))
      .sort((a, b) => (placeKey(a.of) < placeKey(b.of) ? -1 : 1));
  }

  async breakLock(name: DocumentName, id: string): Promise<boolean> {
    const freed = await this.rows(
      `UPDATE ${this.tables.locks} SET id = NULL, holder = NULL WHERE ${NAMED} AND id = $4 RETURNING number`,
      [...this.key(name), id],
    );
    return freed.length > 0;
  }

  async removeDeadLocks(): Promise<void> {
    for (const { kind, name, id, holder } of await this.stored()) {
      const known = asHolder(parsed(holder));
      if (known !== undefined && !(await isAlive(known))) await this.breakLock({ kind, name }, id);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.client[Symbol.asyncDispose]();
  }

  private async read(name: DocumentName): Promise<string | undefined> {
    const [row] = await this.rows<{ readonly body: string }>(
      `SELECT body FROM ${this.tables.documents} WHERE ${NAMED}`,
      this.key(name),
    );
    return row?.body;
  }

  /** The lock's row stays locked until the statement is done: nobody takes it away in between. */
  private async write(name: DocumentName, text: string): Promise<void> {
    const id = this.fenced.heldId(name);
    const { documents, locks } = this.tables;
    const allowed = id === undefined ? 'SELECT 1' : `SELECT 1 FROM ${locks} WHERE ${NAMED} AND id = $5 FOR SHARE`;
    const written = await this.rows(
      `WITH allowed AS (${allowed})
       INSERT INTO ${documents} AS kept (project, kind, name, serial, body) SELECT $1, $2, $3, 1, $4 FROM allowed
       ON CONFLICT (project, kind, name) DO UPDATE SET serial = kept.serial + 1, body = EXCLUDED.body, written = now()
       RETURNING serial`,
      [...this.key(name), text, ...(id === undefined ? [] : [id])],
    );
    if (written.length === 0) throw this.fenced.lost(name, this.lockPlace(name));
  }

  private async requireLock(name: DocumentName): Promise<void> {
    const id = this.fenced.heldId(name);
    if (id === undefined) return;
    const [held] = await this.stored(name);
    if (held?.id !== id) throw this.fenced.lost(name, this.lockPlace(name));
  }

  private async take(name: DocumentName, operation: string, now: Date): Promise<HeldLock> {
    const holder = await ownHolder(operation, now);
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      if (await this.tryTake(name, holder)) return { holder, [Symbol.asyncDispose]: () => this.release(name, holder.id) };
      const [other] = await this.stored(name);
      if (other === undefined) continue;
      const known = asHolder(parsed(other.holder));
      if (known === undefined || (await isAlive(known))) throw this.heldError(other);
      await this.breakLock(name, other.id);
    }
    throw new LockHeldError(this.lockPlace(name), undefined);
  }

  /** What the run did counts, and how it ended is told; a lock that stays is told to whoever comes next, with the way to free it. */
  private async release(name: DocumentName, id: string): Promise<void> {
    await this.breakLock(name, id).catch((error: unknown) =>
      trace('warn', 'state', () => `${this.lockPlace(name)} was not given back: ${String(error)}`),
    );
  }

  /** Asked twice by the same it is given once: the answer may have been lost. */
  private async tryTake(name: DocumentName, holder: LockHolder): Promise<boolean> {
    const taken = await this.rows(
      `INSERT INTO ${this.tables.locks} AS kept (project, kind, name, number, id, holder) VALUES ($1, $2, $3, 1, $4, $5)
       ON CONFLICT (project, kind, name) DO UPDATE SET number = kept.number + 1, id = EXCLUDED.id, holder = EXCLUDED.holder, taken = now()
       WHERE kept.id IS NULL OR kept.id = EXCLUDED.id RETURNING number`,
      [...this.key(name), holder.id, JSON.stringify(holder)],
    );
    return taken.length > 0;
  }

  private stored(name?: DocumentName): Promise<StoredLock[]> {
    const where = name === undefined ? 'project = $1' : NAMED;
    return this.rows<StoredLock>(
      `SELECT kind, name, id, holder FROM ${this.tables.locks} WHERE ${where} AND id IS NOT NULL`,
      name === undefined ? [this.project] : this.key(name),
    );
  }

  private heldError({ kind, name, id, holder }: StoredLock): LockHeldError {
    return new LockHeldError(this.lockPlace({ kind, name }), asHolder(parsed(holder)), { id });
  }

  private async makeTables(): Promise<void> {
    for (const statement of statementsOf(this.schema)) {
      try {
        await this.client.rows(statement);
      } catch (error) {
        if (isMadeMeanwhile(error)) continue;
        if (await this.isMade()) return;
        throw pgFailure(this.place, error, this.stepsOf(error));
      }
    }
  }

  /** Whoever may not make tables may use those that are there. */
  private isMade(): Promise<boolean> {
    return this.client.rows(`SELECT 1 FROM ${this.tables.states}, ${this.tables.documents}, ${this.tables.locks} LIMIT 1`).then(
      () => true,
      () => false,
    );
  }

  private stepsOf(error: unknown): readonly string[] {
    if (codeOf(error) !== '42501') return [];
    return [
      `let an administrator of the database run: ${statementsOf(this.schema).join('; ')};`,
      `and: GRANT USAGE ON SCHEMA "${this.schema}" TO the user; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${this.schema}" TO the user;`,
    ];
  }

  /** Without tables there is nothing in them. */
  private async rows<R extends object>(text: string, values: readonly unknown[]): Promise<R[]> {
    try {
      return await this.client.rows<R>(text, values);
    } catch (error) {
      if (isUnmade(error) && !MAKING.test(text)) return [];
      throw pgFailure(this.place, error);
    }
  }

  private newer(version: number): DiagnosticsError {
    return new DiagnosticsError([
      {
        severity: 'error',
        code: 'MP3033',
        detail: `${this.place}: the state has layout ${version}, and this version of migplan knows ${PG_VERSION}`,
        nextSteps: ['use the version of migplan that the others use'],
      },
    ]);
  }

  private readonly key = ({ kind, name }: DocumentName): string[] => [this.project, kind, name];
  private readonly lockPlace = ({ kind, name }: DocumentName): string => `the lock of ${kind}/${name} in ${this.place}`;
}

const MAKING = /^(?:INSERT|WITH)/;
const NAMED = 'project = $1 AND kind = $2 AND name = $3';
const placeKey = ({ kind, name }: DocumentName): string => `${kind}/${name}`;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
