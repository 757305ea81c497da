import { hostname } from 'node:os';
import pg from 'pg';
import { type Postgres, startPostgres } from '../../lab/postgres/index.js';
import { parsePgUrl } from '../../src/state/backend/pg-url.js';
import type { Station } from './story.js';

/** A PostgreSQL for all worlds whose stations share their state; started when the first of them needs it. */
export class SharedStates implements AsyncDisposable {
  private started: Promise<{ readonly server: Postgres; readonly pool: pg.Pool }> | undefined;
  private worlds = 0;

  async open(): Promise<SharedState> {
    this.started ??= start();
    const { server, pool } = await this.started;
    return new SharedState(server.url, `world-${++this.worlds}`, pool);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = await this.started;
    await started?.pool.end();
    await started?.server.close();
  }
}

async function start() {
  const server = await startPostgres();
  const { host, port, user, database } = parsePgUrl(server.url);
  const pool = new pg.Pool({ host, port, database, ...(user !== undefined && { user }), max: 1 });
  // A connection that is being closed may still hear that its server ends.
  pool.on('error', () => undefined);
  return { server, pool };
}

/**
 * The state of one world, in tables that the program makes itself. All stations are this one process, so that what a lock says of its holder is changed:
 * a station sees the dead of its own machine as dead, and those of the other one as somebody of whom nobody knows.
 */
export class SharedState {
  /** '' before the first apply. */
  lineage = '';

  constructor(
    readonly url: string,
    readonly project: string,
    private readonly pool: pg.Pool,
  ) {}

  /** Before a command of this station. */
  async enter(at: Station): Promise<void> {
    await this.rewrite(`'{"host": "${hostname()}"}'`, `holder::jsonb ->> 'host' = 'station-${at}'`);
  }

  /** After it: whoever holds a lock by now is dead. Resolves with what the command itself left. */
  async leave(at: Station): Promise<string[]> {
    const left = await this.rows<{ readonly name: string }>(
      `SELECT kind || '/' || name AS name FROM migplan.locks WHERE project = $1 AND id IS NOT NULL AND ${HERE} AND holder::jsonb ->> 'startedTicks' <> '1'`,
    );
    await this.rewrite(`'{"host": "station-${at}", "startedTicks": "1"}'`, HERE);
    const [state] = await this.rows<{ readonly lineage: string }>('SELECT lineage FROM migplan.states WHERE project = $1');
    this.lineage = state?.lineage ?? '';
    return left.map(({ name }) => name);
  }

  /** Whoever is dead was not heard of for longer than its lease, and is watched for a moment only. */
  async timePasses(): Promise<void> {
    await this.rows(
      `UPDATE migplan.locks SET heard = heard - interval '1 day', lease_ms = 10 WHERE project = $1 AND id IS NOT NULL`,
    );
  }

  /** Of locks that the dead left. */
  async heldIds(): Promise<string[]> {
    const held = await this.rows<{ readonly id: string }>('SELECT id FROM migplan.locks WHERE project = $1 AND id IS NOT NULL');
    return held.map(({ id }) => id);
  }

  private async rewrite(by: string, where: string): Promise<void> {
    await this.rows(
      `UPDATE migplan.locks SET holder = (holder::jsonb || ${by}::jsonb)::text WHERE project = $1 AND id IS NOT NULL AND ${where}`,
    );
  }

  private async rows<R extends pg.QueryResultRow>(text: string): Promise<R[]> {
    try {
      return (await this.pool.query<R>(text, [this.project])).rows;
    } catch (error) {
      if ((error as { readonly code?: string }).code === '42P01') return [];
      throw error;
    }
  }
}

const HERE = `holder::jsonb ->> 'host' = '${hostname()}'`;
