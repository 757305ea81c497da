import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../../../lab/harness/until.js';
import { type Postgres, startPostgres } from '../../../lab/postgres/index.js';
import { DiagnosticsError } from '../../../src/diag/diagnostic.js';
import { systemClock } from '../../../src/host/clock.js';
import { interruptible } from '../../../src/host/interruption.js';
import { Secret } from '../../../src/host/secret.js';
import { PgBackend } from '../../../src/state/backend/pg-backend.js';
import { statementsOf } from '../../../src/state/backend/pg-tables.js';
import { parsePgUrl } from '../../../src/state/backend/pg-url.js';
import type { DocumentName } from '../../../src/state/backend/state-backend.js';
import { LockHeldError, type LockHolder } from '../../../src/state/lock.js';
import { backendConformance } from './conformance.js';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const web: DocumentName = { kind: 'vms', name: 'web01' };
/** Hard to write in a URL and in SQL. */
const PASSWORD = `p@ss/w%rd:'"\\ ?#[ä`;

let server: Postgres;
let schemas = 0;
const opened: PgBackend[] = [];

beforeAll(async () => {
  server = await startPostgres({ tcp: 'tls' });
});
afterEach(async () => {
  for (const backend of opened.splice(0)) await backend[Symbol.asyncDispose]();
});
afterAll(() => server.close());

const freshSchema = (): string => `state_${++schemas}`;

interface Opening {
  readonly schema: string;
  readonly project?: string;
  readonly url?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly leaseMs?: number;
}

async function open({
  schema,
  project = 'acme',
  url = server.url,
  password,
  caFile,
  leaseMs = 300_000,
}: Opening): Promise<PgBackend> {
  const backend = await PgBackend.open({
    address: parsePgUrl(url),
    ...(password === undefined ? {} : { password: new Secret(password) }),
    ...(caFile === undefined ? {} : { caFile }),
    clock: systemClock,
    schema,
    project,
    leaseMs,
  });
  opened.push(backend);
  return backend;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function rewriteHolder(schema: string, { kind, name }: DocumentName, edit: (own: LockHolder) => object): Promise<void> {
  const where = `kind = ${quoted(kind)} AND name = ${quoted(name)}`;
  const holder = JSON.parse(await server.psql(`SELECT holder FROM ${schema}.locks WHERE ${where}`)) as LockHolder;
  await server.psql(`UPDATE ${schema}.locks SET holder = ${quoted(JSON.stringify(edit(holder)))} WHERE ${where}`);
}

backendConformance('PostgreSQL', async () => {
  const schema = freshSchema();
  return {
    beforeRestart: 'held',
    open: () => open({ schema }),
    rewriteHolder: (name, edit) => rewriteHolder(schema, name, edit),
    damageFormer: async ({ name }) => {
      await server.psql(`UPDATE ${schema}.locks SET former = 'who' WHERE former IS NOT NULL AND name = ${quoted(name)}`);
    },
  };
});

const failureOf = (work: Promise<unknown>): Promise<DiagnosticsError> =>
  work.then(
    () => expect.fail('it succeeded'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(DiagnosticsError);
      return error as DiagnosticsError;
    },
  );

/** A role with this password, and its URL without it. */
async function role(name: string, password = PASSWORD): Promise<string> {
  await server.psql(`CREATE ROLE ${name} LOGIN PASSWORD ${quoted(password)}`);
  return `postgresql://${name}@127.0.0.1:${server.port}/postgres?sslmode=verify-full`;
}

test('two projects of one schema, and two schemas, know nothing of each other', async () => {
  const schema = freshSchema();
  const [one, two, other] = [
    await open({ schema, project: 'one' }),
    await open({ schema, project: 'two' }),
    await open({ schema: freshSchema(), project: 'one' }),
  ];
  const lineages = [await one.prepare(), await two.prepare(), await other.prepare()];
  expect(new Set(lineages).size).toBe(3);
  await using _lock = await one.lock(web).take('apply a', NOW);
  await one.document(web).write('{"of": "one"}');
  for (const backend of [two, other]) {
    expect(await backend.document(web).read()).toBeUndefined();
    expect(await backend.locks()).toEqual([]);
    await using _its = await backend.lock(web).take('apply b', NOW);
  }
});

test('locks of strangers are not ours: advisory locks of the whole database stop nobody', async () => {
  const backend = await open({ schema: freshSchema() });
  const holding = server.psql('SELECT pg_advisory_lock(1), pg_advisory_lock(-1), pg_sleep(3)');
  await backend.prepare();
  await using _lock = await backend.lock(web).take('apply a', NOW);
  await backend.document(web).write('{}');
  await holding;
});

test('what stands in front in search_path changes nothing', async () => {
  const schema = freshSchema();
  const url = await role('searcher');
  await server.psql(
    `CREATE SCHEMA evil AUTHORIZATION searcher; CREATE TABLE evil.locks (x int); CREATE TABLE evil.documents (x int); ALTER ROLE searcher SET search_path = evil; GRANT CREATE ON DATABASE postgres TO searcher`,
  );
  const backend = await open({ schema, url, password: PASSWORD, caFile: server.caFile! });
  await backend.prepare();
  await backend.document(web).write('{"n": 1}');
  expect(await server.psql(`SELECT count(*) FROM ${schema}.documents`)).toBe('1');
});

test('a user that may not make tables is told the statements; with them run it works, and needs no more', async () => {
  const schema = freshSchema();
  const url = await role('humble');
  const humble = { schema, url, password: PASSWORD, caFile: server.caFile! };
  const asking = await open(humble);
  const lacks = await asking.lacks();
  const { diagnostics } = await failureOf(asking.prepare());
  expect(lacks, 'told before, by whoever looks').toMatchObject([{ code: 'MP3033', nextSteps: diagnostics[0]!.nextSteps }]);
  expect(diagnostics).toMatchObject([{ code: 'MP3033', detail: expect.stringContaining('permission denied') }]);
  const steps = diagnostics[0]!.nextSteps!;
  expect(steps[0]).toContain(statementsOf(schema).join('; '));
  await server.psql(steps[0]!.replace(/^.*? run: /, ''));
  await server.psql(steps[1]!.replace(/^and: /, '').replaceAll('the user', 'humble'));
  const backend = await open(humble);
  await backend.prepare();
  const lock = await backend.lock(web).take('apply a', NOW);
  await backend.document(web).write('{"n": 1}');
  await lock[Symbol.asyncDispose]();
  await backend.document(web).remove();
});

test('a user that may read only can plan: it sees what there is, and cannot take a lock', async () => {
  const schema = freshSchema();
  const admin = await open({ schema });
  const lineage = await admin.prepare();
  await admin.document(web).write('{"n": 1}');
  const url = await role('reader_of_state');
  await server.psql(
    `GRANT USAGE ON SCHEMA ${schema} TO reader_of_state; GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO reader_of_state`,
  );
  const reader = await open({ schema, url, password: PASSWORD, caFile: server.caFile! });
  expect(await reader.lineage()).toBe(lineage);
  expect(JSON.parse((await reader.document(web).read()) ?? '')).toEqual({ n: 1 });
  expect(await reader.lock(web).holder()).toBeUndefined();
  expect((await failureOf(reader.lock(web).take('apply a', NOW))).diagnostics).toMatchObject([{ code: 'MP3033' }]);
  const lacks = await reader.lacks();
  expect(lacks).toMatchObject([{ code: 'MP3033', severity: 'error' }]);
  await server.psql(lacks[0]!.nextSteps![0]!.replaceAll('TO the user', 'TO reader_of_state'));
  for (const one of [admin, reader]) expect(await one.lacks()).toEqual([]);
});

test('a user that may make tables in its schema, and no schema, is content with the one that is there', async () => {
  const schema = freshSchema();
  const url = await role('tenant');
  await server.psql(`CREATE SCHEMA ${schema}; GRANT USAGE, CREATE ON SCHEMA ${schema} TO tenant`);
  const backend = await open({ schema, url, password: PASSWORD, caFile: server.caFile! });
  expect(await backend.lacks()).toEqual([]);
  await backend.prepare();
  await backend.document(web).write('{"n": 1}');
  // Who died while it made them left some.
  await server.psql(`DROP TABLE ${schema}.documents, ${schema}.locks; DELETE FROM ${schema}.states`);
  expect(await backend.lacks(), 'the next apply makes the others').toEqual([]);
  await backend.prepare();
  await backend.document(web).write('{"n": 2}');
});

test('a server that takes no writes is told by whoever looks, before an apply meets it', async () => {
  const schema = freshSchema();
  const url = await role('frozen');
  await server.psql(`GRANT CREATE ON DATABASE postgres TO frozen`);
  const before = { schema, url, password: PASSWORD, caFile: server.caFile! };
  expect(await (await open(before)).lacks(), 'it may make its tables').toEqual([]);
  await (await open(before)).prepare();
  // What a standby says of every transaction.
  await server.psql(`ALTER ROLE frozen SET default_transaction_read_only = on`);
  const frozen = await open(before);
  const lacks = await frozen.lacks();
  expect(lacks).toMatchObject([{ code: 'MP3033', detail: expect.stringContaining('takes no writes') }]);
  expect((await failureOf(frozen.document(web).write('{}'))).diagnostics).toMatchObject([{ code: 'MP3033' }]);
  expect(await frozen.locks()).toEqual([]);
  expect(await (await open({ schema })).lacks(), 'named as one that takes writes').toEqual([]);
  await server.psql(`ALTER ROLE frozen RESET default_transaction_read_only`);
  expect(await (await open(before)).lacks()).toEqual([]);
});

test.each<[string, (url: string) => Partial<Opening>, string]>([
  ['another password', (url) => ({ url, password: 'Wrong4secret', caFile: server.caFile! }), 'look at user and password'],
  [
    'a password in the URL that is wrong',
    (url) => ({ url: url.replace('@', ':Wrong4secret@'), caFile: server.caFile! }),
    'look at user and password',
  ],
  ['no authority', (url) => ({ url, password: PASSWORD }), 'spec.state.caFile'],
  [
    'another database',
    (url) => ({ url: url.replace('/postgres?', '/postgres_not?'), password: PASSWORD, caFile: server.caFile! }),
    'make the database',
  ],
  ['another port', (url) => ({ url: url.replace(/:\d+\//, ':1/'), password: PASSWORD }), 'look at host and port'],
  ['a socket that is not there', () => ({ url: 'postgresql:///postgres?host=/nowhere' }), 'look at the folder of the socket'],
  ['a host that is not there', () => ({ url: 'postgresql://nowhere.invalid/x' }), 'look at the host'],
])('%s is told with what to do, and no secret', async (name, over, step) => {
  const url = await role(`told_${schemas}_${name.length}`);
  const { diagnostics } = await failureOf((await open({ schema: freshSchema(), ...over(url) })).lineage());
  expect(diagnostics).toMatchObject([{ code: 'MP3033', nextSteps: [expect.stringContaining(step)] }]);
  for (const secret of [PASSWORD, 'Wrong4secret', encodeURIComponent(PASSWORD)])
    expect(JSON.stringify(diagnostics)).not.toContain(secret);
});

test('authorities that cannot be read are told with their file, which once named rightly is taken', async () => {
  const url = await role('authorities');
  const schema = freshSchema();
  const { diagnostics } = await failureOf(open({ schema, url, password: PASSWORD, caFile: '/nowhere/ca.pem' }));
  expect(diagnostics[0]!.nextSteps).toEqual(['make /nowhere/ca.pem readable, or name another file in spec.state.caFile']);
  expect(await (await open({ schema, url, password: PASSWORD, caFile: server.caFile! })).lineage()).toBe('');
});

test('a state of a later layout is refused', async () => {
  const schema = freshSchema();
  await (await open({ schema })).prepare();
  await server.psql(`UPDATE ${schema}.states SET version = 2`);
  expect((await failureOf((await open({ schema })).lineage())).diagnostics).toMatchObject([
    { code: 'MP3033', detail: expect.stringContaining('layout 2') },
  ]);
});

test.each([
  ['started again', () => server.restart()],
  ['killed and started again', () => server.kill9().then(() => server.start())],
  [
    'away for three seconds',
    async () => {
      await server.stop();
      await systemClock.sleep(3000);
      await server.start();
    },
  ],
])(
  'a server that is %s while it is used loses nothing: what was told to be written is there, the lock is held',
  async (_name, trouble) => {
    const schema = freshSchema();
    const backend = await open({ schema });
    await backend.prepare();
    const lock = await backend.lock(web).take('apply a', NOW);
    const document = backend.document(web);
    let told = 0;
    let isOver = false;
    const writing = (async () => {
      for (let n = 1; !isOver; n++) {
        await document.write(JSON.stringify({ n }));
        told = n;
        expect(JSON.parse((await document.read()) ?? '')).toEqual({ n });
      }
    })();
    await trouble();
    isOver = true;
    await writing;
    expect(told).toBeGreaterThan(0);
    const other = await open({ schema });
    expect(JSON.parse((await other.document(web).read()) ?? '')).toEqual({ n: told });
    expect(await other.lock(web).holder()).toMatchObject({ id: lock.holder.id });
    await lock[Symbol.asyncDispose]();
    expect(await other.locks()).toEqual([]);
  },
);

test('a pooler that gives every statement another session changes nothing', async () => {
  const schema = freshSchema();
  const backend = await open({ schema });
  await backend.prepare();
  const others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'migplan'";
  const lock = await backend.lock(web).take('apply a', NOW);
  for (let n = 0; n < 5; n++) {
    await server.psql(others);
    await backend.document(web).write(JSON.stringify({ n }));
  }
  await server.psql(others);
  await lock[Symbol.asyncDispose]();
  expect(await backend.locks()).toEqual([]);
});

test('a lock that cannot be given back is no error of the run, and is told to the next one', async () => {
  const schema = freshSchema();
  const backend = await open({ schema });
  await backend.prepare();
  const lock = await backend.lock(web).take('apply a', NOW);
  await backend[Symbol.asyncDispose]();
  await lock[Symbol.asyncDispose]();
  expect(await (await open({ schema })).locks()).toMatchObject([{ of: web, held: { id: lock.holder.id } }]);
});

test('a write that is carried out after a later one, because its answer was lost, changes nothing', async () => {
  const schema = freshSchema();
  const backend = await open({ schema });
  await backend.prepare();
  await server.psql(
    `CREATE FUNCTION ${schema}.late() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN IF NEW.body = '{"n": 1}' THEN PERFORM pg_sleep(2); END IF; RETURN NEW; END $$;
     CREATE TRIGGER late BEFORE INSERT ON ${schema}.documents FOR EACH ROW EXECUTE FUNCTION ${schema}.late()`,
  );
  const lock = await backend.lock(web).take('apply a', NOW);
  const late = failureOf(backend.document(web).write('{"n": 1}'));
  await until('the write to be on its way', async () =>
    Number(await server.psql(`SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)),
  );
  await backend.document(web).write('{"n": 2}');
  expect((await late).diagnostics.map(({ code }) => code)).toEqual(['MP3032']);
  expect(await backend.document(web).read()).toBe('{"n": 2}');
  await lock[Symbol.asyncDispose]();
});

test('locks that were lost, and begin to count anew, are no reason to refuse a write', async () => {
  const schema = freshSchema();
  const backend = await open({ schema });
  await backend.prepare();
  for (const n of [1, 2, 3]) {
    const lock = await backend.lock(web).take('apply a', NOW);
    expect(lock.number).toBe(1);
    await backend.document(web).write(`{"n": ${n}}`);
    await lock[Symbol.asyncDispose]();
    await server.psql(`DELETE FROM ${schema}.locks`);
  }
  await backend.document(web).write('{"n": "of nobody"}');
  const lock = await backend.lock(web).take('apply a', NOW);
  await backend.document(web).write('{"n": "again"}');
  await lock[Symbol.asyncDispose]();
});

test('closed, it leaves no session behind', async () => {
  const backend = await open({ schema: freshSchema() });
  await backend.prepare();
  await backend[Symbol.asyncDispose]();
  opened.splice(0);
  expect(await server.psql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'migplan'")).toBe('0');
});

/** Of sessions that have ended: what a living one did is told late. */
const statements = async (): Promise<number> =>
  Number(await server.psql('SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()'));

const vms = (count: number): DocumentName[] =>
  Array.from({ length: count }, (_, at) => ({ kind: 'vms', name: `vm-${String(at).padStart(4, '0')}` }));

test('a thousand VMs are asked for, locked and looked at in few requests; a lock is given back once', async () => {
  const names = vms(1000);
  const schema = freshSchema();
  await (await open({ schema })).prepare();
  for (const backend of opened.splice(0)) await backend[Symbol.asyncDispose]();
  const before = await statements();
  const backend = await open({ schema });
  const locks = await Promise.all(names.map((name) => backend.lock(name).take('apply a', NOW)));
  const holders = await Promise.all(names.map((name) => backend.lock(name).holder()));
  expect(holders.map((holder) => holder?.id)).toEqual(locks.map(({ holder }) => holder.id));
  expect(await Promise.all(names.map((name) => backend.document(name).read()))).toEqual(names.map(() => undefined));
  await Promise.all(names.map((name) => backend.document(name).requireLock()));
  await using _other = await backend.lock({ kind: 'plans', name: 'p' }).take('apply a', NOW);
  const [given] = locks;
  for (let times = 0; times < 100; times++) await given![Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
  opened.splice(0);
  expect((await statements()) - before).toBeLessThan(50);
});

test('many that take the same locks in another order get each of them once: none waits for another, none fails', async () => {
  const names = vms(200);
  const schema = freshSchema();
  const backends = [await open({ schema }), await open({ schema }), await open({ schema })];
  await backends[0]!.prepare();
  const orders = [names, names.toReversed(), [...names.slice(100), ...names.slice(0, 100)]];
  for (let round = 0; round < 10; round++) {
    const ends = await Promise.allSettled(
      backends.flatMap((backend, at) => orders[at]!.map((name) => backend.lock(name).take(`apply ${at}`, NOW))),
    );
    const taken = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(LockHeldError);
    expect(taken).toHaveLength(names.length);
    await Promise.all(taken.map((lock) => lock[Symbol.asyncDispose]()));
  }
  expect(await server.psql('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')).toBe('0');
});

test('a lock that is asked for and given to somebody who was interrupted meanwhile is given back', async () => {
  const schema = freshSchema();
  const backend = await open({ schema });
  await backend.prepare();
  const stop = new AbortController();
  const sleeping = server
    .psql(`BEGIN; LOCK TABLE ${schema}.locks IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(300)`)
    .catch((error: unknown) => String(error));
  const waitFor = (event: string) =>
    until(`somebody to wait: ${event}`, async () =>
      Number(await server.psql(`SELECT count(*) FROM pg_stat_activity WHERE wait_event = '${event}'`)),
    );
  await waitFor('PgSleep');
  const asked = interruptible(stop.signal, () => backend.lock(web).take('apply a', NOW));
  const ended = expect(asked).rejects.toThrow('stop');
  await waitFor('relation');
  stop.abort(new Error('stop'));
  await ended;
  await server.psql(`SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`);
  expect(await sleeping).toContain('canceling statement');
  await until('the lock to be free', async () => (await backend.locks()).length === 0);
  expect(await server.psql(`SELECT number FROM ${schema}.locks`), 'it was given').toBe('1');
});
