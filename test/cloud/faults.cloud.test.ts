import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCli } from '../../lab/harness/cli.js';
import { CloudBench } from '../../lab/harness/cloud-bench.js';
import type { LabProject } from '../../lab/harness/project-files.js';
import { smallWorld } from '../../lab/harness/small-world.js';
import { until } from '../../lab/harness/until.js';
import { manifestOf, migplan, said } from '../e2e/steps.js';

// What happens to an apply when the cloud below it fails, as docs/cloud-behaviour.md says. After every fault the same plan
// converges and leaves nothing behind.
const GiB = 2 ** 30;
const VMS = ['restart', 'away', 'token', 'api', 'api-long', 'full', 'full-stopped'] as const;
const POOL = ['osd', 'pool', 'set-quota', 'volumes', 'max_bytes'];
let bench: CloudBench;

beforeAll(async () => {
  bench = await CloudBench.open(() =>
    smallWorld([
      ...VMS.map((name) => ({ name, disksMiB: [16], dataRatio: 0.9 })),
      { name: 'huge', disksMiB: [(3 * 2 ** 40) / 2 ** 20], dataRatio: 0 },
      { name: 'quota', disksMiB: [(6 * GiB) / 2 ** 20], dataRatio: 0 },
    ]),
  );
});

afterEach(async () => {
  await bench.source.vcenter.control.setVddk({});
});

afterAll(async () => {
  await bench.cloud.lab('up');
  await bench.cloud.ceph(...POOL, '0');
  await bench.cloud.lab('quota', '--reset', 'demo');
  await bench[Symbol.asyncDispose]();
});

interface Running {
  readonly project: LabProject;
  readonly finished: ReturnType<typeof startCli>['finished'];
  readonly child: ReturnType<typeof startCli>['child'];
}

/** A seed that is in the middle of its copy: one checkpoint is on the volume and more are to come. */
async function copying(vm: string): Promise<Running> {
  const project = await bench.project(vm);
  await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  await migplan(project, ['plan', '--out', 'plan.json']);
  await bench.source.vcenter.control.setVddk({ readDelayMs: 150 });
  const run = startCli(project, ['apply', 'plan.json']);
  await until('a checkpoint', async () => (await recordOf(vm))?.includes(' p='));
  return { project, ...run };
}

const recordOf = async (vm: string): Promise<string | undefined> =>
  (await bench.cloud.volumes()).find(({ name }) => name === `${vm}-2000`)?.metadata['migplan'];

async function expectConverges(project: LabProject, vm: string): Promise<void> {
  await bench.source.vcenter.control.setVddk({});
  await migplan(project, ['apply', 'plan.json']);
  expect(await bench.equalsSnapshot(vm, 2000)).toBe(true);
  expect(await bench.leftovers()).toEqual([]);
}

describe('in the middle of a copy', () => {
  test('cinder-volume is killed and started again: the apply does not notice', async () => {
    const { project, finished } = await copying('restart');
    await bench.cloud.lab('restart', '--kill', 'cinder-volume');
    const result = await finished;
    console.log('RESTART', result.code, said(result));
    expect(result.code, said(result)).toBe(0);
    await expectConverges(project, 'restart');
  });

  test('cinder-volume is away when the volume is given back', async () => {
    const { project, finished } = await copying('away');
    await bench.cloud.lab('down', 'cinder-volume');
    const result = await finished;
    console.log('AWAY', result.code, said(result));
    await bench.cloud.lab('up');
    await expectConverges(project, 'away');
  });

  test('every token becomes invalid: it logs in again', async () => {
    const { project, finished } = await copying('token');
    await bench.cloud.revokeTokens();
    // The services remember valid tokens for minutes; a new process does not.
    await bench.cloud.lab('restart', 'cinder-api');
    const result = await finished;
    console.log('TOKEN', result.code, said(result));
    expect(result.code, said(result)).toBe(0);
    await expectConverges(project, 'token');
  });

  test('the volume API is away for seconds: it is asked again', async () => {
    const { project, finished } = await copying('api');
    await bench.cloud.lab('restart', '--kill', 'cinder-api');
    const result = await finished;
    console.log('API', result.code, said(result));
    await expectConverges(project, 'api');
  });

  test('the volume API is away for longer: the apply ends and says why, the same plan goes on', async () => {
    const { project, finished } = await copying('api-long');
    await bench.cloud.lab('down', 'cinder-api');
    const result = await finished;
    console.log('APILONG', result.code, said(result));
    expect(result.code, said(result)).toBe(6);
    await bench.cloud.lab('up');
    await expectConverges(project, 'api-long');
  });
});

describe('no room', () => {
  test('the quota of the project is too small by now: the apply says so and changes nothing', async () => {
    const project = await bench.project('quota');
    await project.manifest('quota', manifestOf('quota', 'phase: seed'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    await bench.cloud.lab('quota', 'demo', 'gigabytes=4');
    const refused = said(await migplan(project, ['apply', 'plan.json'], { exit: 6 }));
    console.log('QUOTA', refused);
    const planned = await migplan(project, ['plan'], { exit: 0 });
    console.log('QUOTA PLAN', said(planned));
    await bench.cloud.lab('quota', '--reset', 'demo');
    await expectConverges(project, 'quota');
  });

  test('the back end has no room for a volume: the apply tells what the scheduler says', async () => {
    const project = await bench.project('huge');
    await project.manifest('huge', manifestOf('huge', 'phase: seed'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    const refused = said(await migplan(project, ['apply', 'plan.json'], { exit: 6 }));
    console.log('HUGE', refused);
    console.log('HUGE AGAIN', said(await migplan(project, ['apply', 'plan.json'], { exit: 6 })));
    console.log('HUGE PLAN', said(await migplan(project, ['plan'])));
  });

  test('the pool is full in the middle of a copy: writing waits, and goes on when there is room', async () => {
    const { project, finished } = await copying('full');
    await bench.cloud.ceph(...POOL, '1048576');
    await bench.source.vcenter.control.setVddk({});
    const before = await recordOf('full');
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    console.log('FULL', before, '->', await recordOf('full'));
    await bench.cloud.ceph(...POOL, '0');
    const result = await finished;
    console.log('FULL', result.code, said(result));
    await expectConverges(project, 'full');
  });

  test('the pool is full and the apply is told to stop: it stops', async () => {
    const { project, finished, child } = await copying('full-stopped');
    await bench.cloud.ceph(...POOL, '1048576');
    await bench.source.vcenter.control.setVddk({});
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    const began = Date.now();
    child.kill('SIGINT');
    const result = await finished;
    console.log('FULLSTOP', result.code, Date.now() - began, said(result));
    console.log('FULLSTOP', await bench.leftovers());
    await bench.cloud.ceph(...POOL, '0');
    await expectConverges(project, 'full-stopped');
  });
});
