import type { ProviderError } from '../../../contracts/provider-error.js';
import type { VolumeId } from '../../../model/ids.js';
import type { CloudClient } from '../http/cloud-client.js';
import { held, notAttached, notDetached } from '../http/errors.js';
import type { NamedServer } from './conversion-server.js';
import { linkNames, SERIAL_LENGTH } from './device-facts.js';
import { type HostDescription, isMachineOf } from './device-host.js';

export const CALL = 'POST /servers/{id}/os-volume_attachments';

interface Subject {
  readonly volume: VolumeId;
  /** Of the conversion host, as the Project names it. */
  readonly server: string;
}

interface Missing {
  readonly volume: VolumeId;
  readonly server: NamedServer;
  readonly byIdDir: string;
  readonly ms: number;
  /** The machine that was looked at, when it told. */
  readonly machine: string | undefined;
  readonly description: HostDescription;
}

/** On q35 each hot-plugged disk takes a PCIe port, and Nova makes one only unless it is told otherwise. */
const slotSteps = (server: string): string[] => [
  `The guest may have no slot left to plug disks into: openstack server event list ${server}, openstack server volume list ${server}.`,
  'With machine type q35 set num_pcie_ports (24 or more) in [libvirt] of nova.conf on the compute hosts, then stop and start the conversion host; or give it the machine type pc.',
  'Fewer disks at a time: maxVolumes of access, or limits.transfers.',
];

/** Answered with success, and a moment later the volume was free again. */
export const pluggedOut = (client: CloudClient, { volume, server }: Subject): ProviderError =>
  notAttached(
    client.site(CALL),
    `Nova took volume ${volume} and gave it back: server ${server} did not get the disk`,
    slotSteps(server),
  );

export function noDevice(client: CloudClient, { volume, server, byIdDir, ms, machine, description }: Missing): ProviderError {
  const elsewhere = machine !== undefined && !isMachineOf(machine, server.id);
  const [virtio, scsi] = linkNames(volume);
  const where = description.isHere ? byIdDir : `${byIdDir} on ${description.name}`;
  const what = `volume ${volume} is attached to server ${server.name}, but ${where} has neither ${virtio} nor ${scsi} after ${ms / 1000} s`;
  return notAttached(
    client.site(CALL),
    elsewhere ? `${what}; ${description.name} is ${machine}, the server is ${server.id}` : what,
    elsewhere ? [description.elsewhere(server)] : [description.there(server), ...slotSteps(server.name)],
  );
}

export const twins = (client: CloudClient, { volume, twin }: { volume: VolumeId; twin: VolumeId }): ProviderError =>
  notAttached(
    client.site(CALL),
    `the ids of volumes ${volume} and ${twin} begin with the same ${SERIAL_LENGTH} characters, which is all that a disk's serial has: they cannot be told apart`,
    [`Detach volume ${twin} from the conversion host first.`],
  );

export const stuck = (client: CloudClient, { volume, server, ms }: Subject & { ms: number }): ProviderError =>
  notDetached(
    client.site('DELETE /servers/{id}/os-volume_attachments/{volume}'),
    `server ${server} has not let go of volume ${volume} after ${ms / 1000} s; what the volume holds is what its record says, and migplan still counts it as its own`,
    [
      `Try by hand: openstack server remove volume ${server} ${volume}`,
      'Restart the conversion host when its kernel does not answer: a detach from a server that is shut off is immediate.',
      'Then run again: the volume is given back, or used where it is when there is more to write.',
    ],
  );

export const tooMany = (
  client: CloudClient,
  { server, asked, others, max }: { server: string; asked: number; others: number; max: number },
): ProviderError =>
  held(
    client.site('GET /servers/{id}/os-volume_attachments'),
    `conversion host ${server} has ${others} other volumes, and ${asked} more would be over maxVolumes, which is ${max}`,
    [`Detach what is not needed: openstack server volume list ${server}; or wait for other runs; or raise maxVolumes of access.`],
  );
