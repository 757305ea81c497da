import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LabProject } from './lab-project.js';
import { NewPrograms, processesWith } from './processes.js';
import { watchForSecrets } from './secret-watch.js';
import { until } from './until.js';

const MARKER = `MIGPLAN_TEST_OF_PROCESSES=${process.pid}`;
const SECRET = 'pä55-of-nobody';
const project = { marker: MARKER } as LabProject;
const [name, value] = MARKER.split('=') as [string, string];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processes-'));
});
afterAll(() => rm(folder, { recursive: true }));

const shell = (script: string, ...args: readonly string[]): ChildProcess =>
  spawn('/bin/sh', ['-c', script, 'sh', ...args], { env: { PATH: process.env['PATH'], [name]: value }, stdio: 'ignore' });

async function seenOf(script: string, ...args: readonly string[]): Promise<readonly string[]> {
  const watch = watchForSecrets(project, [SECRET]);
  await once(shell(script, ...args), 'close');
  return (await watch.end()).seen;
}

test.each([
  { name: 'arguments of what runs a moment', script: '/bin/sh -c "sleep 0.1" "$1"', seen: 'arguments of /bin/sh -c' },
  { name: 'an environment', script: 'TOKEN=$1 sleep 0.1', seen: 'TOKEN of sleep 0.1' },
  { name: 'that of what a process becomes', script: 'sleep 0.1; export TOKEN="$1"; exec sleep 0.1', seen: 'TOKEN of sleep 0.1' },
])('a secret is seen: $name', async ({ script, seen }) => {
  expect(await seenOf(script, SECRET)).toContain(seen);
});

test('a secret is seen in the environment of a program that was started again as it was called', async () => {
  const path = join(folder, 'again');
  await writeFile(path, `if [ -z "$TOKEN" ]; then sleep 0.1; export TOKEN=${SECRET}; exec /bin/sh ${path}; fi\nsleep 0.1\n`);
  expect(await seenOf(`exec /bin/sh ${path}`)).toContain(`TOKEN of /bin/sh ${path}`);
});

test('what has none is not named, nor are processes of others', async () => {
  expect(await seenOf('sleep 0.05', 'nothing')).toEqual([]);
  const watch = watchForSecrets(project, [SECRET]);
  await once(spawn('/bin/sh', ['-c', 'sleep 0.05', 'sh', SECRET], { env: {}, stdio: 'ignore' }), 'close');
  expect((await watch.end()).seen).toEqual([]);
});

test('a program is told once, and again when its process has become another', async () => {
  const programs = new NewPrograms();
  const child = shell('sleep 0.3; exec sleep 60');
  const told: string[] = [];
  const look = () => {
    const found = programs.look().filter(({ pid, command }) => pid === child.pid && command.trim() !== '');
    expect(found.filter(({ environment }) => !environment.includes(MARKER))).toEqual([]);
    told.push(...found.map(({ command }) => command.trim()));
  };
  await until('it to become another', async () => {
    look();
    return told.at(-1) === 'sleep 60';
  });
  look();
  expect(told).toEqual(['/bin/sh -c sleep 0.3; exec sleep 60 sh', 'sleep 60']);
  expect((await processesWith(MARKER)).map(({ pid }) => pid)).toEqual([child.pid]);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await processesWith(MARKER)).toEqual([]);
});
