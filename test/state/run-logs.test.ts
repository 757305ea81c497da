import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/host/secret.js';
import { forgetOldLogs } from '../../src/state/old-logs.js';
import { RunLogs } from '../../src/state/run-logs.js';
import { StateFolder } from '../../src/state/state-folder.js';
import { tempFolder } from './in-temp.js';

const clock = { now: () => new Date(0), monotonicMs: () => 0, sleep: async () => {} };
const started = { program: '/usr/bin/nbdkit', args: ['--foreground'], secrets: [] };
const STAMP = '1970-01-01T00:00:00.000Z';

async function open(over: { readonly bytesMax?: number } = {}) {
  const folder = join(await tempFolder(), 'logs');
  const troubles: string[] = [];
  const logs = RunLogs.open({ folder, clock, onTrouble: ({ message }) => troubles.push(message), ...over });
  return { folder, logs, troubles, read: (path: string) => readFile(join(folder, path), 'utf8') };
}

test('what a program says is kept by VM, disk and program; two starts of one are told apart', async () => {
  const { folder, logs, read } = await open();
  const disk = logs.within('erp/../x').within('disk-2000');
  const [one, other] = [disk.begin(started), disk.begin({ ...started, args: ['again'] })];
  one.said(Buffer.from('nbdkit: err'));
  other.said(Buffer.from('hello\n'));
  one.said(Buffer.from('or: no\nrest without an end'));
  one.ended(1);
  other.stopping();
  other.ended(143);
  await logs.settled();
  expect(await readdir(folder)).toEqual(['erp%2F%2E%2E%2Fx']);
  expect((await read('erp%2F%2E%2E%2Fx/disk-2000.nbdkit.log')).split('\n')).toEqual([
    `${STAMP} #1 --- started: /usr/bin/nbdkit --foreground`,
    `${STAMP} #2 --- started: /usr/bin/nbdkit again`,
    `${STAMP} #2 hello`,
    `${STAMP} #1 nbdkit: error: no`,
    `${STAMP} #1 rest without an end`,
    `${STAMP} #1 --- ended with status 1`,
    `${STAMP} #2 --- stopped, with status 143`,
    '',
  ]);
});

test('nobody else may read it', async () => {
  const { folder, logs } = await open();
  logs.within('web01').begin(started);
  await logs.settled();
  const modes = await Promise.all([folder, join(folder, 'web01'), join(folder, 'web01/nbdkit.log')].map((path) => stat(path)));
  expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['700', '700', '600']);
});

test('secrets are struck, also where they come in two pieces, in base64, escaped, or are short and were given', async () => {
  const { logs, read } = await open();
  const secret = new Secret('pä"ss/w0rd&more');
  const short = new Secret('ab1');
  const log = logs.within('web01').begin({ program: 'p', args: [`password=${secret.reveal()}`], secrets: [short] });
  const forms = [
    secret.reveal(),
    encodeURIComponent(secret.reveal()),
    JSON.stringify(secret.reveal()),
    Buffer.from(`user:${secret.reveal()}`).toString('base64'),
    short.reveal(),
  ];
  for (const form of forms) {
    const bytes = Buffer.from(`says ${form} loudly\n`);
    log.said(bytes.subarray(0, 8));
    log.said(bytes.subarray(8));
  }
  log.ended(0);
  await logs.settled();
  const text = await read('web01/p.log');
  for (const form of forms) expect(text).not.toContain(form);
  expect(text).not.toContain('w0rd');
  expect(text.match(/says /g)).toHaveLength(forms.length);
});

test('of a key of several lines, no line comes through', async () => {
  const { logs, read } = await open();
  const lines = [
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    'Zm9vYmFyYmF6cXV4cXV1eA==',
    '-----END PRIVATE KEY-----',
  ];
  void new Secret(lines.join('\n'));
  const log = logs.within('web01').begin(started);
  for (const line of lines) log.said(Buffer.from(`| ${line}\n`));
  log.ended(0);
  await logs.settled();
  const text = await read('web01/nbdkit.log');
  expect(text).not.toContain(lines[1]);
  expect(text).not.toContain(lines[2]);
});

test('a log of a program that goes on talking stays small, and its end is what is kept', async () => {
  const { folder, logs, read } = await open({ bytesMax: 4_000 });
  const log = logs.within('web01').begin(started);
  for (let i = 0; i < 400; i++) {
    log.said(Buffer.from(`line ${i}\n`));
    if (i % 10 === 0) await logs.settled();
  }
  log.ended(0);
  await logs.settled();
  const names = await readdir(join(folder, 'web01'));
  expect(names.sort()).toEqual(['nbdkit.log', 'nbdkit.log.1']);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, 'web01', name))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(4_000);
  expect(await read('web01/nbdkit.log')).toContain('line 399\n');
});

test('a program that never ends its line is cut, and fills no memory', async () => {
  const { logs, read } = await open();
  const log = logs.within('web01').begin(started);
  log.said(Buffer.alloc(100_000, 'x'));
  log.ended(0);
  await logs.settled();
  expect((await read('web01/nbdkit.log')).split('\n').map(({ length }) => length)).toEqual([69, 65_564, 34_492, 51, 0]);
});

describe('logs that tell something', () => {
  test('those of the VM whose programs complained or failed', async () => {
    const { folder, logs } = await open();
    const [vm, other] = [logs.within('web01'), logs.within('web011')];
    vm.begin({ ...started, program: 'silent' }).ended(0);
    const stopped = vm.begin({ ...started, program: 'stopped' });
    stopped.stopping();
    stopped.said(Buffer.from('Terminated\n'));
    stopped.ended(143);
    vm.begin({ ...started, program: 'failed' }).ended(1);
    vm.within('disk-2000')
      .begin({ ...started, program: 'complains' })
      .said(Buffer.from('!\n'));
    other.begin(started).ended(1);
    expect(vm.telling()).toEqual([join(folder, 'web01/failed.log'), join(folder, 'web01/disk-2000.complains.log')]);
    expect(vm.within('disk-2000').telling()).toEqual([join(folder, 'web01/disk-2000.complains.log')]);
    await logs.settled();
  });
});

test('where nothing can be written it is told once, nothing is thrown, and what comes later is tried again', async () => {
  const { folder, logs, troubles, read } = await open();
  await writeFile(folder, 'a file stands where the folder should be');
  const log = logs.within('web01').begin(started);
  log.said(Buffer.from('lost\n'));
  await logs.settled();
  log.said(Buffer.from('lost too\n'));
  await logs.settled();
  expect(troubles).toEqual([expect.stringMatching(/ENOTDIR|EEXIST/)]);
  await rm(folder);
  log.said(Buffer.from('kept\n'));
  await logs.settled();
  expect(await read('web01/nbdkit.log')).toBe(`${STAMP} #1 kept\n`);
});

describe('logs of old runs', () => {
  const NOW = new Date('2026-06-01T00:00:00Z');
  const days = (count: number): Date => new Date(NOW.getTime() - count * 86_400_000);

  async function keeping(runs: Readonly<Record<string, { readonly age: number; readonly bytes: number }>>, kept: object) {
    const state = await StateFolder.open(await tempFolder());
    for (const [run, { age, bytes }] of Object.entries(runs)) {
      const path = join(state.logsFolder(run), 'web01/nbdkit.log');
      await mkdir(dirname(path), { recursive: true });
      await writeFile(state.journalPath(run), '{}\n');
      await writeFile(path, Buffer.alloc(bytes));
      for (const one of [path, dirname(path), state.logsFolder(run)]) await utimes(one, days(age), days(age));
    }
    await forgetOldLogs(state, NOW, { runs: 100, days: 90, bytes: 1_000, ...kept } as never);
    const left = await Promise.all(Object.keys(runs).map(async (run) => [run, await readdir(state.runFolder(run))] as const));
    for (const [, names] of left) expect(names).toContain('journal.ndjson');
    return left.flatMap(([run, names]) => (names.includes('logs') ? [run] : []));
  }

  test.each<[string, object, string[]]>([
    ['so many runs', { runs: 2 }, ['a', 'b']],
    ['so many days', { days: 15 }, ['a', 'b']],
    ['so many bytes together', { bytes: 250 }, ['a', 'b']],
    ['all of it', {}, ['a', 'b', 'c', 'd']],
  ])('%s are kept, and every journal', async (_name, kept, left) => {
    const runs = {
      a: { age: 1, bytes: 100 },
      b: { age: 10, bytes: 100 },
      c: { age: 20, bytes: 100 },
      d: { age: 30, bytes: 100 },
    };
    expect(await keeping(runs, kept)).toEqual(left);
  });
});
