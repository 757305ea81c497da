import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** virt-v2v converts Windows and Linux. What the source does not know of its guest is asked, never guessed. */
export function unknownGuest({ desired, vm }: PlanContext): TargetProblem[] {
  if (vm.traits.conversion === 'none' || vm.guest.family !== 'other') return [];
  const named = vm.guest.fullName === '' ? vm.guest.id : vm.guest.fullName;
  return [
    {
      severity: desired.cutover ? 'error' : 'warning',
      code: 'MP2056',
      detail: `the source says of its guest "${named}", which is neither a Windows nor a Linux that is known here`,
      nextSteps: ['set spec.guestFamily: linux, or windows, when it is one: no other guest can be converted'],
      field: 'spec.guestFamily',
    },
  ];
}
