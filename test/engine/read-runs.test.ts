import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readJournal } from '../../src/engine/runs/read-journal.js';
import { listRuns, readRun } from '../../src/engine/runs/read-runs.js';
import type { RunRecord } from '../../src/engine/runs/run-record.js';
import { Secret } from '../../src/host/secret.js';
import { takeLock } from '../../src/state/backend/file-lock.js';
import { livenessOf } from '../../src/state/process-identity.js';
import { TransferError } from '../../src/transfer/errors.js';
import { runPage } from '../../src/views/report/run/run-page.js';
import { runsListView } from '../../src/views/runs/list.js';
import { runsShowView } from '../../src/views/runs/show.js';
import { RecordingStreams, viewOptions } from '../views/streams.js';
import { RecordedRuntime } from './recorded-runs.js';

const newest = async (runtime: RecordedRuntime): Promise<RunRecord> => (await listRuns(await runtime.state()))[0]!;

test('a run that came to its end: who, what, how much, how fast', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const plan = await runtime.plan();
  const { run, exit } = await runtime.apply({ plan });
  const record = await newest(runtime);
  expect(exit).toBe(0);
  expect(record).toMatchObject({
    run,
    status: 'ended',
    exit: 0,
    migplan: '0.0.1',
    node: process.version,
    command: ['migplan', 'apply', 'plan.json'],
    plan: { id: plan.plan.id, digest: plan.digest, createdAt: plan.plan.created_at },
    process: { pid: process.pid },
    unreadableLines: 0,
    diagnostics: [],
    causes: [],
  });
  expect(record.startedAt <= record.endedAt!).toBe(true);
  const [vm, ...others] = record.vms;
  expect(others).toEqual([]);
  expect(vm).toMatchObject({ address: 'vm/web01', result: 'done', diagnostics: [], causes: [] });
  const sync = vm!.steps.find(({ kind }) => kind === 'sync')!;
  expect(sync.seconds).toBeGreaterThanOrEqual(0);
  expect(
    sync.disks.map(({ disk, mode, bytes, verified }) => ({ disk, mode, bytes: bytes! > 0, verified: verified?.mode })),
  ).toEqual([
    { disk: 2000, mode: 'full', bytes: true, verified: 'sample' },
    { disk: 2001, mode: 'full', bytes: true, verified: 'sample' },
  ]);
  for (const { bytes, seconds, bytesPerSecond, delta } of sync.disks) {
    expect(bytesPerSecond).toBeCloseTo(bytes! / seconds!);
    expect(delta).toBeUndefined();
  }
  expect(record.bytes).toBe(sync.disks.reduce((sum, { bytes }) => sum + bytes!, 0));
});

test('the run after it tells the size of its deltas', async () => {
  await using runtime = await RecordedRuntime.openNew();
  await runtime.apply();
  runtime.world.vm.guestWrites(4);
  await runtime.apply();
  const [second, first] = await listRuns(await runtime.state());
  expect(first!.vms[0]!.steps.some(({ disks }) => disks.some(({ mode }) => mode === 'full'))).toBe(true);
  const disks = second!.vms[0]!.steps.flatMap((step) => step.disks);
  expect(disks.map(({ mode }) => mode)).toEqual(['delta', 'delta']);
  for (const { delta, bytes } of disks) expect(delta!.bytes).toBe(bytes);
});

test('a run that failed keeps the error with its code, and the chain of causes down to the system', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const refused = Object.assign(new Error('connect ECONNREFUSED 192.0.2.7:902'), { code: 'ECONNREFUSED' });
  runtime.dataPlaneOver = {
    copy: async () => {
      const details = { code: 'MP6001', call: 'copy', detail: 'nbdcopy: read failed' } as const;
      throw new TransferError(details, { cause: new Error('the server went away', { cause: refused }) });
    },
  };
  const { exit } = await runtime.apply();
  const record = await newest(runtime);
  expect([exit, record.exit, record.status]).toEqual([6, 6, 'ended']);
  const [vm] = record.vms;
  expect(vm!.result).toBe('failed');
  expect(vm!.diagnostics.map(({ code, detail }) => `${code} ${detail}`)).toEqual(['MP6001 copy: nbdcopy: read failed']);
  expect(vm!.causes.map(({ name, code, message }) => [name, code, message])).toEqual([
    ['TransferError', undefined, 'copy: nbdcopy: read failed'],
    ['Error', undefined, 'the server went away'],
    ['Error', 'ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.7:902'],
  ]);
  const { steps } = vm!;
  expect(steps.at(-1)).toMatchObject({ kind: 'sync' });
  expect(steps.at(-1)!.endedAt).toBeUndefined();
});

test('a bug keeps its stack', async () => {
  await using runtime = await RecordedRuntime.openNew();
  runtime.dataPlaneOver = { copy: async () => Promise.reject(new TypeError('x is not a function')) };
  await runtime.apply();
  const [vm] = (await newest(runtime)).vms;
  expect(vm!.causes[0]!.stack!.join('\n')).toContain('read-runs.test.ts');
});

test('somebody said stop: the exit code is that of the signal, and the VM was interrupted', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const abort = new AbortController();
  runtime.dataPlaneOver = {
    copy: async () => {
      abort.abort();
      abort.signal.throwIfAborted();
    },
  };
  const { exit } = await runtime.apply({ signal: abort.signal, stoppedExit: () => 143 });
  const record = await newest(runtime);
  expect([exit, record.exit, record.vms[0]!.result]).toEqual([143, 143, 'interrupted']);
});

test('somebody else holds the VM: the run says so, and touched nothing', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const plan = await runtime.plan();
  const state = await (await runtime.state()).prepare();
  await using _held = await takeLock(state.vmLock('web01').place, 'apply other', new Date());
  await runtime.apply({ plan });
  const record = await newest(runtime);
  expect([record.status, record.exit, record.diagnostics]).toEqual(['ended', 5, []]);
  const [vm] = record.vms;
  expect([vm!.result, vm!.startedAt, vm!.diagnostics.map(({ code }) => code)]).toEqual(['locked', undefined, ['MP3009']]);
});

test('somebody else applies the same plan: that ended the run as a whole', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const plan = await runtime.plan();
  const state = await (await runtime.state()).prepare();
  await using _held = await takeLock(state.planLock(plan.plan.id).place, 'apply other', new Date());
  await expect(runtime.apply({ plan })).rejects.toThrow('is held by');
  const record = await newest(runtime);
  expect([record.status, record.exit, record.diagnostics.map(({ code }) => code)]).toEqual(['ended', 5, ['MP3009']]);
  expect(record.vms).toEqual([{ address: 'vm/web01', steps: [], diagnostics: [], causes: [], notes: [], logs: [] }]);
});

/** The journal of a run as a kill after `lines` lines leaves it, of a process that is changed by `edit`. */
async function cutOff(runtime: RecordedRuntime, lines: number, edit: (process: Record<string, unknown>) => void) {
  const state = await runtime.state();
  const { run } = await newest(runtime);
  const [first, ...rest] = (await readFile(state.journalPath(run), 'utf8')).trimEnd().split('\n').slice(0, lines);
  const start = JSON.parse(first!) as { process: Record<string, unknown> };
  edit(start.process);
  await writeFile(state.journalPath(run), `${[JSON.stringify(start), ...rest].join('\n')}\n`);
  return (await readRun(state, run))!;
}

test.each<[string, (process: Record<string, unknown>) => void, string]>([
  ['its process lives', () => undefined, 'running'],
  ['its process is gone', (process) => Object.assign(process, { pid: 2 ** 22 + 1 }), 'killed'],
  ['its number was given to another process', (process) => Object.assign(process, { startedTicks: '1' }), 'killed'],
  [
    'the machine was started again',
    (process) => Object.assign(process, { boot: 'before', machine: process['machine'] }),
    'killed',
  ],
  ['it is on another machine', (process) => Object.assign(process, { host: 'elsewhere' }), 'unknown'],
])('without a last line a run is told by its process: %s', async (_name, edit, status) => {
  await using runtime = await RecordedRuntime.openNew();
  await runtime.apply();
  const record = await cutOff(runtime, 6, edit);
  // A machine without an id cannot be told from another one.
  const expected =
    status === 'killed' && record.process!.boot === 'before' && record.process!.machine === '' ? 'unknown' : status;
  expect([record.status, record.exit, record.vms[0]!.result]).toEqual([expected, undefined, undefined]);
});

test('a line that was being written, and lines that somebody edited, are counted and passed over', async () => {
  await using runtime = await RecordedRuntime.openNew();
  await runtime.apply();
  const state = await runtime.state();
  const { run, bytes } = await newest(runtime);
  const odd = [
    '{"at":"x","event":"run-end","exit":"no"}',
    'null',
    '{"at":"x","event":"vm-end","address":"vm/web01","diagnostics":3}',
  ];
  await appendFile(state.journalPath(run), `${odd.join('\n')}\n{"at":"2026-`);
  expect(await readRun(state, run)).toMatchObject({ status: 'ended', exit: 0, bytes, unreadableLines: 4 });
});

const journal = [
  {
    event: 'run-start',
    command: ['migplan'],
    plan: { id: 'i', digest: 'd', createdAt: 'c' },
    addresses: ['vm/a'],
    process: ownProcess(),
  },
  { event: 'action-start', address: 'vm/a', kind: 'sync' },
  { event: 'disk-start', address: 'vm/a', disk: 2000, mode: 'full', cycle: 1, capacity: 9 },
  { event: 'progress', address: 'vm/a', disk: 2000, bytesDone: 1, bytesTotal: 9 },
  { event: 'checkpoint', address: 'vm/a', disk: 2000, upTo: 1 },
  { event: 'disk-synced', address: 'vm/a', disk: 2000, bytes: 9, seconds: 2, verified: { mode: 'full' } },
  { event: 'vm-error', address: 'vm/a', causes: [{ name: 'E', message: 'm', code: 'X', stack: ['s'] }] },
  {
    event: 'vm-end',
    address: 'vm/a',
    result: 'failed',
    diagnostics: [{ severity: 'error', code: 'MP6001', detail: 'd', source: { file: 'f', start: { line: 1, column: 1 } } }],
    logs: ['l'],
  },
  { event: 'run-end', exit: 6, results: [{ address: 'vm/a', result: 'failed' }] },
].map((line, second) => ({ at: `2026-01-01T00:00:0${second}.000Z`, ...line }));

function ownProcess() {
  return { who: 'w', host: 'h', pid: 1, startedTicks: '1', pidNamespace: '1' };
}

/** Every journal in which one value is of another kind. */
function* edited(value: unknown): Generator<unknown> {
  for (const other of [null, true, 'x', 3, [], {}, [null], ['x']])
    if (typeof other !== typeof value || other === null) yield other;
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    for (const other of edited(inner)) yield Array.isArray(value) ? [other] : { ...value, [name]: other };
  }
}

test('a line without a time is none', () => {
  const lines = [...journal, { at: 'x', event: 'note', text: 't' }].map((line) => JSON.stringify(line));
  expect(readJournal('r', lines.join('\n'))).toMatchObject({ unreadableLines: 1, lastAt: journal.at(-1)!.at });
});

test('a journal in which any value was made another kind of value is shown all the same', async () => {
  const views = (['human', 'json'] as const).map((format) => viewOptions(new RecordingStreams(), { format }));
  let damaged = 0;
  for (const [index, line] of journal.entries()) {
    for (const other of edited(line)) {
      const text = journal.map((one, at) => JSON.stringify(at === index ? other : one)).join('\n');
      const read = readJournal('r', text);
      const record: RunRecord = { ...read, status: read.endedAt === undefined ? 'killed' : 'ended' };
      if (read.unreadableLines > 0) damaged++;
      if (read.process !== undefined) await livenessOf(read.process);
      for (const options of views) {
        runsListView(options).runs([record], 0);
        runsShowView(options).run({ record, journal: 'j' });
      }
      runPage({ record, journal: 'j', histories: [] }, { version: '1', now: new Date(0) });
    }
  }
  expect(readJournal('r', journal.map((line) => JSON.stringify(line)).join('\n')).unreadableLines).toBe(0);
  expect(damaged).toBeGreaterThan(300);
});

test('a journal of a version that named no process is read as far as it goes', () => {
  const lines = [
    { at: '2026-01-01T00:00:00.000Z', event: 'action-start', address: 'vm/a', kind: 'sync' },
    { at: '2026-01-01T00:00:05.000Z', event: 'disk-synced', address: 'vm/a', disk: 2000, bytes: 7, seconds: 5 },
    { at: '2026-01-01T00:00:06.000Z', event: 'action-done', address: 'vm/a', kind: 'sync' },
    { at: '2026-01-01T00:00:07.000Z', event: 'apply-end', results: [{ address: 'vm/a', result: 'done' }] },
  ];
  const record = readJournal('r', lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(record).toMatchObject({ endedAt: '2026-01-01T00:00:07.000Z', bytes: 7, unreadableLines: 0 });
  expect(record.vms[0]!.steps.map(({ kind, endedAt }) => [kind, endedAt])).toEqual([['sync', '2026-01-01T00:00:06.000Z']]);
});

test('a secret reaches no journal, not in the command line, not in an error', async () => {
  await using runtime = await RecordedRuntime.openNew();
  const secret = new Secret('hunter2-ünder-cover"');
  runtime.dataPlaneOver = {
    copy: async () => Promise.reject(new Error(`login with ${secret.reveal()} failed`)),
  };
  await runtime.apply({ invocation: { version: '0', command: ['migplan', 'apply', `--x=${secret.reveal()}`] } });
  const state = await runtime.state();
  const text = await readFile(state.journalPath((await newest(runtime)).run), 'utf8');
  expect(text).toContain('login with *** failed');
  expect(text).toContain('--x=***');
  expect(text).not.toContain('hunter2');
});
