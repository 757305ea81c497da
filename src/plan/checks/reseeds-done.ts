import type { PlanContext } from '../core/plan-context.js';
import { requestsFor, reseedProgress } from '../core/reseed.js';
import type { TargetProblem } from '../core/target-problem.js';

/** A request that was carried out on every disk is told, each time: nobody may think that it is ignored, or that it is still to come. */
export function reseedsDone(context: PlanContext): TargetProblem[] {
  const { desired, disks, observed, vm } = context;
  const progress = disks.flatMap(({ assessment }) =>
    'volume' in assessment && assessment.volume.reading.kind === 'record'
      ? [reseedProgress(desired, assessment.volume.reading.record, vm.traits.tracking === 'none')]
      : ['due' as const],
  );
  const isOver = disks.some(({ assessment }) => assessment.kind === 'committing' || assessment.kind === 'converted');
  if (isOver || desired.reseed === undefined || progress.some((one) => one !== 'done')) return [];
  return [
    {
      code: 'MP2073',
      detail: `spec.reseed: ${desired.reseed.request} was carried out: the volumes were written in full for it, and are not once more`,
      nextSteps: [
        'take spec.reseed out of the manifest',
        `or, to have all of it copied once more, write a request that is new: spec.reseed: ${requestsFor(observed).once}`,
      ],
      field: 'spec.reseed',
      severity: 'warning',
    },
  ];
}
