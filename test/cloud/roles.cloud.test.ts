import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { type RealTarget, realTarget } from '../../lab/harness/parts/real-target.js';
import { type Vcenter, vcenter } from '../../lab/harness/parts/vcenter.js';
import { asConverted, expectCopied, manifestOf, migplan, said } from '../e2e/steps.js';

// Goal: a plain member can do everything, also where Cinder keeps strictly to the roles of its release; a reader can plan, and is
// told at once that it cannot apply.
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
