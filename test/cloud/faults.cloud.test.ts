import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCli } from '../../lab/harness/cli.js';
import { CloudBench } from '../../lab/harness/cloud-bench.js';
import type { LabProject } from '../../lab/harness/project-files.js';
import { recordedRequests, recordingTo } from '../../lab/harness/recorded-requests.js';
import { smallWorld } from '../../lab/harness/small-world.js';
import { until } from '../../lab/harness/until.js';
import { manifestOf, migplan, said } from '../e2e/steps.js';

// What happens to an apply when the cloud below it fails, as docs/cloud-behaviour.md says. After every fault the same plan
// converges and leaves nothing behind.
const GiB = 2 ** 30;
const VMS = ['restart', 'away', 'token', 'busy', 'silent', 'api', 'api-long', 'full', 'full-stopped'] as const;
const requestsOf = (project: LabProject): string => join(project.folder, 'requests');
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
async function copying(vm: string, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const project = await bench.project(vm);
  await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  await migplan(project, ['plan', '--out', 'plan.json']);
  await bench.source.vcenter.control.setVddk({ readDelayMs: 150 });
  const run = startCli(project, ['apply', 'plan.json'], { env: { ...recordingTo(requestsOf(project)), ...env } });
  await until('a checkpoint', async () => (await recordOf(vm))?.includes(' p='));
  return { project, ...run };
}

const recordOf = async (vm: string): Promise<string | undefined> =>
  (await bench.cloud.volumes()).find(({ name }) => name === `${vm}-2000`)?.metadata['migplan'];

/** How each request of the apply has ended. */
const outcomes = async (project: LabProject): Promise<(number | string)[]> =>
  (await recordedRequests(requestsOf(project))).map(({ outcome }) => outcome);

async function expectCopied(vm: string): Promise<void> {
  expect(await bench.equalsSnapshot(vm, 2000)).toBe(true);
  expect(await bench.leftovers()).toEqual([]);
}

async function expectConverges(project: LabProject, vm: string): Promise<void> {
  await bench.source.vcenter.control.setVddk({});
  await migplan(project, ['apply', 'plan.json']);
  await expectCopied(vm);
}

/** The apply did its work in spite of the fault. */
async function expectUnimpressed({ finished }: Running, vm: string): Promise<void> {
  const result = await finished;
  expect(result.code, said(result)).toBe(0);
  await expectCopied(vm);
}

describe('in the middle of a copy', () => {
  test('cinder-volume is killed and started again: the apply does not notice', async () => {
    const run = await copying('restart');
    await bench.cloud.lab('restart', '--kill', 'cinder-volume');
    await expectUnimpressed(run, 'restart');
  });

  test('cinder-volume is away when the volume is given back', async () => {
    const { project, finished } = await copying('away');
    await bench.cloud.lab('down', 'cinder-volume');
    const result = await finished;
    expect(result.code, said(result)).toBe(6);
    expect(said(result)).toMatch(/DELETE \/attachments\/[0-9a-f-]+: HTTP 500/);
    expect(await recordOf('away')).toContain('s=clean');
    await bench.cloud.lab('up');
    await expectConverges(project, 'away');
  });

  test('every token becomes invalid: it logs in again', async () => {
    const run = await copying('token');
    await bench.cloud.revokeTokens();
    await expectUnimpressed(run, 'token');
    expect(await outcomes(run.project)).toContain(401);
  });

  test('503, because nobody can check tokens: calls are repeated until it works again', async () => {
    const run = await copying('busy');
    await bench.cloud.lab('down', 'keystone');
    await until('a 503 for the apply', async () => (await outcomes(run.project)).includes(503));
    await bench.cloud.lab('up');
    await expectUnimpressed(run, 'busy');
  });

  test('no answer in time: calls are repeated until there is one', async () => {
    const impatient = join(bench.folder, 'impatient.yaml');
    const clouds = await readFile(bench.cloud.cloudsFile, 'utf8');
    await writeFile(impatient, clouds.replace(/^( {2}lab: {)/m, '$1"api_timeout": "3", '), { mode: 0o600 });
    const run = await copying('silent', { OS_CLIENT_CONFIG_FILE: impatient });
    await bench.cloud.freeze('cinder-api', 'stop');
    try {
      await until('a timeout', async () => (await outcomes(run.project)).includes('UND_ERR_HEADERS_TIMEOUT'));
    } finally {
      await bench.cloud.freeze('cinder-api', 'go on');
    }
    await expectUnimpressed(run, 'silent');
  });

  test('the volume API is away for seconds: it is asked again', async () => {
    const run = await copying('api');
    await bench.cloud.lab('restart', '--kill', 'cinder-api');
    await expectUnimpressed(run, 'api');
  });

  test('the volume API is away for longer: the apply ends and says why, the same plan goes on', async () => {
    const { project, finished } = await copying('api-long');
    await bench.cloud.lab('down', 'cinder-api');
    const result = await finished;
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
    expect(refused).toContain('MP4004');
    expect(refused).toContain('VolumeSizeExceedsAvailableQuota');
    expect(await recordOf('quota')).toBeUndefined();
    expect(said(await migplan(project, ['plan']))).toContain('Quota is too small [MP2019]');
    await bench.cloud.lab('quota', '--reset', 'demo');
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
    const { id } = await bench.cloud.volumeNamed('huge-2000');
    await bench.cloud.call('volumev3', 'DELETE', `/volumes/${id}`);
    await until('the volume to be gone', async () => (await recordOf('huge')) === undefined);
    expect(said(await migplan(project, ['plan']))).toContain('Plan: 1 to add');
  });

  test('the pool is full in the middle of a copy: writing waits, and goes on when there is room', async () => {
    const run = await copying('full');
    await fillPool();
    await standsStill(run.child);
    await bench.cloud.ceph(...POOL, '0');
    await expectUnimpressed(run, 'full');
  });

  test('the pool is full and the apply is told to stop: it stops', async () => {
    const { project, finished, child } = await copying('full-stopped');
    await fillPool();
    await standsStill(child);
    child.kill('SIGINT');
    const result = await finished;
    expect(result.code, said(result)).toBe(130);
    await bench.cloud.ceph(...POOL, '0');
    await expectConverges(project, 'full-stopped');
  });
});

/** Ceph holds back all writes to the pool from then on. */
async function fillPool(): Promise<void> {
  await bench.cloud.ceph(...POOL, '1048576');
  await until('the pool to be full', async () => (await bench.cloud.ceph('osd', 'dump')).includes('full_quota'));
  await bench.source.vcenter.control.setVddk({});
}

/** Its own word for it: twice the same number of bytes. */
async function standsStill({ stdout }: Running['child']): Promise<void> {
  const seen: (string | undefined)[] = [];
  stdout?.on('data', (text: string) => {
    if (text.includes('Still copying')) seen.push(/\[([\d.]+ \w+) of/.exec(text)?.[1]);
  });
  await until('the copy to stand still', async () => seen.length > 1 && seen.at(-1) === seen.at(-2));
}
