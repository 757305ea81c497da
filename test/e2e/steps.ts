import { expect } from 'vitest';
import type { Bench } from '../../lab/harness/bench.js';
import { type CliOptions, type CliProject, type CliResult, runCli } from '../../lab/harness/cli.js';
import { volumeEqualsSnapshot } from '../../lab/harness/compare.js';
import type { LabProject } from '../../lab/harness/lab-project.js';
import type { TargetPart } from '../../lab/harness/parts/part.js';
import type { Vcenter } from '../../lab/harness/parts/vcenter.js';
import { until } from '../../lab/harness/until.js';
import { isInExitTable } from '../cli/exit-table.js';

/** From a vCenter to any cloud. */
type VmBench = Bench<Vcenter, TargetPart>;

export const said = ({ stdout, stderr }: CliResult): string => `${stdout}${stderr}`;

export interface Step extends CliOptions {
  /** Default 0. */
  readonly exit?: number;
}

/** Runs the program and checks how it ends; what it said is in the message when it ends otherwise. */
export async function migplan(
  project: CliProject,
  args: readonly string[],
  { exit = 0, ...options }: Step = {},
): Promise<CliResult> {
  const result = await runCli(project, args, options);
  expect(result.code ?? result.signal, `migplan ${args.join(' ')}\n${said(result)}`).toBe(exit);
  expect(isInExitTable(args, exit), `exitCommands has no row for ${exit} of migplan ${args.join(' ')}`).toBe(true);
  return result;
}

/** What vCenter says of a VM whose conversion needs the drivers of Windows. */
export const windowsServer = {
  guestId: 'windows2019srv_64Guest',
  guestFullName: 'Microsoft Windows Server 2019',
  guestFamily: 'windowsGuest',
} as const;

/** The migration's manifest: VM and migration have the same name. */
export const manifestOf = (vm: string, spec: string): string => `source: {vm: /DC1/vm/${vm}}\n${spec}`;

export async function seeded(bench: Bench, project: LabProject, ...vms: readonly string[]): Promise<void> {
  for (const vm of vms) await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  await migplan(project, ['apply', '--auto-approve']);
  for (const vm of vms) await expectCopied(bench, vm, 2000);
}

/** A project with a saved plan of the VM's seed, which will be read so slowly that something can happen in the middle. */
export async function plannedSlowSeed(bench: VmBench, vm: string): Promise<LabProject> {
  const project = await bench.project(vm);
  await project.manifest(vm, manifestOf(vm, 'phase: seed'));
  await migplan(project, ['plan', '--out', 'plan.json']);
  await bench.source.control.setVddk({ readDelayMs: 200 });
  return project;
}

/** The volume is, byte for byte, the snapshot that its changeID names. */
export async function expectCopied(bench: VmBench, vm: string, ...disks: readonly number[]): Promise<void> {
  for (const disk of disks) {
    const proof = await volumeEqualsSnapshot(bench, vm, disk);
    expect(proof, `volume ${vm}-${disk} and the snapshot it names`).toMatchObject({ difference: undefined });
  }
}

/** Resolves when some disk is being read, that is in the middle of a copy. */
export async function copying(bench: VmBench): Promise<void> {
  await until('a copy to begin', async () => (await bench.source.control.stats()).readersNow > 0);
}

export const guestWrites = (bench: VmBench, vm: string, seed: number): Promise<unknown> =>
  bench.source.control.guestRandomWrites({ vm, seed, count: 20, maxBytes: 131_072, zeroRatio: 0.3 });

export async function isOn(bench: VmBench, vm: string): Promise<boolean> {
  return (await bench.source.control.vm({ vm })).power === 'poweredOn';
}

/** A seeded VM as its cutover, from another machine, would have left it, but for the work of virt-v2v: off, and its volume converted. */
export async function asConverted({ source, target }: VmBench, vm: string): Promise<void> {
  const name = `${vm}-2000`;
  const volume = (await target.witness.volumes()).find((seen) => seen.name === name) ?? expect.unreachable(`no volume ${name}`);
  const record = volume.metadata['migplan']!.replace('s=clean', 's=converted').replace(/ r=\w+/, ' r=othermachine');
  await target.addMetadata(volume.volumeId, { converted: 'true', migplan: record });
  await source.control.setPower({ vm, power: 'poweredOff' });
}
