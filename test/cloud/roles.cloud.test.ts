import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { CloudBench } from '../../lab/harness/cloud-bench.js';
import { smallWorld } from '../../lab/harness/small-world.js';
import { manifestOf, migplan, said } from '../e2e/steps.js';

// Goal: a plain member can do everything, also where Cinder keeps strictly to the roles of its release; a reader can plan, and is
// told at once that it cannot apply.
let bench: CloudBench;

beforeAll(async () => {
  bench = await CloudBench.open(() => smallWorld([{ name: 'member' }, { name: 'off', power: 'poweredOff' }, { name: 'fresh' }, { name: 'seeded' }]));
  await bench.cloud.strictRoles('on');
});

afterEach(async () => {
  expect(await bench.leftovers()).toEqual([]);
});

afterAll(async () => {
  await bench.cloud.strictRoles('off');
  await bench[Symbol.asyncDispose]();
});

const seed = (vm: string): string => manifestOf(vm, 'phase: seed');
/** Snapshots are what an apply would leave traces of on the source. */
const snapshotsTaken = async (): Promise<number> =>
  (await bench.source.vcenter.control.calls()).calls.filter(({ method }) => method.startsWith('CreateSnapshot')).length;

test('a member seeds and syncs', async () => {
  const project = await bench.project('member');
  await project.manifest('member', seed('member'));
  await migplan(project, ['apply', '--auto-approve']);
  await bench.source.vcenter.control.guestRandomWrites({ vm: 'member', seed: 4, count: 10, maxBytes: 65_536, zeroRatio: 0.3 });
  await project.manifest('member', manifestOf('member', 'phase: sync'));
  await migplan(project, ['apply', '--auto-approve']);
  expect(await bench.equalsSnapshot('member', 2000)).toBe(true);
});

test('a member gets its server', async () => {
  const project = await bench.project('off');
  await project.manifest('off', seed('off'));
  await migplan(project, ['apply', '--auto-approve']);
  // As virt-v2v would have left it: a conversion is proven elsewhere.
  const { id, metadata } = await bench.cloud.volumeNamed('off-2000');
  const converted = { converted: 'true', migplan: metadata['migplan']!.replace('s=clean', 's=converted') };
  await bench.cloud.call('volumev3', 'POST', `/volumes/${id}/metadata`, { metadata: converted });
  const server = 'target: {server: {flavor: m1.nano, networks: [demo-net]}}';
  await project.manifest('off', manifestOf('off', `phase: cutover\n${server}`));
  await migplan(project, ['apply', '--auto-approve']);
  expect(await bench.cloud.servers()).toMatchObject([{ name: 'off', status: 'ACTIVE' }]);
});

test('a reader plans a seed; its apply ends at the first volume, before anything was changed', async () => {
  const project = await bench.project('fresh', { entry: 'lab-reader' });
  await project.manifest('fresh', seed('fresh'));
  expect(said(await migplan(project, ['plan', '--out', 'plan.json']))).toContain('Plan: 1 to add');
  const before = { volumes: await bench.cloud.volumes(), snapshots: await snapshotsTaken() };
  const refused = said(await migplan(project, ['apply', 'plan.json'], { exit: 6 }));
  expect(refused).toContain('MP4002');
  expect(refused).toMatch(/POST \/volumes: HTTP 403: Policy doesn't allow volume:create to be performed/);
  expect(refused).toContain('Ask for a role that allows this call');
  expect({ volumes: await bench.cloud.volumes(), snapshots: await snapshotsTaken() }).toEqual(before);
});

test('a reader sees what a member has seeded; its apply of a sync changes no volume', async () => {
  const member = await bench.project('seeded');
  await member.manifest('seeded', seed('seeded'));
  await migplan(member, ['apply', '--auto-approve']);
  const before = await bench.cloud.volumeNamed('seeded-2000');
  const reader = await bench.project('seeded-reader', { entry: 'lab-reader' });
  await reader.manifest('seeded', manifestOf('seeded', 'phase: sync'));
  expect(said(await migplan(reader, ['plan', '--out', 'plan.json']))).toContain('Plan: 0 to add, 1 to change');
  const refused = said(await migplan(reader, ['apply', 'plan.json'], { exit: 6 }));
  expect(refused).toMatch(/HTTP 403: Policy doesn't allow volume:attachment_create to be performed/);
  expect(await bench.cloud.volumeNamed('seeded-2000')).toEqual(before);
});
