import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { manifestOf, migplan, said } from './steps.js';

// The job of a pipeline that plans has accounts that may write nothing: read-only in vCenter, reader in a cloud that keeps strictly to it.
const READ_ONLY = ['System.Anonymous', 'System.Read', 'System.View'];
let bench: Bench;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter([{ name: 'fresh' }, { name: 'cut' }]),
    target: simulatedCloud({ role: 'reader', policies: 'strict' }),
  });
  await bench.source.control.setUser({ user: bench.source.user, permissions: [{ on: '/', privileges: READ_ONLY }] });
  project = await bench.project('plan-job');
  await project.manifest('fresh', manifestOf('fresh', 'phase: seed'));
  const server = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
  await project.manifest('cut', manifestOf('cut', `phase: cutover\n${server}`));
  await forgetCalls(bench);
});
afterEach(async () => {
  expect(await effects(bench)).toEqual([]);
  expect(await bench.leftovers()).toEqual([]);
});
afterAll(() => bench[Symbol.asyncDispose]());

test('plans, and whoever reads the plan is warned of what its applier needs and this account lacks', async () => {
  const told = said(await migplan(project, ['plan', '--out', 'plan.json', '--detailed-exitcode'], { exit: 2 }));
  expect(told).toMatch(/^Plan: 2 to add|^Plan: 3 to add/m);
  expect(told).toContain('[MP5008]');
  await migplan(project, ['plan', '--out', 'again.json', '--fail-on', 'blocked']);
});

test('shows, compares, looks for drift and tells the status', async () => {
  expect(said(await migplan(project, ['show', 'plan.json', '--format', 'markdown']))).toContain('### migplan:');
  await migplan(project, ['diff', 'plan.json', 'again.json', '--detailed-exitcode']);
  await migplan(project, ['drift', '--detailed-exitcode']);
  expect(said(await migplan(project, ['status']))).toMatch(/vm\/fresh\/disk\/2000 +seed/);
});

test('doctor says that it can plan, and nothing more', async () => {
  const vcenterTold = said(await migplan(project, ['doctor', '--vcenter']));
  expect(vcenterTold).toMatch(/vc-prod: in all +plan: yes, seed and sync: no, cutover: no/);
  expect(said(await migplan(project, ['doctor', '--openstack']))).toMatch(/plan: (yes|allowed)/);
  // Its questions are calls that this cloud refuses to a reader, and that name nothing that there is.
  await forgetCalls(bench);
});

test('its apply is refused before anything is changed', async () => {
  const told = said(await migplan(project, ['apply', 'plan.json', '--allow-cutover'], { exit: 6 }));
  expect(told).toMatch(/MP5008|MP4002/);
  expect(told).toContain('2 failed');
});
