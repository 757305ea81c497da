import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type OldCloud, oldCloud } from '../../lab/harness/parts/old-cloud.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { until } from '../../lab/harness/until.js';
import { exitRowOf, exitRows } from '../cli/exit-table.js';
import { said } from './steps.js';

// An export that reads machine types from images it has Nova make is stopped in the middle of one: the rows of the table of exit codes.
const EXPORT = ['export', '--provider', 'rhosp13', '--server', 'plain', '--deep'] as const;
const met: string[] = [];
let bench: Bench<OldCloud>;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({ source: oldCloud(), target: simulatedCloud() });
  project = await bench.project('p');
  await bench.source.plant({ name: 'plain', volumes: [{ sizeGiB: 1 }] });
  await bench.source.control.addFault({ method: 'POST', path: '/action$', do: { delayMs: 3000 } });
});
afterEach(async () => expect(await bench.leftovers()).toEqual([]));
afterAll(() => bench[Symbol.asyncDispose]());

test.each([
  ['SIGINT', 130, []],
  ['SIGINT', 130, ['--json']],
  ['SIGTERM', 143, []],
  ['SIGTERM', 143, ['--json']],
  ['SIGHUP', 129, []],
  ['SIGHUP', 129, ['--json']],
] as const)('%s: %i %s, and the image is taken away', async (signal, code, how) => {
  const args = [...EXPORT, ...how];
  const run = startCli(project, args);
  await until('an image to be asked for', async () => run.told().includes('reading its machine type'));
  run.child.kill(signal);
  const ended = await run.finished;
  expect(ended.code, said(ended)).toBe(code);
  expect(ended.stderr).toContain('Interrupted: the image being made is removed first.');
  expect(ended.stdout).toBe('');
  met.push(exitRowOf(args, code));
});

test('every row of the table that is of export was met', () => {
  expect(met.toSorted()).toEqual(exitRows.filter((row) => row.includes(' export')).toSorted());
});
