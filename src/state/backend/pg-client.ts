import { readFile } from 'node:fs/promises';
import pLimit from 'p-limit';
import pg from 'pg';
import type { Clock } from '../../host/clock.js';
import type { Secret } from '../../host/secret.js';
import { isPassing, pgFailure } from './pg-errors.js';
import type { PgAddress } from './pg-url.js';

export interface PgConnection {
  readonly address: PgAddress;
  /** Stronger than one in the URL. */
  readonly password?: Secret;
  /** Absolute; absent: what Node.js trusts. */
  readonly caFile?: string;
  readonly clock: Clock;
}

/** Reports that this run lives have a connection of their own: what everything else waits for must not hold them up. */
const CONNECTIONS_MAX = { work: 3, reports: 1 };
const CONNECT_MS = 10_000;
const STATEMENT_MS = 20_000;
/** A server is started again in less; a wrong address is told soon. */
const PATIENCE_MS = { first: 5000, later: 90_000 };
const RETRY_MS_MAX = 4000;

/** A database, asked statement by statement: none depends on the connection, so a pooler between may give each another one. */
export class PgClient implements AsyncDisposable {
  private readonly work: pg.Pool;
  private readonly reports: pg.Pool;
  /** Who waits for a turn has not begun to connect: the pool would count it as that. */
  private readonly turns = pLimit(CONNECTIONS_MAX.work);
  private hasAnswered = false;

  private constructor(
    readonly place: string,
    config: pg.PoolConfig,
    private readonly clock: Clock,
  ) {
    this.work = poolOf({ ...config, max: CONNECTIONS_MAX.work });
    this.reports = poolOf({ ...config, max: CONNECTIONS_MAX.reports });
  }

  static async open({ address, password = address.password, caFile, clock }: PgConnection): Promise<PgClient> {
    const { host, port, user, database, tls } = address;
    const place = `PostgreSQL ${host}${host.startsWith('/') ? '' : `:${port}`}/${database}`;
    const ca = caFile === undefined ? {} : { ca: await readAuthorities(place, caFile) };
    return new PgClient(
      place,
      {
        host,
        port,
        database,
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password: () => password.reveal() }),
        ssl: tls ? { ...ca, rejectUnauthorized: true } : false,
        application_name: 'migplan',
        connectionTimeoutMillis: CONNECT_MS,
        // Of ours and not of the server's: what a pooler does not know at the start of a connection it refuses.
        query_timeout: STATEMENT_MS,
        keepAlive: true,
        allowExitOnIdle: true,
      },
      clock,
    );
  }

  /**
   * Rows of one statement. It may be carried out twice: what is asked once more after a lost answer must do no harm. Rejects with what
   * pg says; `failure` makes a diagnostic of it. `waits`: asked after each failure, whether a server that is away is worth waiting for.
   */
  async rows<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = [], waits = () => true): Promise<R[]> {
    const endMs = this.clock.monotonicMs() + (this.hasAnswered ? PATIENCE_MS.later : PATIENCE_MS.first);
    for (let waitMs = 200; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        const { rows } = await this.turns(() => this.work.query<R>(text, [...values]));
        this.hasAnswered = true;
        return rows;
      } catch (error) {
        if (!isPassing(error) || !waits() || this.clock.monotonicMs() + waitMs > endMs) throw error;
        await this.clock.sleep(waitMs);
      }
    }
  }

  /**
   * The same, asked once, and not behind what else is asked: whoever reports again and again learns soon that there is no answer. Only one
   * at a time.
   */
  async once<R extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<R[]> {
    return (await this.reports.query<R>(text, [...values])).rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pool of [this.work, this.reports]) if (!pool.ending) await pool.end();
  }
}

function poolOf(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  // A connection that ends while nobody uses it is opened again when it is needed.
  pool.on('error', () => undefined);
  return pool;
}

async function readAuthorities(place: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw pgFailure(place, error, [`make ${path} readable, or name another file in spec.state.caFile`]);
  }
}
