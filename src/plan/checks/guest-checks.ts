import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** Whether the source has still to be brought to its end. */
export const isAhead = ({ desired, disks }: PlanContext): boolean =>
  desired.cutover && disks.some(({ assessment }) => assessment.kind !== 'converted' && assessment.kind !== 'committing');

/** A shutdown is asked of VMware Tools; without them a cutover would end where it should begin. Nova asks by ACPI. */
export function guestShutdown(context: PlanContext): TargetProblem[] {
  const { desired, vm } = context;
  if (vm.traits.shutdown === 'acpi' || vm.power !== 'on' || vm.toolsRunning || desired.shutdown.force || !isAhead(context))
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
