import { randomUUID } from 'node:crypto';
import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import { FencedWrites, LockLostError } from './fenced-writes.js';
import { leasePreflight, termsOf } from './lease-keeper.js';
import { PgClient, type PgConnection } from './pg-client.js';
import { PgDocuments } from './pg-documents.js';
import { codeOf, isMadeMeanwhile, isUnmade, pgFailure } from './pg-errors.js';
import { PgLocks, placeKey } from './pg-locks.js';
import { lackingRights, makingSteps } from './pg-rights.js';
import { PG_VERSION, statementsOf, type Tables, tablesOf } from './pg-tables.js';
import type { DocumentKind, DocumentName, ListedLock, StateBackend, StateDocument, StateLock } from './state-backend.js';

export interface PgOptions extends PgConnection {
  /** Lower-case letters, digits and underscores; the tables are in it. */
  readonly schema: string;
  /** Several projects can be in one schema. */
  readonly project: string;
  /** Milliseconds; see LeaseTerms. */
  readonly leaseMs: number;
}

/**
 * Tables of a PostgreSQL database. A lock is a row and no session: it outlives a connection, a server that is started again and a pooler
 * in between, and a write under it asks for it in the same statement.
 */
export class PgBackend implements StateBackend {
  readonly type = 'pg';
  readonly hasLeases = true;
  readonly place: string;
  private readonly fenced = new FencedWrites();
  private readonly tables: Tables;
  private readonly schema: string;
  private readonly project: string;
  private readonly rowLocks: PgLocks;
  private readonly documents: PgDocuments;

  private constructor(
    private readonly client: PgClient,
    { schema, project, leaseMs, clock }: Pick<PgOptions, 'schema' | 'project' | 'leaseMs' | 'clock'>,
  ) {
    this.schema = schema;
    this.project = project;
    this.tables = tablesOf(schema);
    this.place = `${client.place}, schema ${schema}, project ${project}`;
    const terms = termsOf(leaseMs);
    const { tables, fenced, place } = this;
    const rows = <R extends object>(text: string, values: readonly unknown[]) => this.rows<R>(text, values);
    const lost = (name: DocumentName) => fenced.lost(name, this.lockPlace(name));
    this.rowLocks = new PgLocks({
      ...{ tables, project, terms, clock, rows, lost },
      once: (text, values) => client.once(text, values),
      placeOf: this.lockPlace,
      unheard: () => unheard(place, terms.fenceMs),
    });
    this.documents = new PgDocuments({ ...{ tables, project, place, rows, lost, fenced, clock }, locks: this.rowLocks });
  }

  static async open({ schema, project, leaseMs, ...connection }: PgOptions): Promise<PgBackend> {
    const { clock } = connection;
    return new PgBackend(await PgClient.open(connection), { schema, project, leaseMs, clock });
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
    return this.documents.document(name);
  }

  lock(name: DocumentName): StateLock {
    return {
      place: this.lockPlace(name),
      take: (operation, now) => this.fenced.take(name, () => this.rowLocks.take(name, operation, now)),
      holder: () => this.rowLocks.holder(name),
    };
  }

  list(kind: DocumentKind): Promise<string[]> {
    return this.documents.list(kind);
  }

  async locks(): Promise<ListedLock[]> {
    const stored = await this.rowLocks.stored();
    return stored
      .map((one) => ({ of: { kind: one.kind, name: one.name }, held: this.rowLocks.listed(one) }))
      .sort((a, b) => (placeKey(a.of) < placeKey(b.of) ? -1 : 1));
  }

  breakLock(name: DocumentName, id: string): Promise<boolean> {
    return this.rowLocks.break(name, id, { unseen: true });
  }

  removeDeadLocks(): Promise<void> {
    return this.rowLocks.removeDead();
  }

  async lacks(): Promise<Diagnostic[]> {
    const { schema, place } = this;
    const rows = <R extends object>(text: string, values: readonly unknown[]) => this.rows<R>(text, values);
    return [...(await leasePreflight()), ...(await lackingRights({ schema, place, rows }))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.rowLocks[Symbol.dispose]();
    await this.client[Symbol.asyncDispose]();
  }

  private async makeTables(): Promise<void> {
    // Who may not make schemas is refused one that is there, too.
    const [found] = await this.rows(`SELECT 1 AS found FROM pg_namespace WHERE nspname = $1`, [this.schema]);
    for (const statement of statementsOf(this.schema).slice(found === undefined ? 0 : 1)) {
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
    return makingSteps(this.schema);
  }

  /** Without tables there is nothing in them. Who has lost all it held waits for nobody: its work is over. */
  private async rows<R extends object>(text: string, values: readonly unknown[]): Promise<R[]> {
    try {
      return await this.client.rows<R>(text, values, () => !this.rowLocks.areOver);
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

  private readonly lockPlace = ({ kind, name }: DocumentName): string => `the lock of ${kind}/${name} in ${this.place}`;
}

const MAKING = /^(?:INSERT|WITH)/;

/** The work ended because nothing could be reported; what it was copying is stopped. */
const unheard = (place: string, ms: number): LockLostError =>
  new LockLostError([
    {
      severity: 'error',
      code: 'MP3037',
      detail: `${place}: for ${ms / 1000} s this run could not say that it lives, because it stood still or the server was away; it stopped before another run may take over`,
      nextSteps: [
        'see whether another run has taken over: migplan lock list',
        'if none has, run the same plan again: it goes on where this run stopped',
      ],
    },
  ]);
