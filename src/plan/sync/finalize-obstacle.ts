import type { Diagnostic } from '../../diag/diagnostic.js';
import type { DiskAssessment } from '../core/disk-assessment.js';
import { blockerDiagnostic, type PlanContext } from '../core/plan-context.js';

/**
 * Some disks of a copied server are final and others are not yet: the run died between two records. The rest is made final
 * too, when it is of the same snapshot and the source has not run since; undefined then, else why not.
 */
export function finalizeObstacle(context: PlanContext): Diagnostic | undefined {
  const { desired, disks, vm } = context;
  const cycles = new Set(disks.map(({ assessment }) => cycleOf(assessment)));
  if (cycles.size !== 1 || cycles.has(undefined)) {
    return blockerDiagnostic(desired, desired.address, {
      code: 'MP2043',
      detail: `some disks are final and others are not: ${disks.map(({ disk, assessment }) => `${disk.key} ${assessment.kind}`).join(', ')}`,
      nextSteps: ['delete the volumes on the destination and begin again; the source is unchanged'],
    });
  }
  if (vm.power === 'off') return undefined;
  return blockerDiagnostic(desired, desired.address, {
    code: 'MP2023',
    detail: 'the source was started again while the copy was being finished, so what it wrote since is not on the volumes',
    nextSteps: ['delete the volumes on the destination and begin again', 'or stop the source server to give up what it wrote'],
  });
}

/** Of a disk that is final, or complete and waiting for it. */
function cycleOf(assessment: DiskAssessment): number | undefined {
  if (assessment.kind !== 'converted' && assessment.kind !== 'complete' && assessment.kind !== 'full') return undefined;
  const { reading } = assessment.volume;
  if (reading.kind !== 'record') return undefined;
  const { state, cycle } = reading.record;
  return state.kind === 'converted' || state.kind === 'clean' ? cycle : undefined;
}
