import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, type RunningCli, startCli } from '../../lab/harness/cli.js';
import { makeConversionStandIn } from '../../lab/harness/conversion-stand-in.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { otherMachine } from '../../lab/harness/other-machine.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { type Postgres, startPostgres } from '../../lab/postgres/index.js';
import { copying, expectCopied, guestWrites, manifestOf, migplan, type Step, said, windowsServer } from './steps.js';

// Two machines with a folder each, and one state with short leases. The first one dies, or hangs; the second goes on by itself.
const HOST = 'runner-1';
const LEASE = '15s';
const VMS = ['seed', 'delta', 'hang', 'conversion', 'committing'] as const;
type Vm = (typeof VMS)[number];
let postgres: Postgres;
let bench: Bench;
let first: LabProject;
let second: LabProject;
let env: Readonly<Record<string, string>>;
let hold = '';

beforeAll(async () => {
  postgres = await startPostgres();
  bench = await Bench.open({
    source: vcenter(VMS.map((name) => ({ name, disksMiB: [8], ...(/^co/.test(name) ? windowsServer : {}) }))),
    target: simulatedCloud(),
  });
  [first, second] = [await bench.project('first'), await bench.project('second')];
  for (const machine of [first, second])
    await machine.edit('migplan.yaml', (text) =>
      text.replace('spec:\n', `spec:\n  state: {type: pg, url: "env:STATE_URL", lease: ${LEASE}}\n`),
    );
  const standIn = join(bench.folder, 'stand-in');
  env = { ...(await makeConversionStandIn(standIn)).environment, STATE_URL: postgres.url };
  hold = join(bench.folder, 'hold');
  await waits(join(standIn, 'bin/virt-v2v-in-place'), '[ "$1" != --version ]', 'conversion');
  await writeFile(join(standIn, 'bin/qemu-img'), '#!/bin/sh\nexec /usr/bin/qemu-img "$@"\n', { mode: 0o755 });
  await waits(join(standIn, 'bin/qemu-img'), '[ "$1" = commit ]', 'committing');
});
afterEach(async () => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
  await bench.source.control.setVddk({});
  await rm(`${hold}-conversion`, { force: true });
  await rm(`${hold}-committing`, { force: true });
  expect((await bench.leftovers()).filter((left) => !left.startsWith('run folder'))).toEqual([]);
  for (const machine of [first, second]) for (const vm of VMS) await machine.removeManifest(vm);
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await postgres.close();
});

/** The program waits in its middle for as long as a file is there. */
async function waits(program: string, when: string, what: string): Promise<void> {
  const [head = '', ...rest] = (await readFile(program, 'utf8')).split('\n');
  const wait = `if ${when}; then while [ -e ${hold}-${what} ]; do : > ${hold}-${what}-reached; sleep 0.1; done; fi`;
  await writeFile(program, [head, wait, ...rest].join('\n'));
}

const on = (machine: LabProject, args: readonly string[], step: Step = {}): Promise<CliResult> =>
  migplan(machine, args, { ...step, env: { ...env, ...step.env } });

async function declared(vm: Vm, spec: string): Promise<void> {
  for (const machine of [first, second]) await machine.manifest(vm, manifestOf(vm, spec));
}

const APPLY = ['apply', '--auto-approve', '--allow-cutover'];
const PATIENT = [...APPLY, '--lock-timeout', '3m'];
const started: RunningCli[] = [];

function startThere(): RunningCli {
  const running = startCli(first, APPLY, { env, through: otherMachine(HOST) });
  started.push(running);
  return running;
}

async function copyingThere(): Promise<RunningCli> {
  await bench.source.control.setVddk({ readDelayMs: 200 });
  const running = startThere();
  await copying(bench);
  return running;
}

/** In the middle of one of the two programs of the end. */
async function heldThere(what: 'conversion' | 'committing'): Promise<RunningCli> {
  await writeFile(`${hold}-${what}`, '');
  const running = startThere();
  await until(`${what} to begin`, async () => {
    if (running.child.exitCode !== null) throw new Error(said(await running.finished));
    return readFile(`${hold}-${what}-reached`).then(
      () => true,
      () => false,
    );
  });
  return running;
}

async function dies(running: RunningCli): Promise<void> {
  running.child.kill('SIGKILL');
  await running.finished;
  await bench.source.control.setVddk({});
  await until('all that it started to be gone', async () => (await leftHere(first)).every((left) => !left.startsWith('process')));
}

/** The second machine waits for the first until that is not heard of any more, and goes on; what it said. */
async function takesOver(vm: Vm): Promise<string> {
  const told = said(await on(second, PATIENT));
  expect(told).toMatch(
    new RegExp(`vm/${vm}: \\S+ \\(pid \\d+ on ${HOST}, .* was not heard of for \\d+s: its lock is taken over in \\ds`),
  );
  expect(told).toMatch(new RegExp(`vm/${vm}: taken over from \\S+ \\(pid \\d+ on ${HOST}, `));
  if (vm !== 'delta') expect(said(await on(second, APPLY))).toContain('No changes');
  expect(said(await on(second, ['lock', 'list']))).not.toContain('vm/');
  return told;
}

const cutover = 'phase: cutover\ncutover: true';

describe('killed on a machine that does not come back', () => {
  test('in a seed: another one finishes it, and compares all of what a late writer may have touched', async () => {
    await declared('seed', 'phase: seed');
    await dies(await copyingThere());
    expect(await takesOver('seed')).toContain('disk 2000 is compared as a whole before it counts as clean');
    await expectCopied(bench, 'seed', 2000);
  });

  test('in a delta', async () => {
    await declared('delta', 'phase: seed');
    await on(first, APPLY, { through: otherMachine(HOST) });
    await guestWrites(bench, 'delta', 7);
    await bench.source.control.guestWrite({ vm: 'delta', offset: 0, length: 4 * 2 ** 20, fill: { seed: 9 } });
    await declared('delta', 'phase: sync');
    await dies(await copyingThere());
    await guestWrites(bench, 'delta', 8);
    expect(await takesOver('delta')).toContain('disk 2000 is compared as a whole before it counts as clean');
    await expectCopied(bench, 'delta', 2000);
  });

  test('in a conversion: its overlay was on its own disk, and is made anew', async () => {
    await declared('conversion', cutover);
    await dies(await heldThere('conversion'));
    await rm(`${hold}-conversion`);
    await takesOver('conversion');
    await expectMigrated('conversion');
  });

  test('in the merging: what it wrote is brought back to the source by comparison, as the plan shows, and converted', async () => {
    await declared('committing', cutover);
    await dies(await heldThere('committing'));
    await rm(`${hold}-committing`);
    const told = await takesOver('committing');
    expect(told).toContain('compare');
    await expectMigrated('committing');
  });
});

async function expectMigrated(vm: Vm): Promise<void> {
  const { metadata } = await bench.target.control.volumeNamed(`${vm}-2000`);
  expect(metadata['converted']).toBe('true');
  expect((await bench.source.control.vm({ vm })).power).toBe('poweredOff');
}

test('a machine that hangs and wakes up after another one took over writes nothing that counts', async () => {
  await declared('hang', 'phase: seed');
  const running = await copyingThere();
  running.child.kill('SIGSTOP');
  await until('its writers to be ended from outside', async () => (await bench.source.control.stats()).readersNow === 0);
  await bench.source.control.setVddk({});
  await guestWrites(bench, 'hang', 3);
  await takesOver('hang');
  await expectCopied(bench, 'hang', 2000);
  const volume = async () => (await bench.target.control.volumeNamed('hang-2000')).metadata;
  const record = await volume();
  running.child.kill('SIGCONT');
  const ended = await running.finished;
  expect(ended.code, said(ended)).toBe(6);
  expect(said(ended)).toMatch(/MP303[27]/);
  expect(await volume()).toEqual(record);
  await expectCopied(bench, 'hang', 2000);
});
