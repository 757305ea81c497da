import { Flags, type Interfaces } from '@oclif/core';
import type { DoctorPhase } from '../engine/doctor/look-checks.js';
import type { ProbeOptions } from '../engine/doctor/probe-checks.js';
import { projectFlags } from './project-flags.js';
import { selectionFlags } from './selection.js';

/** What `doctor` can be asked for. */
export const doctorFlags = {
  ...projectFlags,
  selector: selectionFlags.selector,
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
    exclusive: ['openstack', 'vcenter', 'probe-machine-types', 'target', 'selector', 'for'],
  }),
  for: Flags.option({ options: ['plan', 'sync', 'cutover'] as const })({
    summary:
      'What is to be done from this machine, with these accounts; what only later phases need is a warning. Default: cutover.',
  }),
  openstack: Flags.boolean({
    summary: 'Check which calls the user of each cloud may make, without changing anything.',
    exclusive: ['probe-machine-types', 'target', 'selector', 'for'],
  }),
  vcenter: Flags.boolean({
    summary: 'Check which privileges the account of each vCenter has on the VMs of the manifests.',
    exclusive: ['openstack', 'probe-machine-types', 'target', 'selector', 'for'],
  }),
  role: Flags.boolean({
    summary: 'Print the commands that make a role with all of them (govc, PowerCLI); asks nobody.',
    dependsOn: ['vcenter'],
  }),
  'probe-machine-types': Flags.boolean({
    summary: 'Boot and delete a blank 1 GiB server for each machine type, and remember the answers.',
    exclusive: ['target', 'selector', 'for'],
  }),
  provider: Flags.string({
    summary: 'Only this provider of the Project, and no migrations.',
    helpValue: 'NAME',
    exclusive: ['vm', 'target', 'selector'],
  }),
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

/** The last phase that is asked about. */
export const lastPhaseOf = ({ for: last = 'cutover' }: Pick<DoctorFlags, 'for'>): DoctorPhase =>
  last === 'sync' ? 'seed and sync' : last;

export type DoctorFlags = Interfaces.InferredFlags<typeof doctorFlags>;

/** What of the flags says how machine types are probed. */
export function probeOptionsOf(flags: DoctorFlags): Omit<ProbeOptions, 'signal' | 'note'> {
  const { provider, type: types, flavor, 'volume-type': volumeType, 'availability-zone': availabilityZone } = flags;
  return {
    ...(provider !== undefined && { provider }),
    ...(types !== undefined && { types }),
    ...(flavor !== undefined && { flavor }),
    ...(volumeType !== undefined && { volumeType }),
    ...(availabilityZone !== undefined && { availabilityZone }),
  };
}
