import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** A volume stays in the zone it was made in, whatever the manifest says afterwards; a server in another one may not get it. */
export function volumeZones({ desired, disks }: PlanContext): TargetProblem[] {
  const wanted = desired.target.availabilityZone;
  if (wanted === undefined) return [];
  return disks.flatMap(({ disk, assessment }) => {
    if (!('volume' in assessment) || assessment.kind === 'converted') return [];
    const { id, availabilityZone: has } = assessment.volume;
    if (has === undefined || has === wanted) return [];
    return [
      {
        code: 'MP2088',
        differs: { before: { availability_zone: wanted }, after: { availability_zone: has } },
        address: `${desired.address}/disk/${disk.key}`,
        detail: `volume ${id} is in zone "${has}", asked for is "${wanted}": a volume that exists stays in its zone`,
        nextSteps: [
          `write target.availabilityZone: ${has}`,
          `or, to copy the whole disk into the other zone: openstack volume delete ${id}`,
        ],
        field: 'spec.target.availabilityZone',
        severity: 'warning',
      } as const,
    ];
  });
}
