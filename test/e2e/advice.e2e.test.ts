import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { role } from '../../src/providers/vmware/role.js';
import { cliAdvice } from '../advice/cli-advice.js';
import { rewritePlan } from './saved-plan.js';
import { manifestOf, migplan, said } from './steps.js';

// What migplan advises to type is typed: the first command gives the advice, and after the advised one the trouble is gone.
let bench: Bench;
let empty: string;

beforeAll(async () => {
  bench = await Bench.open({
    source: vcenter(['place', 'ask', 'yes', 'grown', 'late', 'role', 'seed', 'read'].map((name) => ({ name }))),
    target: simulatedCloud(),
  });
  empty = await mkdtemp(join(tmpdir(), 'migplan-empty-'));
});
afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await rm(empty, { recursive: true, force: true });
});

const nowhere = { folder: '/', environment: {} };

async function projectOf(vm: string, access?: string): Promise<LabProject> {
  const project = await bench.project(vm, { access });
  await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  return project;
}

const permit = (on: string, privileges: readonly string[]) =>
  bench.source.control.setUser({ user: bench.source.user, permissions: [{ on, privileges }] });
const without = (...names: readonly string[]) => role.privileges.filter((one) => !names.includes(one));

const trials: Readonly<Record<(typeof cliAdvice)[number], (advice: string) => Promise<void>>> = {
  'To start a new project, run: migplan init': async (advice) => {
    const here = { folder: empty, environment: {} };
    expect(said(await migplan(here, ['validate'], { exit: 1 }))).toContain(advice);
    await migplan(here, ['init']);
    await migplan(here, ['validate']);
  },

  'start the project in a folder that can be written: migplan init --chdir DIR': async (advice) => {
    expect(said(await migplan(nowhere, ['init', '--chdir', '/proc'], { exit: 1 }))).toContain(advice);
    const folder = await mkdtemp(join(empty, 'other-'));
    await migplan(nowhere, ['init', '--chdir', folder]);
    await migplan(nowhere, ['validate', '--chdir', folder]);
  },

  'or start the project in another folder: migplan init --chdir DIR': async (advice) => {
    const [taken, folder] = [await mkdtemp(join(empty, 'taken-')), await mkdtemp(join(empty, 'other-'))];
    await writeFile(join(taken, 'manifests'), '');
    expect(said(await migplan(nowhere, ['init', '--chdir', taken], { exit: 1 }))).toContain(advice);
    await migplan(nowhere, ['init', '--chdir', folder]);
    await migplan(nowhere, ['validate', '--chdir', folder]);
  },

  'choose another place: migplan plan --out FILE': async (advice) => {
    const project = await projectOf('place');
    expect(said(await migplan(project, ['plan', '--out', '/proc/plan.json'], { exit: 1 }))).toContain(advice);
    await migplan(project, ['plan', '--out', 'plan.json']);
    await migplan(project, ['show', 'plan.json']);
  },

  'save a plan and apply it: migplan plan --out plan.json && migplan apply plan.json': async (advice) => {
    const project = await projectOf('ask');
    expect(said(await migplan(project, ['apply'], { exit: 1 }))).toContain(advice);
    await migplan(project, ['plan', '--out', 'plan.json']);
    expect(said(await migplan(project, ['apply', 'plan.json']))).toContain('1 added');
  },

  'or pass --auto-approve': async (advice) => {
    const project = await projectOf('yes');
    expect(said(await migplan(project, ['apply'], { exit: 1 }))).toContain(advice);
    expect(said(await migplan(project, ['apply', '--auto-approve']))).toContain('1 added');
  },

  // The disk grows when apply has looked at it already, and has not frozen it yet.
  'run migplan plan again: it shows what changed': async (advice) => {
    const project = await projectOf('grown');
    const { control } = bench.source;
    await control.addFault({ method: 'CreateSnapshot_Task', do: { delayMs: 2_000 } });
    const before = (await control.calls()).calls.length;
    const run = startCli(project, ['apply', '--auto-approve']);
    await until('the snapshot to be asked for', async () =>
      (await control.calls()).calls.slice(before).some(({ method }) => method === 'CreateSnapshot_Task'),
    );
    await control.extendDisk({ vm: 'grown', capacityBytes: 16 * 2 ** 20 });
    expect(said(await run.finished)).toContain(advice);
    expect(said(await migplan(project, ['plan']))).toMatch(/16\.0 MiB|16777216/);
  },

  'set the clocks of both machines, then make a new plan: migplan plan --out plan.json': async (advice) => {
    const project = await projectOf('late');
    await migplan(project, ['plan', '--out', 'plan.json']);
    const ahead = (time: string): string => new Date(Date.parse(time) + 86_400_000).toISOString();
    await rewritePlan(project, { from: 'plan.json', to: 'future.json' }, (plan) => ({
      ...plan,
      timestamp: ahead(plan.timestamp),
      plan: { ...plan.plan, created_at: ahead(plan.plan.created_at), expires_at: ahead(plan.plan.expires_at) },
    }));
    expect(said(await migplan(project, ['apply', 'future.json'], { exit: 4 }))).toContain(advice);
    await migplan(project, ['plan', '--out', 'plan.json']);
    expect(said(await migplan(project, ['apply', 'plan.json']))).toContain('1 added');
  },

  'what else is missing, and where: migplan doctor --vcenter': async (advice) => {
    await permit('/DC1', without('VirtualMachine.State.RemoveSnapshot', 'VirtualMachine.State.CreateSnapshot'));
    const project = await projectOf('role');
    expect(said(await migplan(project, ['plan']))).toContain(advice);
    const { stdout } = await migplan(project, ['doctor', '--vcenter']);
    expect(stdout).toMatch(/lacks on VirtualMachine vm-\d+ \(vm\/role\): .*RemoveSnapshot/);
  },

  'or make a new role: migplan doctor --vcenter --role': async (advice) => {
    const project = await projectOf('role');
    expect(said(await migplan(project, ['plan']))).toContain(advice);
    const { stdout } = await migplan(project, ['doctor', '--vcenter', '--role', '--json']);
    await permit('/DC1', (JSON.parse(stdout) as { role: { privileges: string[] } }).role.privileges);
    expect(said(await migplan(project, ['plan']))).not.toContain('MP5008');
  },

  'try one seed: migplan plan, then migplan apply; what follows is needed only if a disk cannot be opened': async (advice) => {
    await permit('/DC1', without('Datastore.FileManagement'));
    const project = await projectOf('seed');
    expect(said(await migplan(project, ['doctor', '--vcenter']))).toContain(advice);
    await migplan(project, ['plan', '--out', 'plan.json']);
    expect(said(await migplan(project, ['apply', 'plan.json']))).toContain('1 added');
    await permit('/', role.privileges);
  },

  'run migplan doctor --vm <…> again: it removes what is left, and so does the next apply': async () => {
    const project = await projectOf('read');
    const { control } = bench.source;
    await control.addFault({
      method: 'RemoveSnapshot_Task',
      times: 'always',
      do: { taskFault: { type: 'VmConfigFault', message: 'no' } },
    });
    const failed = said(await migplan(project, ['doctor', '--vm', 'read'], { exit: 1 }));
    expect(failed).toContain('run migplan doctor --vm read again: it removes what is left, and so does the next apply');
    expect((await control.vm({ vm: 'read' })).snapshots).not.toEqual([]);
    await control.clearFaults();
    await migplan(project, ['doctor', '--vm', 'read']);
    expect((await control.stats()).snapshotsNow).toBe(0);
  },

  'see that a server with this flavor, volume type and zone starts: --flavor, --volume-type, --availability-zone': async (
    advice,
  ) => {
    const flavors = ['a.broken', 'm1.small'].map((name) => ({ name, vcpus: 1, ramMiB: 2048 }));
    await using small = await Bench.open({
      source: vcenter([{ name: 'probe' }]),
      target: simulatedCloud({ flavors, hypervisor: { flavorsWithoutHost: ['a.broken'] } }),
    });
    const project = await small.project('probe');
    await project.manifest('probe', manifestOf('probe', 'phase: seed'));
    const probe = ['doctor', '--probe-machine-types', '--type', 'pc'];
    expect(said(await migplan(project, probe, { exit: 1 }))).toContain(advice);
    await migplan(project, [...probe, '--flavor', 'm1.small']);
  },
};

test.each(cliAdvice)('%s', (advice) => trials[advice](advice));
