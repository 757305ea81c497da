import { readFile } from 'node:fs/promises';
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

const CONNECTIONS_MAX = 4;
const CONNECT_MS = 10_000;
const STATEMENT_MS = 20_000;
/** A server is started again in less; a wrong address is told soon. */
const PATIENCE_MS = { first: 5000, later: 90_000 };
const RETRY_MS_MAX = 4000;

/** A database, asked statement by statement: none depends on the connection, so a pooler between may give each another one. */
export class PgClient implements AsyncDisposable {
  private readonly pool: pg.Pool;
  private hasAnswered = false;

  private constructor(
    readonly place: string,
    config: pg.PoolConfig,
    private readonly clock: Clock,
  ) {
    this.pool = new pg.Pool(config);
    // A connection that ends while nobody uses it is opened again when it is needed.
    this.pool.on('error', () => undefined);
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
        max: CONNECTIONS_MAX,
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
   * pg says; `failure` makes a diagnostic of it.
   */
  async rows<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    const endMs = this.clock.monotonicMs() + (this.hasAnswered ? PATIENCE_MS.later : PATIENCE_MS.first);
    for (let waitMs = 200; ; waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)) {
      try {
        const { rows } = await this.pool.query<R>(text, [...values]);
        this.hasAnswered = true;
        return rows;
      } catch (error) {
        if (!isPassing(error) || this.clock.monotonicMs() + waitMs > endMs) throw error;
        await this.clock.sleep(waitMs);
      }
    }
  }

  /** The same, asked once: whoever asks again and again anyway learns soon that there is no answer. */
  async once<R extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<R[]> {
    return (await this.pool.query<R>(text, [...values])).rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
  }
}

async function readAuthorities(place: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw pgFailure(place, error, [`make ${path} readable, or name another file in spec.state.caFile`]);
  }
}
