import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type AgentRun, startByAgent } from '../../lab/harness/agent.js';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { copying, expectCopied, migplan, plannedSlowSeed, said } from './steps.js';

// The shell or the CI agent that started an apply dies in the middle of a copy: its pipes are closed, and nobody waits for the program.
let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(['pipes', 'goes-on', 'stopped', 'killed'].map((name) => ({ name, disksMiB: [16] }))),
    target: simulatedCloud(),
  });
});
afterEach(() => bench.source.control.setVddk({}));
afterAll(() => bench[Symbol.asyncDispose]());

/** In the middle of the copy, with its agent dead. */
async function orphaned(project: LabProject): Promise<AgentRun> {
  const run = await startByAgent(project, ['apply', 'plan.json']);
  await copying(bench);
  await run.killAgent();
  return run;
}

/** Also of one that has ended and was not waited for. */
const isOver = async (pid: number): Promise<boolean> => {
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return /\) [ZX]/.test(state);
};

const over = ({ pid }: AgentRun): Promise<unknown> => until('the run to end', () => isOver(pid));

/** What the run of a process ended with, by its journal: there is nobody whom the process could tell. */
async function recordedExit(project: LabProject, { pid }: { readonly pid: number }): Promise<unknown> {
  const { stdout } = await migplan(project, ['runs', 'list', '--json']);
  const { runs } = JSON.parse(stdout) as { runs: { readonly exit?: number; readonly process: { readonly pid: number } }[] };
  const found = runs.find((run) => run.process.pid === pid);
  return found === undefined ? 'no such run' : found.exit;
}

test('both pipes are closed: the run goes on to its end, and gives everything back', async () => {
  const project = await plannedSlowSeed(bench, 'pipes');
  const run = startCli(project, ['apply', 'plan.json']);
  await copying(bench);
  run.child.stdout?.destroy();
  run.child.stderr?.destroy();
  await bench.source.control.setVddk({});
  expect(await run.finished).toMatchObject({ code: 0, signal: null });
  await expectCopied(bench, 'pipes', 2000);
  expect(await bench.leftovers()).toEqual([]);
});

test('its parent is killed: it goes on, holds its VM, and its journal says how it ended', async () => {
  const project = await plannedSlowSeed(bench, 'goes-on');
  const run = await orphaned(project);
  const second = said(await migplan(project, ['apply', 'plan.json'], { exit: 5 }));
  expect(second).toContain(`pid ${run.pid} on `);
  await bench.source.control.setVddk({});
  await over(run);
  await expectCopied(bench, 'goes-on', 2000);
  expect(await bench.leftovers()).toEqual([]);
  expect(await recordedExit(project, run)).toBe(0);
});

test.each([
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  'its parent is killed, and %s comes after it: it stops at a checkpoint, and the same plan goes on',
  async (signal, code) => {
    const project = bench.projects.find(({ folder }) => folder.endsWith('/stopped')) ?? (await plannedSlowSeed(bench, 'stopped'));
    await bench.source.control.setVddk({ readDelayMs: 200 });
    const run = await orphaned(project);
    process.kill(run.pid, signal);
    await over(run);
    expect(await bench.leftovers()).toEqual([]);
    expect(await recordedExit(project, run)).toBe(code);
    await bench.source.control.setVddk({});
    if (signal === 'SIGHUP') await migplan(project, ['apply', 'plan.json']);
    if (signal === 'SIGHUP') await expectCopied(bench, 'stopped', 2000);
  },
);

test('both are killed: no program writes on, and the next run takes away what is left', async () => {
  const project = await plannedSlowSeed(bench, 'killed');
  const run = await orphaned(project);
  process.kill(run.pid, 'SIGKILL');
  await over(run);
  await until('what the run started to end', async () => (await leftHere(project)).every((left) => !left.startsWith('process')));
  expect((await bench.target.control.volumeNamed('killed-2000')).metadata).toMatchObject({ changeID: '', converted: 'false' });
  await bench.source.control.setVddk({});
  await migplan(project, ['apply', 'plan.json']);
  await expectCopied(bench, 'killed', 2000);
  expect(await bench.leftovers()).toEqual([]);
});
