import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureBuilt } from './ensure-built.js';
import { worldWith } from './test-world.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/lab/vcenter-sim/main.js');

interface Ready {
  readonly server: string;
  readonly caFile: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly control: string;
  readonly pid: number;
}

let directory: string;
let child: ChildProcess | undefined;

beforeAll(() => ensureBuilt(ROOT, ['lab/vcenter-sim']));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcenter-sim-'));
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

async function start(world: object): Promise<Ready> {
  await rm(join(directory, 'ready.json'), { force: true });
  await writeFile(join(directory, 'world.json'), JSON.stringify(world));
  child = spawn(process.execPath, [MAIN, '--config', 'world.json', '--state', 'state', '--ready', 'ready.json'], {
    cwd: directory,
    stdio: 'inherit',
  });
  await expect.poll(() => existsSync(join(directory, 'ready.json')), { timeout: 60_000 }).toBe(true);
  return JSON.parse(await readFile(join(directory, 'ready.json'), 'utf8')) as Ready;
}

function stop(): Promise<number | null> {
  return new Promise((done) => {
    child!.once('exit', (code) => done(code));
    child!.kill('SIGTERM');
  });
}

async function get(ready: Ready, path: string): Promise<{ body: string; fingerprint: string }> {
  const [host, port] = ready.server.split(':');
  const ca = await readFile(ready.caFile);
  return new Promise((done, fail) => {
    const call = request({ host, port, path, ca, agent: false }, (response) => {
      const { fingerprint } = (response.socket as import('node:tls').TLSSocket).getPeerCertificate();
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => done({ body, fingerprint }));
    });
    call.on('error', fail);
    call.end();
  });
}

test('a client that trusts caFile gets in', async () => {
  const ready = await start(worldWith());
  expect(ready.pid).toBe(child?.pid);
  const { body, fingerprint } = await get(ready, '/nothing');
  expect([body, fingerprint]).toEqual(['<html><body>Not Found</body></html>', ready.sha1]);
  const stats = await fetch(`${ready.control}/stats`, { method: 'POST' });
  expect(await stats.json()).toMatchObject({ snapshotsNow: 0 });
  const refused = await fetch(`${ready.control}/vm`, { method: 'POST', body: '{"vm":"nobody"}' });
  expect([refused.status, await refused.json()]).toEqual([400, { error: '0 virtual machines match "nobody"' }]);
});

test('SIGTERM ends it well, and the next start has the same certificate', async () => {
  const first = await start(worldWith());
  expect(await stop()).toBe(0);
  const second = await start(worldWith());
  expect(second.sha256).toBe(first.sha256);
  expect(await stop()).toBe(0);
});

test('a bad configuration is said and ends it', async () => {
  await writeFile(join(directory, 'world.json'), JSON.stringify({ ...worldWith(), user: [] }));
  const started = run(process.execPath, [MAIN, '--config', 'world.json', '--state', 'state', '--ready', 'ready.json'], {
    cwd: directory,
  });
  await expect(started).rejects.toMatchObject({ code: 1, stderr: 'world: no field "user"\n' });
});
