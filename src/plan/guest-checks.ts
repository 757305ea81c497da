import type { Scene } from './scene.js';
import type { TargetProblem } from './target-problem.js';

/** Whether the source has still to be brought to its end. */
const isAhead = ({ desired, disks }: Scene): boolean =>
  desired.cutover && disks.some(({ verdict }) => verdict.kind !== 'converted' && verdict.kind !== 'committing');

/** A shutdown is asked of VMware Tools; without them a cutover would end where it should begin. Nova asks by ACPI. */
export function guestShutdown(scene: Scene): TargetProblem[] {
  const { desired, vm } = scene;
  if (vm.cloud !== undefined || vm.power !== 'on' || vm.toolsRunning || desired.shutdown.force || !isAhead(scene)) return [];
  return [
    {
      code: 'MP2072',
      detail: 'no VMware Tools are running in the guest, so it cannot be asked to shut down, which the cutover does',
      nextSteps: [
        'install or start VMware Tools (open-vm-tools) in the guest',
        'or shut the guest down from inside, and plan again',
        'or allow a hard power-off: spec.shutdown.force: true (writes still in the guest’s cache are lost)',
      ],
      field: 'spec.shutdown',
    },
  ];
}

/** Guest ids of systems that run on VMware and that virt-v2v has no conversion for. */
const notConverted = /^(freebsd|netware|nw\d|solaris|sunos|darwin|os2|eComStation|unixware|openServer|sjds|vmkernel|dos)/i;

/** The family decides what the conversion needs, and whether there is one; while it is not known, that is a matter of luck. */
export function guestFamily(scene: Scene): TargetProblem[] {
  const { family, fullName, id } = scene.vm.guest;
  if (scene.vm.cloud !== undefined || family !== 'other' || !isAhead(scene)) return [];
  if (notConverted.test(id)) {
    return [
      {
        code: 'MP2073',
        detail: `the guest is "${fullName}" (${id}), which virt-v2v does not convert: it would be stopped and not get further`,
        nextSteps: ['leave this VM out of the migration: a seed of its disks (phase: seed) is all that can be done'],
        field: 'spec.source',
      },
    ];
  }
  return [
    {
      code: 'MP2073',
      detail:
        `vCenter calls the guest "${fullName}" (${id}) and no VMware Tools tell more: whether it is Windows or Linux decides what ` +
        'the conversion needs',
      nextSteps: [
        'set the guest OS of the VM in vCenter to what it runs (Edit Settings, VM Options; the VM has to be off for it)',
        'or start VMware Tools in the guest, and plan again',
      ],
      field: 'spec.source',
    },
  ];
}
