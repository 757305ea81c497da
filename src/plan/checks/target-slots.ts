import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/**
 * A conversion writes to all disks of a VM at once; found out at the cutover, the source would be off by then. A guest that
 * is not converted is copied disk by disk.
 */
export function slotDiagnostics({ vm, observed: { conversionHost } }: PlanContext): TargetProblem[] {
  if (conversionHost === undefined) return [];
  const { name, volumesMax, otherVolumes } = conversionHost;
  const free = volumesMax - otherVolumes;
  const needed = vm.traits.conversion === 'none' ? 1 : vm.disks.length;
  if (needed <= free) return [];
  return [
    {
      code: 'MP2034',
      detail:
        `the VM needs ${needed} of its disks there at once, and conversion host ${name} takes ${Math.max(0, free)} more: ` +
        `${otherVolumes} volumes are on it, and maxVolumes is ${volumesMax}`,
      nextSteps: [
        `detach what is not needed: openstack server volume list ${conversionHost.server}`,
        'raise maxVolumes of access in the Project, if the server has the slots (virtio-scsi disks need none)',
      ],
    },
  ];
}
