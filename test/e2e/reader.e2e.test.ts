import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { answeredEffects, effects, forgetCalls } from '../../lab/harness/effects.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { type OldCloud, oldCloud } from '../../lab/harness/parts/old-cloud.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { projectRoot } from '../../lab/harness/project-root.js';
import { planJob, runsOf } from './plan-job.js';
import { manifestOf, migplan, said } from './steps.js';

// The job of a pipeline that plans has accounts that may write nothing: read-only in vCenter, reader in clouds that keep strictly to it,
// the one that VMs go to and an older one that they come from.
const READ_ONLY = ['System.Anonymous', 'System.Read', 'System.View'];
const STRICT = { role: 'reader', policies: 'strict' } as const;
let bench: Bench;
let old: OldCloud;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({ source: vcenter([{ name: 'fresh' }, { name: 'cut' }]), target: simulatedCloud(STRICT) });
  old = await oldCloud(STRICT)(bench.folder);
  await bench.source.control.setUser({ user: bench.source.user, permissions: [{ on: '/', privileges: READ_ONLY }] });
  project = await bench.project('plan-job', { beside: old });
  await project.manifest('fresh', manifestOf('fresh', 'phase: seed'));
  const server = 'target: {server: {flavor: m1.small, networks: [prod-lan]}}';
  await project.manifest('cut', manifestOf('cut', `phase: cutover\n${server}`));
  await old.plant({ name: 'legacy', volumes: [{ name: 'root', sizeGiB: 1 }] });
  await project.manifest('legacy', `source: {provider: ${old.provider}, server: legacy}\nphase: cutover\n${server}`);
  await forget();
});
afterEach(async () => {
  expect(await effects(bench)).toEqual([]);
  expect(await answeredEffects(old.control)).toEqual([]);
  expect([...(await bench.leftovers()), ...(await old.leftovers())]).toEqual([]);
});
afterAll(async () => {
  await old[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

async function forget(): Promise<void> {
  await forgetCalls(bench);
  await old.control.clearCalls();
}

test('everything that plans and tells succeeds, and asks for nothing that would change anything', async () => {
  await planJob(project, runsOf(project));
});

test('whoever reads the plan is warned of what its applier needs and this account lacks', async () => {
  expect(said(await migplan(project, ['show', 'plan.json']))).toContain('[MP5008]');
});

test('doctor says that what the manifests ask for cannot be done with this account, and that it can plan', async () => {
  const { stdout } = await migplan(project, ['doctor', '--json'], { exit: 1 });
  expect(errorsIn(stdout)).toEqual(['vm/cut MP5008', 'vm/fresh MP5008']);
  expect(stdout).toContain('plan: yes, seed and sync: no (privileges), cutover: no (privileges)');
  const told = said(await migplan(project, ['doctor', '--vcenter']));
  expect(told).toMatch(/vc-prod: in all +plan: yes, seed and sync: no, cutover: no/);
});

test('doctor --for plan: what only an apply needs is told and is no failure; a login that plan needs is one', async () => {
  const { stdout } = await migplan(project, ['doctor', '--for', 'plan', '--json']);
  expect(errorsIn(stdout)).toEqual([]);
  expect(stdout).toContain('plan: yes, seed and sync: no (privileges), cutover: no (privileges)');
  expect(stdout).toContain('VirtualMachine.State.CreateSnapshot');
  const sync = await migplan(project, ['doctor', '--for', 'sync', '--json'], { exit: 1 });
  expect(errorsIn(sync.stdout)).toEqual(['vm/cut MP5008', 'vm/fresh MP5008']);
  await migplan(project, ['doctor', '--for', 'plan'], { exit: 1, env: { VCENTER_PASSWORD: 'wrong' } });
});

test('doctor --provider looks at that one alone, whatever the others and the manifests are like', async () => {
  const told = said(await migplan(project, ['doctor', '--provider', 'rhoso-prod'], { env: { VCENTER_PASSWORD: 'wrong' } }));
  expect(told).toMatch(/rhoso-prod: in all +plan: yes/);
  expect(told).not.toMatch(/vc-prod|vm\//);
  const unknown = said(await migplan(project, ['doctor', '--provider', 'rhoso-prd'], { exit: 1 }));
  expect(unknown).toContain('--provider rhoso-prd: the Project has no such provider');
  expect(unknown).toMatch(/providers of the Project: .*rhoso-prod/);
});

test('doctor --openstack asks each cloud two things that it refuses, which stand in the documents, and no other', async () => {
  expect(await effects(bench)).toEqual([]);
  const told = said(await migplan(project, ['doctor', '--openstack']));
  expect(told.match(/plan: yes, seed and sync: not known, server at cutover: no/g)).toHaveLength(2);
  const page = await readFile(join(projectRoot, 'docs/openstack-privileges.md'), 'utf8');
  for (const { control } of [bench.target, old]) {
    const asked = await answeredEffects(control);
    expect(asked).toEqual(['POST /ports 403', 'POST /servers 403']);
    for (const call of asked) expect(page).toContain(`\`${call.replace(' 403', '')}\``);
  }
  expect(await effects(bench)).toEqual(['POST /ports', 'POST /servers']);
  await forget();
});

test('its apply is refused before anything is changed', async () => {
  const told = said(await migplan(project, ['apply', 'plan.json', '--allow-cutover'], { exit: 6 }));
  expect(told).toMatch(/MP5008|MP4002/);
  expect(told).toContain('3 failed');
  // The account of the old cloud tells by its refusal alone what it may not do.
  expect(await answeredEffects(bench.target.control)).toEqual(['POST /volumes 403']);
  await forget();
});

/** Of the checks of `doctor --json`. */
function errorsIn(stdout: string): string[] {
  const { checks } = JSON.parse(stdout) as { checks: { diagnostics: { severity: string; address: string; code: string }[] }[] };
  return checks.flatMap(({ diagnostics }) =>
    diagnostics.filter(({ severity }) => severity === 'error').map(({ address, code }) => `${address} ${code}`),
  );
}
