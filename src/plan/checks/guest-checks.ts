import type { Scene } from '../core/scene.js';
import type { TargetProblem } from '../core/target-problem.js';

/** Whether the source has still to be brought to its end. */
export const isAhead = ({ desired, disks }: Scene): boolean =>
  desired.cutover && disks.some(({ verdict }) => verdict.kind !== 'converted' && verdict.kind !== 'committing');

/** A shutdown is asked of VMware Tools; without them a cutover would end where it should begin. Nova asks by ACPI. */
export function guestShutdown(scene: Scene): TargetProblem[] {
  const { desired, vm } = scene;
  if (vm.traits.shutdown === 'acpi' || vm.power !== 'on' || vm.toolsRunning || desired.shutdown.force || !isAhead(scene))
    return [];
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
