import type { Scene } from './scene.js';
import type { TargetProblem } from './target-problem.js';

/** A conversion writes to all disks of a VM at once; found out at the cutover, the source would be off by then. */
export function slotDiagnostics({ vm, observed: { conversionHost } }: Scene): TargetProblem[] {
  if (conversionHost === undefined) return [];
  const { name, volumesMax, otherVolumes } = conversionHost;
  const free = volumesMax - otherVolumes;
  if (vm.disks.length <= free) return [];
  return [
    {
      code: 'MP2034',
      detail:
        `the VM has ${vm.disks.length} disks, which a conversion needs at once, and conversion host ${name} takes ` +
        `${Math.max(0, free)} more: ${otherVolumes} volumes are on it, and maxVolumes is ${volumesMax}`,
      nextSteps: [
        `detach what is not needed: openstack server volume list ${conversionHost.server}`,
        'raise maxVolumes of access in the Project, if the server has the slots (virtio-scsi disks need none)',
      ],
    },
  ];
}
