import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/harness/until.js';
import { type Postgres, startPostgres } from '../../../lab/postgres/index.js';
import { DiagnosticsError } from '../../../src/diag/diagnostic.js';
import { systemClock } from '../../../src/host/clock.js';
import { PgBackend } from '../../../src/state/backend/pg-backend.js';
import { parsePgUrl } from '../../../src/state/backend/pg-url.js';
import type { DocumentName } from '../../../src/state/backend/state-backend.js';
import { type HeldLock, LockHeldError } from '../../../src/state/lock.js';

// Leases on a real server. Nothing here says how fast anything is: a busy machine hears and is heard later, so whoever is to keep its lock
// has seconds for a report.
let server: Postgres;
let opened: PgBackend[] = [];
let schema = '';
let schemas = 0;
const web: DocumentName = { kind: 'vms', name: 'web01' };
const db: DocumentName = { kind: 'vms', name: 'db01' };

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());
afterEach(async () => {
  await server.start();
  for (const backend of opened) await backend[Symbol.asyncDispose]();
  opened = [];
});

async function fresh(leaseMs: number): Promise<PgBackend> {
  schema = `lease_${++schemas}`;
  const backend = await another(leaseMs);
  await backend.prepare();
  return backend;
}

/** As on a second machine. */
async function another(leaseMs: number): Promise<PgBackend> {
  const backend = await PgBackend.open({
    ...{ address: parsePgUrl(server.url), clock: systemClock, schema, project: 'acme', leaseMs },
  });
  opened.push(backend);
  return backend;
}

const take = (backend: PgBackend, name: DocumentName, now = new Date()): Promise<HeldLock> =>
  backend.lock(name).take('apply run1', now);

const refused = (work: Promise<unknown>): Promise<LockHeldError> =>
  work.then(
    () => expect.fail('the lock was given'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(LockHeldError);
      return error as LockHeldError;
    },
  );

/** Until somebody who looks again and again gets it. */
async function takenOver(backend: PgBackend, name: DocumentName): Promise<HeldLock> {
  for (;;) {
    const answer = await take(backend, name).catch((error: unknown) => error);
    if (!(answer instanceof LockHeldError)) return answer as HeldLock;
    await delay(100);
  }
}

/** How work under it ended. */
const lossOf = ({ lost }: HeldLock): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const tell = () => {
      const reason: unknown = lost!.reason;
      if (reason instanceof DiagnosticsError) resolve(reason.diagnostics.map(({ code }) => code));
      else reject(reason as Error);
    };
    if (lost!.aborted) tell();
    else lost!.addEventListener('abort', tell);
  });

/** The process is gone, or hangs: nothing is reported any more, and nothing is given back. */
const falls = (backend: PgBackend): Promise<void> => {
  opened = opened.filter((one) => one !== backend);
  return backend[Symbol.asyncDispose]();
};

test('who reports keeps its lock for longer than the lease; with one request for all that it holds', async () => {
  const leaseMs = 10_000;
  const first = await fresh(leaseMs);
  const locks = [await take(first, web), await take(first, db)];
  const second = await another(leaseMs);
  const before = await server.psql(`SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`);
  await delay(15_000);
  for (const name of [web, db]) {
    const held = await refused(take(second, name));
    expect(held.lease?.freeInMs).toBeUndefined();
    expect(held.lease?.heardMs).toBeLessThan(leaseMs);
  }
  const after = await server.psql(`SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`);
  expect(Number(after) - Number(before), 'ten a lease, whatever is held, and what was asked here').toBeLessThan(17 + 12);
  expect(locks.map(({ lost }) => lost?.aborted)).toEqual([false, false]);
  for (const lock of locks) await lock[Symbol.asyncDispose]();
  expect(await second.locks()).toEqual([]);
});

test('who is not heard of loses it, after the lease, to one that has looked on itself; and the number grows', async () => {
  const first = await fresh(1000);
  const { number = 0, holder } = await take(first, web);
  await falls(first);
  const second = await another(600_000);
  await server.psql(`UPDATE ${schema}.locks SET holder = replace(holder, '"host":"', '"host":"elsewhere-')`);
  await delay(1500);
  expect(await second.lock(web).holder(), 'nobody, for whoever plans').toBeUndefined();
  const watched = await refused(take(second, web));
  expect(watched.holder).toMatchObject({ id: holder.id, host: `elsewhere-${holder.host}` });
  expect(watched.lease).toMatchObject({ heardMs: expect.any(Number), freeInMs: 200 });
  const lock = await takenOver(second, web);
  expect(lock.number).toBeGreaterThan(number);
  expect(lock.former).toMatchObject({ id: holder.id });
  await lock[Symbol.asyncDispose]();
});

test('of this machine before it was started again: as of any other, since a copy of this machine may be at work', async () => {
  const copy = await fresh(8000);
  const { holder } = await take(copy, web);
  await falls(copy);
  await server.psql(`UPDATE ${schema}.locks SET holder = replace(holder, '"boot":"', '"boot":"earlier-'), heard = now()`);
  const second = await another(600_000);
  expect((await refused(take(second, web))).lease?.freeInMs, 'its lease has not run out').toBeUndefined();
  await second.removeDeadLocks();
  expect(await second.locks()).toHaveLength(1);
  const lock = await takenOver(second, web);
  expect(lock.former, 'and what it was writing is doubted').toMatchObject({ id: holder.id });
  await lock[Symbol.asyncDispose]();
});

test('whose end nobody saw is told to each that comes next, until one has finished', async () => {
  const first = await fresh(600_000);
  const { holder } = await take(first, web);
  await falls(first);
  const second = await another(600_000);
  expect(await second.breakLock(web, holder.id)).toBe(true);
  for (const isSettled of [false, true]) {
    const lock = await take(second, web);
    expect(lock.former).toMatchObject({ id: holder.id });
    if (isSettled) await lock.settle?.();
    await lock[Symbol.asyncDispose]();
  }
  const lock = await take(second, web);
  expect(lock.former).toBeUndefined();
  await lock[Symbol.asyncDispose]();
});

test('a clock of the server that leaps does not take a lock from somebody who reports', async () => {
  const first = await fresh(10_000);
  const lock = await take(first, web);
  const second = await another(10_000);
  for (let look = 0; look < 30; look++) {
    // What the server makes of a report when its clock has leapt since: old, and yet another one than before.
    await server.psql(`UPDATE ${schema}.locks SET heard = heard - interval '1 hour'`);
    await refused(take(second, web));
    await delay(100);
  }
  expect(lock.lost?.aborted).toBe(false);
  await lock[Symbol.asyncDispose]();
});

test('clocks of machines do not count: one that is ten minutes off takes nothing from others', async () => {
  const first = await fresh(20_000);
  const lock = await take(first, web, new Date(Date.now() - 600_000));
  const second = await another(20_000);
  const held = await refused(take(second, web, new Date(Date.now() + 600_000)));
  expect(held.lease?.freeInMs).toBeUndefined();
  await lock[Symbol.asyncDispose]();
});

test('work under a lock that was taken away ends, that under others goes on', async () => {
  const first = await fresh(20_000);
  const [taken, kept] = [await take(first, web), await take(first, db)];
  const loss = lossOf(taken);
  const second = await another(20_000);
  expect(await second.breakLock(web, taken.holder.id)).toBe(true);
  expect(await loss).toEqual(['MP3032']);
  expect(kept.lost?.aborted).toBe(false);
  await taken[Symbol.asyncDispose]();
  await kept[Symbol.asyncDispose]();
});

test('who cannot report ends its work before anybody else may begin; and what is given back late is given back', async () => {
  const leaseMs = 20_000;
  const first = await fresh(leaseMs);
  const lock = await take(first, web);
  const loss = lossOf(lock);
  const began = performance.now();
  await server.stop();
  expect(await loss).toEqual(['MP3037']);
  expect(performance.now() - began).toBeLessThan(leaseMs);
  await server.start();
  const second = await another(leaseMs);
  await refused(take(second, web));
  await lock[Symbol.asyncDispose]();
  await (await take(second, web))[Symbol.asyncDispose]();
});

test('whose work has ended because the server is away waits for it no more, however much it has to give back', async () => {
  const first = await fresh(12_000);
  const locks = [await take(first, web), await take(first, db)];
  await first.document(web).write('{"a":1}');
  await server.stop();
  await lossOf(locks[0]!);
  const ended = Promise.allSettled([first.document(web).write('{"a":2}'), ...locks.map((lock) => lock[Symbol.asyncDispose]())]);
  // The server is waited for a minute and a half as long as work goes on.
  expect(await Promise.race([ended.then(([write]) => write?.status), delay(30_000, 'still waiting')])).toBe('rejected');
});

test('a server that is away for less is nothing to end work for', async () => {
  const first = await fresh(60_000);
  const lock = await take(first, web);
  await server.stop();
  await delay(1500);
  await server.start();
  await first.document(web).write('{"a":1}');
  expect(lock.lost?.aborted).toBe(false);
  await lock[Symbol.asyncDispose]();
});

test('what everything else waits for does not hold up the reports', async () => {
  const first = await fresh(16_000);
  const lock = await take(first, web);
  // Longer than half of the lease, after which the work of who was not heard ends.
  const blocked = server.psql(`BEGIN; LOCK TABLE ${schema}.documents IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(12); COMMIT`);
  await until('the documents to be out of reach', async () =>
    Number(await server.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")),
  );
  const names = Array.from({ length: 20 }, (_, at): DocumentName => ({ kind: 'machine-types', name: `cloud${at}` }));
  await Promise.all(names.map((name) => first.document(name).write('{}')));
  await blocked;
  expect(lock.lost?.aborted).toBe(false);
  await lock[Symbol.asyncDispose]();
});
