import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type RunningCli, startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { copying, expectCopied, guestWrites, manifestOf, migplan, said, seeded } from './steps.js';

// Two real runs that want the same VM, of which the second waits with --lock-timeout.
let bench: Bench;
let project: LabProject;
let seed = 0;

beforeAll(async () => {
  bench = await Bench.open({ source: vcenter([{ name: 'one' }, { name: 'two' }]), target: simulatedCloud() });
  project = await bench.project('p');
  await seeded(bench, project, 'one', 'two');
  for (const vm of ['one', 'two']) await project.manifest(vm, manifestOf(vm, 'phase: sync'));
});
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => bench[Symbol.asyncDispose]());

const both = ['apply', '--auto-approve'];

/** In the middle of its copy of "one". What it wrote is all that a delta of it has. */
async function firstRun(args: readonly string[]): Promise<RunningCli> {
  await bench.source.control.guestWrite({ vm: 'one', offset: 0, length: 8 * 2 ** 20, fill: { seed: ++seed } });
  await guestWrites(bench, 'two', seed);
  await bench.source.control.setVddk({ readDelayMs: 200 });
  const first = startCli(project, args);
  await copying(bench);
  // However long the other takes, it is in the middle of its copy.
  first.child.kill('SIGSTOP');
  return first;
}

async function goesOn(first: RunningCli): Promise<void> {
  await bench.source.control.setVddk({});
  first.child.kill('SIGCONT');
  const ended = await first.finished;
  expect(ended.code, said(ended)).toBe(0);
}

const waiting = (second: RunningCli, first: RunningCli): Promise<unknown> =>
  until('the second to say for whom it waits', async () => {
    expect(second.child.exitCode, second.told()).toBeNull();
    return new RegExp(`waiting for \\S+ \\(pid ${first.child.pid} on `).test(second.told());
  });

const one = [...both, '--target', 'vm/one'];

test('it says for whom it waits, begins when the first has ended, and does all of it', async () => {
  const first = await firstRun(one);
  const second = startCli(project, [...both, '--lock-timeout', '10m']);
  await waiting(second, first);
  await goesOn(first);
  const ended = await second.finished;
  expect(ended.code, said(ended)).toBe(0);
  expect(said(ended)).toContain('Apply complete!');
  await expectCopied(bench, 'one', 2000);
  await expectCopied(bench, 'two', 2000);
});

test('when its time is over it does the rest, names who holds the VM, and ends with 5; the first is not disturbed', async () => {
  const first = await firstRun(one);
  const told = said(await migplan(project, [...both, '--lock-timeout', '2s'], { exit: 5 }));
  expect(told).toContain('for at most 2s');
  expect(told).toContain('Lock is held by another run [MP3009]');
  expect(told).toContain(`pid ${first.child.pid} on `);
  expect(told).toContain('Apply incomplete: 1 done, 1 locked.');
  await expectCopied(bench, 'two', 2000);
  await goesOn(first);
  await expectCopied(bench, 'one', 2000);
});

test.each([
  { typed: both, signal: 'SIGINT', code: 130 },
  { typed: ['plan'], signal: 'SIGTERM', code: 143 },
] as const)('$signal while $typed.0 waits before it plans: it says so, and ends with $code', async ({ typed, signal, code }) => {
  const first = await firstRun(one);
  const isApply = typed[0] === 'plan' ? [] : ['--metrics-file', 'waited.prom'];
  const second = startCli(project, [...typed, ...isApply, '--lock-timeout', '10m']);
  await waiting(second, first);
  second.child.kill(signal);
  const ended = await second.finished;
  expect(ended, said(ended)).toMatchObject({ code, signal: null });
  expect(said(ended)).toContain('interrupted while it waited; nothing was changed');
  if (typed[0] === 'apply')
    expect(await readFile(project.at('waited.prom'), 'utf8')).toMatch(/^migplan_apply_exit_code\{.*\} 130$/m);
  await goesOn(first);
});

describe('the same saved plan', () => {
  const saved = ['apply', 'plan.json'];
  const planned = () => migplan(project, ['plan', '--out', 'plan.json', '--target', 'vm/one']);
  const locks = async (): Promise<string[]> => (await leftHere(project)).filter((left) => left.startsWith('lock'));

  test('Ctrl-C while it waits ends it with 130, and takes nothing from the first', async () => {
    await planned();
    const first = await firstRun(saved);
    const held = await locks();
    expect(held.length).toBeGreaterThan(0);
    const second = startCli(project, [...saved, '--lock-timeout', '10m']);
    await waiting(second, first);
    second.child.kill('SIGINT');
    const ended = await second.finished;
    expect(ended.code, said(ended)).toBe(130);
    expect(await locks()).toEqual(held);
    await goesOn(first);
    await expectCopied(bench, 'one', 2000);
  });

  test('is waited for, and found done', async () => {
    await guestWrites(bench, 'one', 99);
    await planned();
    const first = await firstRun(saved);
    const second = startCli(project, [...saved, '--lock-timeout', '10m']);
    await waiting(second, first);
    await goesOn(first);
    const ended = await second.finished;
    expect(ended.code, said(ended)).toBe(0);
    await expectCopied(bench, 'one', 2000);
  });
});
