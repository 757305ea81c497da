import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../harness/project-root.js';
import { until } from '../harness/until.js';
import { startPostgres } from './index.js';
import { isRunning } from './server.js';

test('a cluster of its own: asked, stopped, started, restarted, and nothing is left of it', async () => {
  const postgres = await startPostgres();
  const folder = dirname(postgres.socketFolder);
  const pids = [postgres.pid ?? 0];
  expect(await postgres.psql('CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2); SELECT n, n * 2 FROM t')).toBe('1|2\n2|4');
  await expect(postgres.psql('SELECT 1; SELECT * FROM nothing; SELECT 2')).rejects.toThrow('relation "nothing" does not exist');
  expect(await postgres.psql('SHOW listen_addresses')).toBe('');

  await postgres.stop();
  await postgres.stop();
  expect(postgres.pid).toBeUndefined();
  await expect(postgres.psql('SELECT 1')).rejects.toThrow('No such file or directory');
  await postgres.start();
  pids.push(postgres.pid ?? 0);
  await postgres.start();
  expect(postgres.pid).toBe(pids[1]);
  await postgres.restart();
  pids.push(postgres.pid ?? 0);
  expect(await postgres.psql('SELECT count(*) FROM t')).toBe('2');

  await postgres.close();
  expect(new Set(pids).size).toBe(3);
  expect([...pids.map(isRunning), existsSync(folder)]).toEqual([false, false, false, false]);
});

test('what was committed before kill -9 is there after it, and what was not is not', async () => {
  await using postgres = await startPostgres();
  const session = 'SELECT pg_backend_pid()';
  await postgres.psql('CREATE TABLE t (n int); INSERT INTO t VALUES (1)');
  const open = postgres.psql(`BEGIN; INSERT INTO t VALUES (2); ${session}; SELECT pg_sleep(600)`);
  const sleeper = await until('a session that sleeps', async () =>
    Number(await postgres.psql("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'")),
  );
  const killed = [postgres.pid ?? 0, sleeper];
  const cut = expect(open).rejects.toThrow('server closed the connection unexpectedly');
  await postgres.kill9();
  await cut;
  expect(killed.map(isRunning)).toEqual([false, false]);
  await postgres.start();
  expect(await postgres.psql('SELECT n FROM t')).toBe('1');
});

test('over TLS, with a password; another role needs one at the socket too', async () => {
  await using postgres = await startPostgres({ tcp: 'tls' });
  await postgres.psql(`CREATE ROLE ci LOGIN PASSWORD 'p@ss/w#rd'`);
  const tcp = (password: string, mode: string) =>
    `postgresql://ci:${password}@127.0.0.1:${postgres.port}/postgres?sslmode=${mode}&sslrootcert=${postgres.caFile}`;
  const asked = (url: string) => postgres.psql('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', url);
  expect(await asked(tcp('p%40ss%2Fw%23rd', 'verify-full'))).toBe('t');
  await expect(asked(tcp('wrong', 'verify-full'))).rejects.toThrow('password authentication failed');
  await expect(asked(tcp('p%40ss%2Fw%23rd', 'disable'))).rejects.toThrow('no encryption');
  await expect(asked(postgres.url.replace('admin@', 'ci:wrong@'))).rejects.toThrow('password authentication failed');
});

test('it is not run by root, and ends with the one who started it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'postgres-of-another-'));
  const script = `const { startPostgres } = await import('${projectRoot}/dist/lab/postgres/index.js');
    console.log((await startPostgres({ folder: '${folder}' })).pid);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString('utf8'));
  expect(isRunning(pid)).toBe(true);
  expect(statSync(`/proc/${pid}`).uid).not.toBe(0);
  child.kill('SIGKILL');
  await until('PostgreSQL to end with its parent', async () => !isRunning(pid));
  await rm(folder, { recursive: true });
});
