import { afterAll, beforeAll, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { runCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { role } from '../../src/providers/vmware/role.js';

// What an administrator of a vCenter, and whoever has to ask one, reads: the command line against a vCenter that has roles.
let bench: Bench;
let project: LabProject;

beforeAll(async () => {
  bench = await Bench.open({ source: vcenter([{ name: 'web01' }, { name: 'db01' }]), target: simulatedCloud() });
  project = await bench.project('rights');
  for (const name of ['web01', 'db01']) await project.manifest(name, `source: {vm: /DC1/vm/${name}}\nphase: seed\n`);
});
afterAll(() => bench[Symbol.asyncDispose]());

const permit = async (...permissions: readonly { on: string; privileges: readonly string[] }[]) =>
  bench.source.control.setUser({ user: bench.source.user, permissions });
const without = (...names: readonly string[]) => role.privileges.filter((one) => !names.includes(one));

const METHOD = 'HasPrivilegeOnEntities';

test('doctor --vcenter: what is missing, on which VM, for which phase; plan warns of what it will need', async () => {
  await permit(
    { on: '/DC1', privileges: without('Datastore.FileManagement') },
    { on: '/DC1/vm/db01', privileges: without('VirtualMachine.State.RemoveSnapshot', 'VirtualMachine.Interact.PowerOff') },
  );
  const { stdout, code } = await runCli(project, ['doctor', '--vcenter']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^warn {2}vc-prod: vm\/db01 +plan: allowed, seed and sync: refused, cutover: refused$/m);
  expect(stdout).toMatch(/^ok {4}vc-prod: vm\/web01 +plan: allowed, seed and sync: allowed, cutover: allowed$/m);
  expect(stdout).toMatch(/vc-prod: in all +plan: yes, seed and sync: no, cutover: no/);
  expect(stdout).toMatch(
    /lacks on VirtualMachine vm-\d+ \(vm\/db01\): VirtualMachine\.State\.RemoveSnapshot \(seed and sync\), /,
  );
  expect(stdout).toMatch(/MP5010\][\s\S]*lacks on Datastore datastore-\d+ \(ds1\): Datastore\.FileManagement/);
  const plan = await runCli(project, ['plan']);
  expect(plan.code).toBe(0);
  expect(plan.stdout.match(/MP5008/g)).toHaveLength(1);
  expect(plan.stdout).toMatch(/MP5008\]\n {2}with vm\/db01[\s\S]*need: VirtualMachine\.State\.RemoveSnapshot\n/);
});

test('a vCenter that does not tell: not known, and the plan is as it would be', async () => {
  await permit({ on: '/', privileges: role.privileges });
  await bench.source.control.addFault({ method: METHOD, times: 'always', do: { fault: { type: 'NotSupported' } } });
  const { stdout, code } = await runCli(project, ['doctor', '--vcenter', '--provider', 'vc-prod', '--json']);
  expect(code).toBe(0);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; found: string; diagnostics: { summary: string }[] }[] };
  expect(checks.at(-1)).toMatchObject({ found: 'plan: not known, seed and sync: not known, cutover: not known' });
  expect(checks[0]).toMatchObject({ name: 'vc-prod: vm/db01, vm/web01' });
  expect(stdout).toContain('MP5009');
  const plan = await runCli(project, ['plan']);
  expect([plan.code, plan.stdout.includes('MP50')]).toEqual([0, false]);
  expect(plan.stdout).toContain('Plan: 2 to add');
  await bench.source.control.clearFaults();
});

test('the role that is printed, given on the datacenter, is all that is asked for', async () => {
  const printed = await runCli(project, ['doctor', '--vcenter', '--role', '--json']);
  const { privileges } = (JSON.parse(printed.stdout) as { role: { privileges: string[] } }).role;
  await permit({ on: '/DC1', privileges });
  const { stdout, code } = await runCli(project, ['doctor', '--vcenter']);
  expect([code, stdout.includes('warn')]).toEqual([0, false]);
  expect(stdout).toMatch(/vc-prod: in all +plan: yes, seed and sync: yes, cutover: yes/);
});
