import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bench } from '../../lab/harness/bench.js';
import { runCli, startCli } from '../../lab/harness/cli.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import { simulatedCloud } from '../../lab/harness/parts/simulated-cloud.js';
import { vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';

// The real command line against the simulators as processes of their own: what an operator types and reads.
let bench: Bench;
let project: LabProject;

const manifest = (name: string, rest: string) => project.manifest(name, `source: {vm: /DC1/vm/${name}}\nphase: seed\n${rest}`);

beforeAll(async () => {
  const vms = [{ name: 'legacy' }, { name: 'modern', firmware: 'efi' as const }];
  bench = await Bench.open({
    source: vcenter(vms),
    target: simulatedCloud({ timings: { serverBuildMs: 300 }, flavors: [{ name: 'm1.small', vcpus: 1, ramMiB: 2048 }] }),
  });
  project = await bench.project('types');
  await manifest('legacy', 'hwMachineType: pc-i440fx-rhel7.6.0');
  await manifest('modern', '');
});
afterAll(() => bench[Symbol.asyncDispose]());

const left = async () => [...(await bench.target.control.servers()), ...(await bench.target.control.volumes())];
const declare = (line: string) =>
  project.edit('migplan.yaml', (text) =>
    text.replace(/( {6}access: \{.*\})(\n {6}release: \S+)?/, `$1${line === '' ? '' : `\n      ${line}`}`),
  );

describe('HW7 machine types on the command line', () => {
  test('nothing is known: a note, once for both VMs, and the 8 MiB disks are told as 1 GiB volumes', async () => {
    const { stdout, code } = await runCli(project, ['plan']);
    expect(code).toBe(0);
    expect(stdout.match(/were not checked/g)).toHaveLength(1);
    expect(stdout).toContain('Machine types (pc-i440fx-rhel7.6.0, q35) were not checked');
    expect(stdout).toContain('1 GiB for a disk of 8.0 MiB');
  });

  test('a release is declared: the foreign type is mapped with a warning that shows both', async () => {
    await declare('release: debian-12');
    const { stdout, code } = await runCli(project, ['plan']);
    expect(code).toBe(0);
    expect(stdout).not.toContain('were not checked');
    expect(stdout).toMatch(/image_metadata\.hw_machine_type\s+= "pc" \(in place of "pc-i440fx-rhel7\.6\.0"\)/);
    expect(stdout).toContain('MP2029');
    await declare('');
  });

  test('a user may be asked what it may do', async () => {
    const { stdout, code } = await runCli(project, ['doctor', '--openstack']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/rhoso-prod: in all\s+plan: yes, seed and sync: yes, server at cutover: yes/);
    expect(await left()).toEqual([]);
  });

  test('probing is interrupted: the server being tried is gone before the program ends', async () => {
    const running = startCli(project, ['doctor', '--probe-machine-types']);
    await until('a probe to boot', async () => (await bench.target.control.servers()).length > 0);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.finished;
    expect(code).toBe(130);
    expect(stderr).toContain('Interrupted');
    expect(await left()).toEqual([]);
  });

  test('what a killed probe left is taken away by the next, which remembers what it learns, and the plan uses it', async () => {
    const killed = startCli(project, ['doctor', '--probe-machine-types']);
    await until('a probe to boot', async () => (await bench.target.control.servers()).length > 0);
    killed.child.kill('SIGKILL');
    await killed.finished;
    expect(await left()).not.toEqual([]);

    const { stdout, code } = await runCli(project, [
      'doctor',
      '--probe-machine-types',
      '--type',
      'q35',
      '--type',
      'pc-i440fx-rhel7.6.0',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/rhoso-prod: q35\s+runs/);
    expect(stdout).toMatch(/rhoso-prod: pc-i440fx-rhel7\.6\.0\s+does not run/);
    expect(await left()).toEqual([]);
    expect(await readdir(join(project.folder, '.migplan/machine-types'))).toHaveLength(1);

    const plan = await runCli(project, ['plan', '--fail-on', 'blocked']);
    expect(plan.code).toBe(1);
    expect(plan.stdout).toContain('vm/legacy: Machine type is not known to the target [MP2027]');
    expect(plan.stdout).toMatch(/"pc-i440fx-rhel7\.6\.0" was tried on \d{4}-\d\d-\d\d and a server with it did not start/);
    expect(plan.stdout).toContain('# vm/modern/disk/2000 will be created');
    expect(plan.stdout).not.toContain('were not checked');
  });

  test('status shows the machine type at every place where it can be read', async () => {
    const { stdout, code } = await runCli(project, ['status', '--machine-type']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/vm\/legacy\s+pc-i440fx-rhel7\.6\.0\s+pc \(BIOS\)\s+-\s+-\s+-/);
    expect(stdout).toMatch(/vm\/modern\s+preserve\s+q35 \(UEFI\)/);
    expect(stdout).toContain('nova-manage libvirt get_machine_type');
  });

  test('a cloud that is not in the Project', async () => {
    const { stderr, code } = await runCli(project, ['doctor', '--openstack', '--provider', 'rhoso-prd']);
    expect(code).toBe(1);
    expect(stderr).toContain('clouds of the Project: rhoso-prod');
  });
});
