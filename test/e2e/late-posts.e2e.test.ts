import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { dieWhilePosting } from './late-posts.js';
import { asConverted, expectCopied, manifestOf, migplan, said, seeded } from './steps.js';

// Goal: what a dead run had asked for, and the cloud makes while the next run asks for the same, is there once and is used. The same is
// tried on a real cloud (test/cloud/deaths.cloud.test.ts).
let bench: Bench;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([{ name: 'volumes' }, { name: 'ports' }, { name: 'servers' }]),
    target: simulatedCloud(),
  });
});
afterEach(async () => {
  expect(await bench.leftovers()).toEqual([]);
});
afterAll(() => bench[Symbol.asyncDispose]());

test('a volume: the next run has its own, and plans tell of the other', async () => {
  const project = await bench.project('volumes');
  await project.manifest('volumes', manifestOf('volumes', 'phase: seed'));
  await migplan(project, ['plan', '--out', 'plan.json']);
  expect(await dieWhilePosting(project, 'volumes')).toEqual([202, 202]);
  await expectCopied(bench, 'volumes', 2000);
  const told = said(await migplan(project, ['plan']));
  expect(told).toContain('[MP2015]');
  const [, spare] = /openstack volume delete (\S+)/.exec(told)!;
  const ours = (await bench.target.control.volumes()).filter(({ id }) => id !== spare);
  expect(ours).toMatchObject([{ metadata: { migplan: expect.stringContaining('s=clean') } }]);
});

test.each([
  ['ports', [201, 409]],
  ['servers', [202, 409]],
] as const)('%s: the one that is there is taken', async (made, answers) => {
  const project = await bench.project(made);
  await seeded(bench, project, made);
  await asConverted(bench, made);
  const server = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
  await project.manifest(made, manifestOf(made, `phase: cutover\n${server}`));
  await migplan(project, ['plan', '--out', 'plan.json']);
  expect(await dieWhilePosting(project, made)).toEqual(answers);
  const servers = (await bench.target.control.servers()).filter(({ name }) => name === made);
  expect(servers).toMatchObject([{ status: 'ACTIVE' }]);
  const mac = servers[0]!.domain.interfaces[0]!.macAddress;
  const ports = (await bench.target.control.ports()).filter(({ macAddress }) => macAddress === mac);
  expect(ports.map(({ deviceId }) => deviceId)).toEqual([servers[0]!.id]);
});
