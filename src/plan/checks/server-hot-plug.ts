import type { Diagnostic } from '../../diag/diagnostic.js';
import { machineFamily } from '../../model/machine-types/machine-type.js';
import type { PlanContext } from '../core/plan-context.js';
import { bootDisk } from '../cutover/disk-order.js';

/**
 * Disks are mapped when the server is made. One that is not on it any more is missing in the guest, and nobody else says so. Plugged into
 * a running one on q35 it takes a PCIe port: with Nova's default num_pcie_ports the first goes in, the next answers 200 and fails later.
 */
export function hotPlugWarnings(context: PlanContext): Diagnostic[] {
  const { desired, disks, observed } = context;
  const { server } = observed;
  if (server === undefined || desired.target.server === undefined || server.status !== 'ACTIVE') return [];
  const boot = bootDisk(context).assessment;
  const type = 'volume' in boot ? boot.volume.imageMetadata['hw_machine_type'] : undefined;
  const isShort = type !== undefined && machineFamily(type) === 'q35';
  const why = isShort ? `which runs as ${type}: a q35 guest has few ports to plug disks into` : 'which runs without it';
  return disks.flatMap(({ disk, assessment }): Diagnostic[] => {
    if (!('volume' in assessment) || assessment.volume.attachments.some((held) => held.server === server.id)) return [];
    return [
      {
        severity: 'warning',
        code: 'MP2033',
        address: `${desired.address}/disk/${disk.key}`,
        detail: `volume ${assessment.volume.id} is not on server ${server.name}, ${why}`,
        nextSteps: [
          `openstack server stop ${server.id} && openstack server add volume ${server.id} ${assessment.volume.id} && openstack server start ${server.id}`,
        ],
      },
    ];
  });
}
