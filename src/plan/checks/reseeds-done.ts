import { requestsFor, reseedProgress } from '../core/reseed.js';
import type { Scene } from '../core/scene.js';
import type { TargetProblem } from '../core/target-problem.js';

/** A request that was carried out on every disk is told, each time: nobody may think that it is ignored, or that it is still to come. */
export function reseedsDone(scene: Scene): TargetProblem[] {
  const { desired, disks, observed, vm } = scene;
  const progress = disks.flatMap(({ verdict }) =>
    'volume' in verdict && verdict.volume.reading.kind === 'record'
      ? [reseedProgress(desired, verdict.volume.reading.record, vm.traits.tracking === 'none')]
      : ['due' as const],
  );
  const isOver = disks.some(({ verdict }) => verdict.kind === 'committing' || verdict.kind === 'converted');
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
