import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { otherMachine } from '../../lab/harness/other-machine.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { type Postgres, startPostgres } from '../../lab/postgres/index.js';
import { type ListedRun, newestMadeOn } from './listed-run.js';
import { copying, expectCopied, guestWrites, manifestOf, migplan, type Step, said, seeded } from './steps.js';

// Two machines, each with a folder of its own, and a state in PostgreSQL that both see.
let postgres: Postgres;
let bench: Bench;
let first: LabProject;
let second: LabProject;
const HOST = 'runner-1';
const PASSWORD = 'Qz8-state-Password';
const VMS = ['seed', 'delta', 'busy', 'again', 'minute', 'away', 'moved'];

/** The first machine has a network of its own and reaches the database by TCP, the others by the socket. */
const urlOn = (machine: LabProject): string =>
  machine === first
    ? `postgresql://migplan@127.0.0.1:${postgres.port}/postgres?sslmode=verify-full`
    : `postgresql://migplan@/postgres?host=${encodeURIComponent(postgres.socketFolder)}&port=${postgres.port}`;
const env = (machine: LabProject) => ({ STATE_URL: urlOn(machine), STATE_PASSWORD: PASSWORD });
const there = (): readonly string[] => otherMachine(HOST, { reaches: [...bench.ports, postgres.port] });

beforeAll(async () => {
  postgres = await startPostgres({ tcp: 'tls' });
  await postgres.psql(`CREATE ROLE migplan LOGIN PASSWORD '${PASSWORD}'; GRANT CREATE ON DATABASE postgres TO migplan`);
  bench = await Bench.open({
    source: vcenter(VMS.map((name) => ({ name }))),
    target: simulatedCloud(),
  });
  first = await bench.project('first');
  second = await bench.project('second');
  for (const machine of [first, second]) await withState(machine);
});
afterEach(async () => {
  await bench.source.control.setVddk({});
  // Sockets of a run that was killed go with the next one that works on its machine.
  expect((await bench.leftovers()).filter((left) => !left.startsWith('run folder'))).toEqual([]);
  for (const machine of [first, second]) for (const vm of VMS) await machine.removeManifest(vm);
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await postgres.close();
});

const withState = (machine: LabProject): Promise<void> =>
  machine.edit('migplan.yaml', (text) =>
    text.replace(
      'spec:\n',
      `spec:\n  state: {type: pg, url: "env:STATE_URL", password: "env:STATE_PASSWORD", caFile: ${postgres.caFile}}\n`,
    ),
  );

const on = (machine: LabProject, args: readonly string[], step: Step = {}): Promise<CliResult> =>
  migplan(machine, args, { ...step, env: { ...env(machine), ...step.env } });

async function declared(vm: string, phase: string): Promise<void> {
  for (const machine of [first, second]) await machine.manifest(vm, manifestOf(vm, `phase: ${phase}`));
}

const both = ['apply', '--auto-approve'];

/** On the first machine, in the middle of its copy. */
async function copyingThere() {
  await bench.source.control.setVddk({ readDelayMs: 200 });
  const running = startCli(first, both, { env: env(first), through: there() });
  await copying(bench);
  return running;
}

const idIn = (told: string): string => /migplan force-unlock (\S+)/.exec(told)?.[1] ?? expect.unreachable(told);

/** What the second machine is told while the first has the VM; the id of the lock. */
async function refused(vm: string): Promise<string> {
  const told = said(await on(second, both, { exit: 5 }));
  expect(told).toMatch(new RegExp(`held by \\S+ \\(pid \\d+ on ${HOST}, apply \\w+, since \\S+\\), heard of \\d+s ago`));
  const id = idIn(told);
  expect(said(await on(second, ['lock', 'list']))).toMatch(new RegExp(`^vm/${vm} .* ${HOST} .* heard of \\d+s ago +${id}$`, 'm'));
  return id;
}

/** The newest run of the first machine, as the second lists it. */
async function listedThere(): Promise<ListedRun> {
  return newestMadeOn(HOST, await on(second, ['runs', 'list', '--json'])) ?? expect.unreachable('it is not listed');
}

/** What whoever asks for its journal is told on the second machine; the commands that are advised lead there. */
async function journalIsThere({ run }: ListedRun): Promise<void> {
  for (const asked of [
    ['runs', 'show', run],
    ['runs', 'logs', run.slice(0, 6)],
    ['report', run],
  ]) {
    const told = said(await on(second, asked, { exit: 1 }));
    expect(told).toContain('MP3040');
    expect(told).toContain(`run ${run} was made on ${HOST}, in ${first.folder}: its journal and its logs are there`);
    expect(told).toContain(`in that folder of ${HOST}: migplan runs show ${run}`);
    expect(told).toContain('see when it ran and how it ended: migplan runs list');
  }
  expect((await on(first, ['runs', 'show', run])).stdout).toContain(`Run ${run}: `);
  expect((await on(second, ['runs', 'list'])).stdout).toMatch(new RegExp(`^${run} .* on ${HOST}$`, 'm'));
}

test('both alive: one works, the other one ends with 5 and the name of who works; then it finds all done', async () => {
  await declared('busy', 'seed');
  const running = await copyingThere();
  running.child.kill('SIGSTOP');
  expect(await listedThere(), 'it was heard of lately').toMatchObject({
    status: 'running',
    journal: 'elsewhere',
    vms: [{ address: 'vm/busy' }],
  });
  expect(said(await on(second, ['doctor', '--for', 'plan']))).toMatch(/^ok {4}state +PostgreSQL .*: 2 locks$/m);
  await refused('busy');
  running.child.kill('SIGCONT');
  await bench.source.control.setVddk({});
  const ended = await running.finished;
  expect(ended.code, said(ended)).toBe(0);
  await expectCopied(bench, 'busy', 2000);
  expect(await listedThere()).toMatchObject({ status: 'ended', exit: 0 });
  await journalIsThere(await listedThere());
  expect(said(await on(second, both))).toContain('No changes');
  expect(said(await on(second, ['lock', 'list']))).toContain('No locks');
});

describe('killed in the middle, on a machine that does not come back', () => {
  test.each(['seed', 'delta'])('of a %s: another one with an empty folder takes over, and leaves nothing', async (vm) => {
    await declared(vm, 'seed');
    if (vm === 'delta') {
      await on(first, both, { through: there() });
      await guestWrites(bench, vm, 7);
      await bench.source.control.guestWrite({ vm, offset: 0, length: 4 * 2 ** 20, fill: { seed: 9 } });
      await declared(vm, 'sync');
    }
    const running = await copyingThere();
    running.child.kill('SIGKILL');
    await running.finished;
    await bench.source.control.setVddk({});
    await until('all that it started to be gone', async () =>
      (await leftHere(first)).every((left) => !left.startsWith('process')),
    );
    const id = await refused(vm);
    expect(said(await on(second, ['force-unlock', id], { exit: 1 })), 'nobody can be asked').toContain('MP3010');
    await refused(vm);
    expect(said(await on(second, ['force-unlock', id, '--force']))).toContain(`The lock of vm/${vm} is free. It was held by`);
    expect(said(await on(second, ['force-unlock', id, '--force'], { exit: 1 }))).toContain('MP3034');
    await on(second, both);
    await expectCopied(bench, vm, 2000);
  });
});

// With the lease that a Project has when it says nothing: 5 minutes, half of which a run may be alone.
test.each([
  ['is started again', 'again', 4000],
  ['is gone for a minute', 'minute', 60_000],
])('a database that %s in the middle of a copy is waited for', async (_what, vm, awayMs) => {
  await declared(vm, 'seed');
  const running = await copyingThere();
  await postgres.stop();
  await bench.source.control.setVddk({});
  await sleep(awayMs);
  expect(running.child.exitCode, running.told()).toBeNull();
  await postgres.start();
  const ended = await running.finished;
  expect(ended.code, said(ended)).toBe(0);
  await expectCopied(bench, vm, 2000);
  expect(said(await on(second, both))).toContain('No changes');
});

test('a database that is away: nothing is done, and what to look at is said', async () => {
  await declared('away', 'sync');
  await postgres.stop();
  const told = said(await on(second, both, { exit: 1 }));
  expect(told).toContain('MP3033');
  expect(told).toContain('look at');
  expect(told).not.toContain(PASSWORD);
  const listed = await on(second, ['runs', 'list']);
  expect(listed.stdout, 'what was done here').toMatch(/^\w{12} .* (done|locked) /m);
  expect(listed.stderr).toContain('MP3039');
  await postgres.start();
});

test('the state goes from the folder to the database and is looked at; a second one of another lineage is refused', async () => {
  const local = await bench.project('local');
  await seeded(bench, local, 'moved');
  const pulled = await migplan(local, ['state', 'pull']);
  expect(JSON.parse(pulled.stdout)).toMatchObject({
    documents: expect.arrayContaining([expect.objectContaining({ name: 'moved' })]),
  });
  await local.write('state.json', pulled.stdout);
  expect(said(await on(second, ['state', 'push', local.at('state.json')], { exit: 1 }))).toContain('MP3035');
  await withState(local);
  await local.edit('migplan.yaml', (text) => text.replace('type: pg', 'type: pg, name: moved'));
  expect(said(await on(local, ['state', 'list']))).toContain('nothing was applied yet');
  await on(local, ['state', 'push', 'state.json']);
  expect(said(await on(local, ['state', 'push', 'state.json'], { exit: 1 }))).toContain('--force');
  await on(local, ['state', 'push', 'state.json', '--force']);
  expect(JSON.parse((await on(local, ['state', 'pull'])).stdout)).toEqual(JSON.parse(pulled.stdout));
  expect(JSON.parse((await on(local, ['state', 'show', 'moved'])).stdout)).toMatchObject({ unfinishedRuns: [] });
  await local.manifest('moved', manifestOf('moved', 'phase: seed'));
  expect(said(await on(local, ['plan']))).toContain('No changes');
  await on(local, ['state', 'rm', 'moved']);
  expect(said(await on(local, ['state', 'show', 'moved'], { exit: 1 }))).toContain('MP3036');
  expect(said(await on(local, ['state', 'rm', 'moved'], { exit: 1 }))).toContain('MP3036');
});

test('no secret is in the database', async () => {
  const rows = await postgres.psql(
    'SELECT body FROM migplan.documents UNION ALL SELECT holder FROM migplan.locks WHERE holder IS NOT NULL',
  );
  expect(rows).not.toContain(PASSWORD);
  for (const secret of Object.values(first.environment).filter((value) => /pass/i.test(value)))
    expect(rows).not.toContain(secret);
});
