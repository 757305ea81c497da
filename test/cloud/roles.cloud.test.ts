import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { makeBootDisk } from '../../lab/harness/boot-guest.js';
import { vcenterEffects } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type RealOldCloud, realOldCloud } from '../../lab/harness/parts/real-old-cloud.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import type { RealCloud } from '../../lab/harness/real-cloud.js';
import { isWrite, recordedRequests, recordingTo } from '../../lab/harness/recorded-requests.js';
import { planJob, runsOf } from '../e2e/plan-job.js';
import { asConverted, expectCopied, manifestOf, migplan, said } from '../e2e/steps.js';

// Goal: a plain member can do everything, also where Cinder, Nova and Neutron keep strictly to the roles of their release; a reader can
// plan, and is told at once that it cannot apply.
const NOTHING = '00000000-0000-4000-8000-000000000000';
/** What an account has in vCenter that may look and nothing else. */
const READ_ONLY = ['System.Anonymous', 'System.Read', 'System.View'];
type CloudApi = Awaited<ReturnType<RealCloud['as']>>;
let bench: Bench<Vcenter, RealTarget>;

beforeAll(async () => {
  bench = await Bench.open({ source: vcenter([{ name: 'erp' }, { name: 'fresh' }]), target: realTarget() });
  await bench.target.cloud.strictRoles('on');
});

afterEach(async () => {
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(async () => {
  await bench.target.cloud.strictRoles('off');
  await bench[Symbol.asyncDispose]();
});

const seed = (vm: string): string => manifestOf(vm, 'phase: seed');
/** Snapshots are what an apply would leave traces of on the source. */
const snapshotsTaken = async (): Promise<number> =>
  (await bench.source.control.calls()).calls.filter(({ method }) => method.startsWith('CreateSnapshot')).length;

test('a member seeds and syncs', async () => {
  const project = await bench.project('member');
  await project.manifest('erp', seed('erp'));
  await migplan(project, ['apply', '--auto-approve']);
  await bench.source.control.guestRandomWrites({ vm: 'erp', seed: 4, count: 10, maxBytes: 65_536, zeroRatio: 0.3 });
  await project.manifest('erp', manifestOf('erp', 'phase: sync'));
  await migplan(project, ['apply', '--auto-approve']);
  await expectCopied(bench, 'erp', 2000);
});

test('a reader sees what the member has synced; its apply of a sync changes no volume', async () => {
  const before = await bench.target.cloud.volumeNamed('erp-2000');
  const reader = await bench.project('reader', { entry: 'lab-reader' });
  await reader.manifest('erp', manifestOf('erp', 'phase: sync'));
  expect(said(await migplan(reader, ['plan', '--out', 'plan.json']))).toContain('Plan: 0 to add, 1 to change');
  const refused = said(await migplan(reader, ['apply', 'plan.json'], { exit: 6 }));
  expect(refused).toMatch(/HTTP 403: Policy doesn't allow volume:attachment_create to be performed/);
  expect(await bench.target.cloud.volumeNamed('erp-2000')).toEqual(before);
});

test('a reader plans a seed; its apply ends at the first volume, before anything was changed', async () => {
  const project = await bench.project('fresh', { entry: 'lab-reader' });
  await project.manifest('fresh', seed('fresh'));
  expect(said(await migplan(project, ['plan', '--out', 'plan.json']))).toContain('Plan: 1 to add');
  const before = { volumes: await bench.target.cloud.volumes(), snapshots: await snapshotsTaken() };
  const refused = said(await migplan(project, ['apply', 'plan.json'], { exit: 6 }));
  expect(refused).toContain('MP4002');
  expect(refused).toMatch(/POST \/volumes: HTTP 403: Policy doesn't allow volume:create to be performed/);
  expect(refused).toContain('Ask for a role that allows this call');
  expect({ volumes: await bench.target.cloud.volumes(), snapshots: await snapshotsTaken() }).toEqual(before);
});

test('a member gets its server', async () => {
  const project = await bench.project('server');
  await asConverted(bench, 'erp');
  const server = 'target: {server: {flavor: m1.nano, networks: [demo-net]}}';
  await project.manifest('erp', manifestOf('erp', `phase: cutover\n${server}`));
  await migplan(project, ['apply', '--auto-approve']);
  expect(await bench.target.cloud.servers()).toMatchObject([{ name: 'erp', status: 'ACTIVE' }]);
});

/** All that somebody could have changed in the two projects. */
async function all(cloud: RealCloud): Promise<unknown> {
  const [volumes, attachments, snapshots, servers, ports] = await Promise.all([
    cloud.volumes(),
    cloud.attachments(),
    cloud.snapshots(),
    cloud.servers(),
    cloud.ports(),
  ]);
  return {
    volumes,
    attachments,
    snapshots,
    servers: servers.map(({ id, name, status }) => `${id} ${name} ${status}`),
    ports: ports.map(({ id, name, device_id }) => `${id} ${name} ${device_id}`),
  };
}

describe('a job that plans, whose accounts may write nothing in vCenter, in the old cloud and in the new one', () => {
  const calls = 'requests';
  let old: RealOldCloud;
  let project: LabProject;
  let before: readonly unknown[];
  const everything = () => Promise.all([bench.target.cloud, old.cloud].map(all));

  beforeAll(async () => {
    old = await realOldCloud('lab-old-reader')(bench.folder);
    const root = join(bench.folder, 'root.raw');
    await makeBootDisk(root, 4 * 2 ** 20);
    await old.plant({ name: 'legacy', volumes: [{ name: 'root', sizeGiB: 1, fromFile: root }] });
    project = await bench.project('plan-job', { entry: 'lab-reader', beside: old });
    const server = 'target: {server: {flavor: m1.nano, networks: [demo-net]}}';
    await project.manifest('fresh', manifestOf('fresh', `phase: cutover\n${server}`));
    await project.manifest('legacy', `source: {provider: ${old.provider}, server: legacy}\nphase: cutover\n${server}`);
    await bench.source.control.setUser({ user: bench.source.user, permissions: [{ on: '/', privileges: READ_ONLY }] });
    await bench.source.control.clearCalls();
    before = await everything();
  });

  afterAll(async () => {
    await old[Symbol.asyncDispose]();
  });

  afterEach(async () => {
    expect(await everything()).toEqual(before);
    expect(await vcenterEffects(bench.source.control)).toEqual([]);
  });

  /** Every request of the job to either cloud that is no read, and what was answered. */
  async function writes(): Promise<string[]> {
    const recorded = await recordedRequests(project.at(calls));
    await rm(project.at(calls));
    expect(recorded.length).toBeGreaterThan(0);
    return recorded.filter(isWrite).map(({ method, path, outcome }) => `${method} /${path.split('/').at(-1)} ${outcome}`);
  }

  // The network of a port and the volume of a snapshot are looked up before the policy: they have to be there.
  const first = async (client: CloudApi, service: 'volumev3' | 'network', path: string, list: string): Promise<string> =>
    (await client.call(service, 'GET', path)).body[list][0].id;
  test.each([
    ['volumev3', '/volumes', async () => ({ volume: { size: 1 } })],
    [
      'volumev3',
      '/snapshots',
      async (client: CloudApi) => ({
        snapshot: { volume_id: await first(client, 'volumev3', '/volumes', 'volumes'), force: true },
      }),
    ],
    ['compute', '/servers', async () => ({ server: { name: 'x', flavorRef: 'm1.nano', networks: 'none', imageRef: NOTHING } })],
    [
      'network',
      '/v2.0/ports',
      async (client: CloudApi) => ({ port: { network_id: await first(client, 'network', '/v2.0/networks', 'networks') } }),
    ],
  ] as const)('they are refused %s %s', async (service, path, bodyFor) => {
    for (const entry of ['lab-reader', 'lab-old-reader'] as const) {
      const client = await bench.target.cloud.as(entry);
      const body = await bodyFor(client);
      const answer = await client.call(service, 'POST', path, { body, ...(service === 'compute' && { version: '2.93' }) });
      expect(answer.status, entry).toBe(403);
    }
  });

  test('everything that plans and tells succeeds, and asks for nothing that would change anything', async () => {
    await planJob(project, runsOf(project, recordingTo(project.at(calls))));
    expect(await writes()).toEqual([]);
  });

  test('doctor asks for nothing of that kind either; with --openstack two things of each cloud, which it refuses', async () => {
    const run = runsOf(project, recordingTo(project.at(calls)));
    // Of the VM in vCenter it says that this account cannot do what its manifest asks for.
    expect(said(await run(['doctor'], 1))).toContain('[MP5008]');
    await run(['doctor', '--for', 'plan']);
    await run(['doctor', '--vcenter']);
    expect(await writes()).toEqual([]);
    const told = said(await run(['doctor', '--openstack']));
    expect(told.match(/plan: yes, seed and sync: not known, server at cutover: no/g)).toHaveLength(2);
    expect(await writes()).toEqual(['POST /ports 403', 'POST /servers 403', 'POST /ports 403', 'POST /servers 403']);
  });
});
