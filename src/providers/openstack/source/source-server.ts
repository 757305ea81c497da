import { snapshotRef, vmRef } from '../../../model/ids.js';
import type { ObservedSnapshot, ObservedVm, OpenStackGuest, PowerState } from '../../../model/observed-source.js';
import { own } from '../../../model/own.js';
import { openstackTraits } from '../../../model/source-traits.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { originOf } from './clones.js';
import { leftBehind } from './left-behind.js';
import { type DiskReadability, type SourceDisk, sourceDisks } from './source-disks.js';
import type { SourceLists } from './source-lists.js';
import { sourceNics } from './source-nics.js';

export type ImageProperties = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Id of the image that the boot volume was made from, in case the volume itself does not say what hardware it needs. */
export function bootImageOf(server: JsonCursor, { volumes }: SourceLists): string | undefined {
  const boot = sourceDisks(server.at('id').text(), volumes)[0];
  return boot?.volume.imageMetadata['image_id'];
}

/** One server as a source VM. */
export function decodeSourceServer(
  server: JsonCursor,
  lists: SourceLists,
  { images, readability }: { readonly images: ImageProperties; readonly readability: DiskReadability },
): ObservedVm {
  const id = server.at('id').text();
  const disks = sourceDisks(id, lists.volumes, readability);
  const guest = guestOf(server, disks, images);
  const isEfi = guest.imageMetadata['hw_firmware_type'] === 'uefi';
  const osType = guest.imageMetadata['os_type'];
  const boot = disks.find(({ volume }) => volume.bootable);
  const nics = sourceNics(server, lists);
  return {
    ref: vmRef(id),
    name: server.at('name').optionalText() ?? '',
    instanceUuid: id,
    power: powerOf(server) ?? 'suspended',
    obstacles: obstaclesOf(server),
    firmware: isEfi ? 'efi' : 'bios',
    secureBoot: isEfi && guest.imageMetadata['os_secure_boot'] === 'required',
    guest: {
      id: guest.imageMetadata['os_distro'] ?? '',
      fullName: guest.imageMetadata['os_distro'] ?? osType ?? '',
      family: osType === 'windows' || osType === 'linux' ? osType : 'other',
    },
    // Nova asks the guest by ACPI, so no agent is needed.
    toolsRunning: true,
    cbt: { supported: false, enabled: false },
    traits: openstackTraits,
    snapshots: snapshotsOf(disks, lists),
    cpus: server.at('flavor').at('vcpus').isAbsent() ? 0 : server.at('flavor').at('vcpus').whole(),
    memoryMiB: server.at('flavor').at('ram').isAbsent() ? 0 : server.at('flavor').at('ram').whole(),
    nics: nics.map(({ nic }) => nic),
    disks: disks.map(({ disk }) => disk),
    ...(boot !== undefined && { bootDisk: boot.disk.key, bootDiskFrom: 'boot-volume' }),
    openstackGuest: guest,
    leftBehind: leftBehind(server, { nics, disks, volumes: lists.volumes, imageMetadata: guest.imageMetadata }),
  };
}

function guestOf(server: JsonCursor, disks: readonly SourceDisk[], images: ImageProperties): OpenStackGuest {
  const own = disks[0]?.volume.imageMetadata ?? {};
  const image = images.get(own['image_id'] ?? '') ?? {};
  const machineType = machineTypeOf(own, image);
  const keyName = server.at('key_name').optionalText();
  const availabilityZone = server.at('OS-EXT-AZ:availability_zone').optionalText();
  const flavor = server.at('flavor');
  const description = server.at('description').optionalText();
  return {
    flavor: flavor.at('original_name').optionalText() ?? flavor.at('id').optionalText() ?? '',
    ...(keyName !== undefined && { keyName }),
    ...(availabilityZone !== undefined && { availabilityZone }),
    securityGroups: [
      ...new Set(
        server
          .at('security_groups')
          .optionalList()
          .map((group) => group.at('name').text()),
      ),
    ].sort(),
    ...(description !== undefined && { description }),
    metadata: server.at('metadata').texts(),
    tags: server
      .at('tags')
      .optionalList()
      .map((tag) => tag.text())
      .sort(),
    imageMetadata: { ...image, ...own },
    ...(machineType !== undefined && { machineType }),
    volumes: disks.map(({ volume }) => volume),
  };
}

/**
 * No answer of Nova names a server's machine type. What its boot volume says is what was asked for; a volume that says
 * nothing may come from an image that does.
 */
function machineTypeOf(
  own: Readonly<Record<string, string>>,
  image: Readonly<Record<string, string>>,
): OpenStackGuest['machineType'] {
  if (own['hw_machine_type'] !== undefined) return { value: own['hw_machine_type'], from: 'volume' };
  return image['hw_machine_type'] === undefined ? undefined : { value: image['hw_machine_type'], from: 'image' };
}

const powers: Readonly<Record<string, PowerState>> = {
  active: 'on',
  stopped: 'off',
  paused: 'suspended',
  suspended: 'suspended',
};

/** By vm_state: power_state is refreshed now and then only. Undefined: neither on nor off, such as rescued or shelved. */
export const powerOf = (server: JsonCursor): PowerState | undefined =>
  own(powers, server.at('OS-EXT-STS:vm_state').optionalText() ?? '');

function obstaclesOf(server: JsonCursor): string[] {
  const state = server.at('OS-EXT-STS:vm_state').optionalText() ?? 'unknown';
  const task = server.at('OS-EXT-STS:task_state').optionalText();
  const power = powerOf(server);
  const image = server.at('image');
  const bootsFromImage = image.isObject();
  return [
    ...(bootsFromImage ? ['it boots from an image: its root disk lies on the compute host and is no volume'] : []),
    ...(power === 'on' || power === 'off' ? [] : [`it is ${state}: start or stop it first`]),
    ...(task === undefined || task === 'powering-off' || task === 'powering-on' ? [] : [`Nova is busy with it (${task})`]),
  ];
}

/**
 * Snapshots of one name on any of the server's volumes count as one. A clone stands for its snapshot too, which somebody may
 * have deleted: what is removed by the snapshot's name must be found by it.
 */
function snapshotsOf(disks: readonly SourceDisk[], { snapshots, volumes }: SourceLists): ObservedSnapshot[] {
  const own = new Set<string>(disks.map(({ volume }) => volume.id));
  const byName = new Map<string, ObservedSnapshot>();
  const add = (name: string, of: string, entry: JsonCursor): void => {
    if (!own.has(of) || name === '' || byName.has(name)) return;
    byName.set(name, {
      ref: snapshotRef(name),
      name,
      description: entry.at('description').optionalText() ?? '',
      createdAt: entry.at('created_at').optionalText() ?? '',
    });
  };
  for (const snapshot of snapshots) add(snapshot.at('name').optionalText() ?? '', snapshot.at('volume_id').text(), snapshot);
  for (const volume of volumes) {
    const origin = originOf(volume);
    if (origin !== undefined) add(origin.snapshot, origin.volume, volume);
  }
  return [...byName.values()];
}
