import { Flags } from '@oclif/core';
import { isAbort } from '../apply/error-diagnostics.js';
import { BaseCommand } from '../cli/base-command.js';
import { catchInterrupts, exitCodeOf } from '../cli/interrupts.js';
import { exitCodes } from '../diag/exit-codes.js';
import type { Check } from '../engine/doctor/check.js';
import { isFailed } from '../engine/doctor/check-row.js';
import { doctorChecks } from '../engine/doctor/doctor-checks.js';
import { probeChecks } from '../engine/doctor/probe-checks.js';
import { providersOf } from '../engine/doctor/providers-of.js';
import { readingChecks } from '../engine/doctor/reading-checks.js';
import { rightsChecks } from '../engine/doctor/rights-checks.js';
import { vcenterChecks } from '../engine/doctor/vcenter-checks.js';
import type { ProviderType } from '../model/provider-types.js';
import { type DoctorView, doctorView } from '../views/doctor/view.js';

export default class Doctor extends BaseCommand {
  static override summary =
    'Check this machine, the providers, their readers, and all that a plan checks. Changes nothing unless asked to probe or to read a VM.';
  static override description =
    'Run it before the first apply, on the machine that will run it: it names what is missing and how to get it, and for each ' +
    'provider which phases (plan, seed and sync, cutover) can be done. The migrations go through the same list of checks as in ' +
    '"plan", without a plan. It ends with 1 when anything is an error. ' +
    'Whether a disk can be read only shows when it is read: --vm does so, from a snapshot that it takes and removes. ' +
    'With --probe-machine-types it boots a blank server for each machine type, takes it away again, and remembers which ' +
    'types the cloud has; no API tells.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --target vm/erp-db01',
    '<%= config.bin %> <%= command.id %> --vm erp-db01',
    '<%= config.bin %> <%= command.id %> --openstack',
    '<%= config.bin %> <%= command.id %> --vcenter',
    '<%= config.bin %> <%= command.id %> --probe-machine-types --provider rhoso-prod --type pc-i440fx-rhel7.6.0',
  ];
  static override flags = {
    target: Flags.string({
      summary: 'Only these migrations (vm/NAME, * allowed). May be repeated. Default: all that have a manifest.',
      multiple: true,
      helpValue: 'ADDRESS',
    }),
    vm: Flags.string({
      summary:
        'Take a snapshot of this VM (the name of its migration), read the first and the last sector of every disk, and remove the ' +
        'snapshot. May be repeated.',
      multiple: true,
      helpValue: 'NAME',
      exclusive: ['openstack', 'vcenter', 'probe-machine-types', 'target'],
    }),
    openstack: Flags.boolean({ summary: 'Check which calls the user of each cloud may make, without changing anything.' }),
    vcenter: Flags.boolean({
      summary: 'Check which privileges the account of each vCenter has on the VMs of the manifests.',
      exclusive: ['openstack', 'probe-machine-types'],
    }),
    role: Flags.boolean({
      summary: 'Print the commands that make a role with all of them (govc, PowerCLI); asks nobody.',
      dependsOn: ['vcenter'],
    }),
    'probe-machine-types': Flags.boolean({
      summary: 'Boot and delete a blank 1 GiB server for each machine type, and remember the answers.',
    }),
    provider: Flags.string({ summary: 'Only this cloud, or with --vcenter this vCenter, of the Project.', helpValue: 'NAME' }),
    type: Flags.string({
      summary: 'Machine type to probe. May be repeated. Default: those the Project declares.',
      multiple: true,
      helpValue: 'TYPE',
      dependsOn: ['probe-machine-types'],
    }),
    flavor: Flags.string({
      summary: 'Flavor of the servers that are booted. Default: the smallest.',
      helpValue: 'NAME',
      dependsOn: ['probe-machine-types'],
    }),
    'volume-type': Flags.string({
      summary: 'Volume type of the servers that are booted.',
      helpValue: 'NAME',
      dependsOn: ['probe-machine-types'],
    }),
    'availability-zone': Flags.string({
      summary: 'Zone of the servers that are booted.',
      helpValue: 'NAME',
      dependsOn: ['probe-machine-types'],
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor);
    const common = { ...flags, chdir: flags.chdir };
    const view = doctorView(this.viewOptions(common));
    if (flags['probe-machine-types']) return this.probe(common, view);
    if (flags.vm !== undefined) return this.read(common, flags.vm, view);
    if (flags.role) return view.role((await import('../runtime.js')).vcenterRole);
    const checks =
      flags.openstack || flags.vcenter
        ? await this.rights(common, flags.vcenter ? 'vmware' : 'openstack')
        : await doctorChecks(() => this.openRuntime({ cwd: this.folder(common), needsManifests: false }), flags.target ?? []);
    this.tell(checks, view);
  }

  private tell(checks: readonly Check[], view: DoctorView): void {
    view.checked(checks);
    if (checks.some(isFailed)) this.end(exitCodes.error);
  }

  private async read(flags: ProbeFlags, patterns: readonly string[], view: DoctorView): Promise<void> {
    using interrupts = catchInterrupts(() => view.note('Interrupted: the snapshot is removed first.'));
    await using runtime = await this.openRuntime({ cwd: this.folder(flags) });
    const { signal } = interrupts;
    const { checks, isAborted, isHeld } = await readingChecks(runtime, { patterns, signal, note: (text) => view.note(text) });
    view.checked(checks);
    if (isAborted) this.end(exitCodeOf(interrupts.received));
    if (checks.some(isFailed)) this.end(isHeld ? exitCodes.lockHeld : exitCodes.error);
  }

  private async probe(flags: ProbeFlags, view: DoctorView): Promise<void> {
    using interrupts = catchInterrupts(() => view.note('Interrupted: the server being tried is taken away first.'));
    await using runtime = await this.openRuntime({ cwd: this.folder(flags) });
    const { 'volume-type': volumeType, 'availability-zone': availabilityZone, type: types, flavor } = flags;
    try {
      const checks: Check[] = [];
      for (const name of providersOf(runtime, 'openstack', flags.provider)) {
        checks.push(
          ...(await probeChecks(runtime, name, {
            signal: interrupts.signal,
            note: (text) => view.note(text),
            ...(types !== undefined && { types }),
            ...(flavor !== undefined && { flavor }),
            ...(volumeType !== undefined && { volumeType }),
            ...(availabilityZone !== undefined && { availabilityZone }),
          })),
        );
      }
      this.tell(checks, view);
    } catch (error) {
      if (!isAbort(error)) throw error;
      this.end(exitCodeOf(interrupts.received));
    }
  }

  private async rights(flags: ProbeFlags, type: ProviderType): Promise<Check[]> {
    await using runtime = await this.openRuntime({ cwd: this.folder(flags), needsManifests: false });
    const checks: Check[] = [];
    const look = type === 'vmware' ? vcenterChecks : rightsChecks;
    for (const name of providersOf(runtime, type, flags.provider)) checks.push(...(await look(runtime, name)));
    return checks;
  }
}

interface ProbeFlags extends Record<'json' | 'color', boolean> {
  readonly chdir: string | undefined;
  readonly provider: string | undefined;
  readonly type: string[] | undefined;
  readonly flavor: string | undefined;
  readonly 'volume-type': string | undefined;
  readonly 'availability-zone': string | undefined;
}
