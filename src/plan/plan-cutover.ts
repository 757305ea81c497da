import type { DiskKey } from '../model/ids.js';
import type { Action } from './action.js';
import { bootDisk } from './plan-image-metadata.js';
import type { Scene } from './scene.js';

/** Boot disk first, the others in guest order: the order of the server's block devices. */
function bootFirst(scene: Scene): DiskKey[] {
  const boot = bootDisk(scene).disk.key;
  return [boot, ...scene.disks.map(({ disk }) => disk.key).filter((key) => key !== boot)];
}

/** All disks together: a guest's root may span several. */
export function planConversion({ vm, disks }: Scene): Action[] {
  return [{ kind: 'convert', disks: disks.map(({ disk }) => disk.key), firmware: vm.firmware, guestFamily: vm.guest.family }];
}

/** NICs take the manifest's networks in order; a NIC more than networks gets none, so nothing is plugged by accident. */
export function planServer(scene: Scene): Action[] {
  const { desired, observed, vm } = scene;
  const { server, availabilityZone } = desired.target;
  if (server === undefined || (observed.server !== undefined && observed.server.status !== 'ERROR')) return [];
  const nics = server.networks.map(({ network, mac, fixedIp }, index) => {
    const kept = mac === 'keep' ? vm.nics[index]?.mac : undefined;
    return { network, ...(kept === undefined ? {} : { mac: kept }), ...(fixedIp === undefined ? {} : { fixedIp }) };
  });
  return [
    {
      kind: 'create-server',
      disks: bootFirst(scene),
      server,
      nics,
      ...(availabilityZone === undefined ? {} : { availabilityZone }),
      ...(observed.server === undefined ? {} : { replaces: observed.server.id }),
    },
  ];
}
