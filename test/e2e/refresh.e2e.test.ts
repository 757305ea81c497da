import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type CliResult, startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { leftHere } from '../../lab/harness/leftovers.js';
import { otherMachine } from '../../lab/harness/other-machine.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { type Postgres, startPostgres } from '../../lab/postgres/index.js';
import { copying, expectCopied, manifestOf, migplan, type Step, said } from './steps.js';

// What a machine with an empty folder finds of a run that died elsewhere, when the state knows nothing of it, or is gone.
const VMS = ['forgotten', 'lost', 'stranger'] as const;
let postgres: Postgres;
let bench: Bench;
let first: LabProject;
let second: LabProject;

beforeAll(async () => {
  postgres = await startPostgres();
  bench = await Bench.open({
    source: vcenter(VMS.map((name) => ({ name, disksMiB: [8] }))),
    target: simulatedCloud(),
  });
  [first, second] = [await bench.project('first'), await bench.project('second')];
  for (const machine of [first, second])
    await machine.edit('migplan.yaml', (text) => text.replace('spec:\n', 'spec:\n  state: {type: pg, url: "env:STATE_URL"}\n'));
});
afterEach(async () => {
  expect((await bench.leftovers()).filter((left) => !left.startsWith('run folder'))).toEqual([]);
  for (const machine of [first, second]) for (const vm of VMS) await machine.removeManifest(vm);
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await postgres.close();
});

const on = (machine: LabProject, args: readonly string[], step: Step = {}): Promise<CliResult> =>
  migplan(machine, args, { ...step, env: { STATE_URL: postgres.url, ...step.env } });

const APPLY = ['apply', '--auto-approve'];
const lineageNow = (): Promise<string> => postgres.psql('SELECT lineage FROM migplan.states');

/** On the first machine, in the middle of a seed. */
async function diesThere(vm: (typeof VMS)[number]): Promise<void> {
  for (const machine of [first, second]) await machine.manifest(vm, manifestOf(vm, 'phase: seed'));
  await bench.source.control.setVddk({ readDelayMs: 200 });
  const through = otherMachine('runner-1', { reaches: bench.ports });
  const running = startCli(first, APPLY, { env: { STATE_URL: postgres.url }, through });
  await copying(bench);
  running.child.kill('SIGKILL');
  await running.finished;
  await bench.source.control.setVddk({});
  await until('all that it started to be gone', async () => (await leftHere(first)).every((left) => !left.startsWith('process')));
}

test('of a VM that the state has forgotten, volumes and snapshots tell enough to go on', async () => {
  await diesThere('forgotten');
  const [, id = ''] =
    /(\S+)\n*$/.exec(
      said(await on(second, ['lock', 'list']))
        .replace(/^plan.*$/m, '')
        .trimEnd(),
    ) ?? [];
  await on(second, ['force-unlock', id, '--force']);
  await on(second, ['state', 'rm', 'forgotten']);
  await on(second, APPLY);
  await expectCopied(bench, 'forgotten', 2000);
});

test('of a state that is gone: refresh says what it is called, finds all of it, and the next run goes on', async () => {
  await diesThere('lost');
  const lineage = await lineageNow();
  await postgres.psql('DROP SCHEMA migplan CASCADE');
  expect(said(await on(second, APPLY, { exit: 6 })), 'a stranger’s, as far as it can tell').toContain('attachment');
  expect(said(await on(second, ['refresh', '--lineage', 'größe'], { exit: 1 }))).toContain('MP3035');
  const told = said(await on(second, ['refresh']));
  expect(told).toContain('vm/lost: nothing is left of earlier runs');
  expect(told).toContain(`migplan refresh --lineage ${lineage}`);
  expect(await lineageNow()).not.toBe(lineage);
  expect(said(await on(second, ['refresh', '--lineage', lineage]))).toMatch(
    /^vm\/lost: 1 snapshot, 1 attachment, unfinished: \w{12}$/m,
  );
  await on(second, APPLY);
  await expectCopied(bench, 'lost', 2000);
  expect(said(await on(second, ['refresh']))).toContain('vm/lost: nothing is left of earlier runs\n');
});

test('what another project’s run has left stays, whatever is looked at', async () => {
  await diesThere('stranger');
  const lineage = await lineageNow();
  await second.edit('migplan.yaml', (text) => text.replace('type: pg', 'type: pg, name: another'));
  expect(said(await on(second, ['refresh', '--json']))).toContain(`"other_lineages": [\n        "${lineage}"`);
  const before = await bench.leftovers();
  expect(before.filter((left) => /snapshot|attachment|reserved|in-use/.test(left))).not.toEqual([]);
  await on(second, APPLY, { exit: 6 });
  expect(await bench.leftovers()).toEqual(before);
  const [, id = ''] = /vm\/stranger .* (\S+)$/m.exec(said(await on(first, ['lock', 'list']))) ?? [];
  await on(first, ['force-unlock', id, '--force']);
  await on(first, APPLY);
  await expectCopied(bench, 'stranger', 2000);
});
