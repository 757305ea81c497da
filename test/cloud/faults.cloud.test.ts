import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import { recordedRequests, recordingTo } from '../../lab/harness/recorded-requests.js';
import { until } from '../../lab/harness/until.js';
import { expectCopied, manifestOf, migplan, said } from '../e2e/steps.js';

// What happens to an apply when the cloud below it fails, as docs/cloud-behaviour.md says. After every fault the same plan
// converges and leaves nothing behind.
const GiB = 2 ** 30;
const requestsOf = (project: LabProject): string => join(project.folder, 'requests');
const STILL_MS = 10_000;
const POOL = ['osd', 'pool', 'set-quota', 'volumes', 'max_bytes'];
let bench: Bench<Vcenter, RealTarget>;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([
      { name: 'long', disksMiB: [256], dataRatio: 0.9 },
      { name: 'away', disksMiB: [12], dataRatio: 0.9 },
      { name: 'api-long', disksMiB: [12], dataRatio: 0.9 },
      { name: 'huge', disksMiB: [(3 * 2 ** 40) / 2 ** 20], dataRatio: 0 },
      { name: 'quota', disksMiB: [(6 * GiB) / 2 ** 20], dataRatio: 0 },
    ]),
    target: realTarget(),
  });
});

afterEach(async () => {
  // A test that failed with the pool full must not stop the ones that follow.
  await bench.target.cloud.ceph(...POOL, '0');
});

afterAll(async () => {
  await bench.target.cloud.lab('up');
  await bench.target.cloud.lab('quota', '--reset', 'demo');
  await bench[Symbol.asyncDispose]();
});

interface Running {
  readonly project: LabProject;
  readonly finished: ReturnType<typeof startCli>['finished'];
  readonly child: ReturnType<typeof startCli>['child'];
}

/**
 * A seed that is in the middle of its copy: one checkpoint is on the volume and more are to come. Its source stays slow until
 * `expectConverges`, so that it is still copying when the fault comes.
 */
async function copying(vm: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const project = await bench.project(vm);
  await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  await migplan(project, ['plan', '--out', 'plan.json']);
  await bench.source.control.setVddk({ readDelayMs: 200 });
  const run = startCli(project, ['apply', 'plan.json'], { env: { ...recordingTo(requestsOf(project)), ...env } });
  await until('a checkpoint', async () => (await recordOf(vm))?.includes(' p='));
  return { project, ...run };
}

const recordOf = async (vm: string): Promise<string | undefined> =>
  (await bench.target.cloud.volumes()).find(({ name }) => name === `${vm}-2000`)?.metadata['migplan'];

/** How each request of the apply has ended. */
const outcomes = async (project: LabProject): Promise<(number | string)[]> =>
  (await recordedRequests(requestsOf(project))).map(({ outcome }) => outcome);

async function expectConverges(project: LabProject, vm: string): Promise<void> {
  await bench.source.control.setVddk({});
  await migplan(project, ['apply', 'plan.json']);
  await expectCopied(bench, vm, 2000);
  expect(await bench.leftovers()).toEqual([]);
}

describe('one copy goes on through all of this:', () => {
  let run: Running;

  beforeAll(async () => {
    const impatient = join(bench.folder, 'impatient.yaml');
    const clouds = await readFile(bench.target.cloud.cloudsFile, 'utf8');
    await writeFile(impatient, clouds.replace(/^( {2}lab: {)/m, '$1"api_timeout": "10", '), { mode: 0o600 });
    run = await copying('long', { OS_CLIENT_CONFIG_FILE: impatient });
  });

  const checkpoint = async () => / p=(\S+)/.exec((await recordOf('long')) ?? '')?.[1];

  /** One more checkpoint is written than there was. */
  async function goesOn(): Promise<void> {
    const last = await checkpoint();
    const ended = run.finished.then((result) => expect.unreachable(`it ended:\n${said(result)}`));
    await Promise.race([until('a further checkpoint', async () => (await checkpoint()) !== last), ended]);
  }

  /** No further checkpoint for a time that is good for several; a copy that has come to its end has none. */
  const standsStill = () =>
    until('the copy to stand still', async () => {
      const last = await checkpoint();
      await sleep(STILL_MS);
      expect(run.child.exitCode, 'the apply has ended').toBeNull();
      return last !== undefined && (await checkpoint()) === last;
    });

  const meets = (outcome: number | string) =>
    until(`${outcome} for the apply`, async () => (await outcomes(run.project)).includes(outcome));

  test('cinder-volume is killed and started again', async () => {
    await bench.target.cloud.lab('restart', '--kill', 'cinder-volume');
    await goesOn();
  });

  test('every token becomes invalid: it logs in again', async () => {
    await bench.target.cloud.revokeTokens();
    await meets(401);
    await goesOn();
  });

  test('503, because nobody can check tokens: calls are repeated', async () => {
    await bench.target.cloud.lab('down', 'keystone');
    await meets(503);
    await bench.target.cloud.lab('up');
    await goesOn();
  });

  test('no answer in time: calls are repeated', async () => {
    await bench.target.cloud.freeze('cinder-api', 'stop');
    try {
      await meets('UND_ERR_HEADERS_TIMEOUT');
    } finally {
      await bench.target.cloud.freeze('cinder-api', 'go on');
    }
    await goesOn();
  });

  test('the volume API is killed and started again: calls are repeated', async () => {
    await bench.target.cloud.lab('restart', '--kill', 'cinder-api');
    await goesOn();
  });

  test('the pool is full: writing waits, and goes on when there is room', async () => {
    await fillPool();
    await standsStill();
    await bench.target.cloud.ceph(...POOL, '0');
    await goesOn();
  });

  test('the pool is full and it is told to stop: it stops, and the same plan goes on', async () => {
    await fillPool();
    await standsStill();
    run.child.kill('SIGINT');
    const result = await run.finished;
    expect(result.code, said(result)).toBe(130);
    await bench.target.cloud.ceph(...POOL, '0');
    await expectConverges(run.project, 'long');
  });
});

describe('an apply ends and says why; the same plan goes on:', () => {
  test('cinder-volume is away when the volume is given back', async () => {
    const { project, finished } = await copying('away');
    await bench.target.cloud.lab('down', 'cinder-volume');
    const result = await finished;
    expect(result.code, said(result)).toBe(6);
    expect(said(result)).toMatch(/DELETE \/attachments\/[0-9a-f-]+: HTTP 500/);
    expect(await recordOf('away')).toContain('s=clean');
    await bench.target.cloud.lab('up');
    await expectConverges(project, 'away');
  });

  test('the volume API stays away', async () => {
    const { project, finished } = await copying('api-long');
    await bench.target.cloud.lab('down', 'cinder-api');
    const result = await finished;
    expect(result.code, said(result)).toBe(6);
    await bench.target.cloud.lab('up');
    await expectConverges(project, 'api-long');
  });
});

describe('no room:', () => {
  test('the quota of the project is too small by now: the apply says so and changes nothing', async () => {
    const project = await bench.project('quota');
    await project.manifest('quota', manifestOf('quota', 'phase: seed'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    await bench.target.cloud.lab('quota', 'demo', 'gigabytes=4');
    const refused = said(await migplan(project, ['apply', 'plan.json'], { exit: 4 }));
    expect(refused).toContain('Quota is too small [MP2019]');
    expect(await recordOf('quota')).toBeUndefined();
    expect(said(await migplan(project, ['plan']))).toContain('Quota is too small [MP2019]');
    await bench.target.cloud.lab('quota', '--reset', 'demo');
    await expectConverges(project, 'quota');
  });

  test('the back end has no room for a volume: the apply tells what the scheduler says', async () => {
    const project = await bench.project('huge');
    await project.manifest('huge', manifestOf('huge', 'phase: seed'));
    await migplan(project, ['plan', '--out', 'plan.json']);
    const refused = said(await migplan(project, ['apply', 'plan.json'], { exit: 6 }));
    expect(refused).toContain('MP4008');
    expect(refused).toContain('went to error: schedule allocate volume:Could not find any available weighted backend.');
    // The volume stays for somebody to look at it, and until it is gone nothing is done.
    expect(said(await migplan(project, ['plan']))).toContain('Volume is in an error state [MP2016]');
    const { id } = await bench.target.cloud.volumeNamed('huge-2000');
    await bench.target.cloud.call('volumev3', 'DELETE', `/volumes/${id}`);
    await until('the volume to be gone', async () => (await recordOf('huge')) === undefined);
    expect(said(await migplan(project, ['plan']))).toContain('Plan: 1 to add');
  });
});

/** Ceph holds back all writes to the pool from then on. */
async function fillPool(): Promise<void> {
  await bench.target.cloud.ceph(...POOL, '1048576');
  await until('the pool to be full', async () => (await bench.target.cloud.ceph('osd', 'dump')).includes('full_quota'));
}
