import type { ConversionDisk, GuestInspection, InspectedDisk, InspectedSystem } from '../contracts/converter.js';
import { encryptionOf, isDirtyNtfs, ntfsVolumeRecord, readBootSectors, TABLE_BYTES } from './boot-sectors.js';
import { diskName } from './domain-xml.js';
import type { Guestfish } from './guestfish.js';

type Keyed = Pick<ConversionDisk, 'key'>;

/** Looks at the disks of a guest, in an appliance that runs; nothing is written. */
export async function inspectGuest(fish: Guestfish, disks: readonly Keyed[]): Promise<GuestInspection> {
  const partitions = await fish.ask('list-partitions');
  const looked: LookedDisk[] = [];
  for (const [index, { key }] of disks.entries()) {
    const device = `/dev/${diskName(index)}`;
    looked.push(await lookAt(fish, { key, device, partitions: partitions.filter((partition) => diskOf(partition) === device) }));
  }
  return { disks: looked.map(({ inspected }) => inspected), systems: await systemsOn(fish, looked) };
}

/** `/dev/sda` of `/dev/sda2`. */
const diskOf = (device: string): string => device.replace(/\d+$/, '');

interface LookedDisk {
  readonly device: string;
  readonly blank: boolean;
  readonly inspected: InspectedDisk;
}

interface DiskPlace extends Keyed {
  readonly device: string;
  readonly partitions: readonly string[];
}

async function lookAt(fish: Guestfish, { key, device, partitions }: DiskPlace): Promise<LookedDisk> {
  const head = await fish.bytes(device, { offset: 0, length: TABLE_BYTES });
  const { bios, efi, blank } = readBootSectors(head);
  const places = partitions.length > 0 ? partitions : [device];
  const encrypted: ('LUKS' | 'BitLocker')[] = [];
  const windows: ('hibernated' | 'dirty')[] = [];
  for (const place of places) {
    const sector = place === device ? head.subarray(0, 512) : await fish.bytes(place, { offset: 0, length: 512 });
    const kind = encryptionOf(sector);
    if (kind !== undefined) encrypted.push(kind);
    windows.push(...(await ntfsState(fish, place, sector)));
  }
  return { device, blank, inspected: { key, bios, efi, encrypted, windows } };
}

/** What ntfs-3g answers of a file system that Windows sleeps on. */
const HIBERNATED = '14';

async function ntfsState(fish: Guestfish, device: string, sector: Buffer): Promise<('hibernated' | 'dirty')[]> {
  const place = ntfsVolumeRecord(sector);
  if (place === undefined) return [];
  const [probe] = await fish.ask('ntfs-3g-probe', 'true', device);
  const isDirty = isDirtyNtfs(await fish.bytes(device, place));
  return [...(probe === HIBERNATED ? (['hibernated'] as const) : []), ...(isDirty ? (['dirty'] as const) : [])];
}

async function systemsOn(fish: Guestfish, disks: readonly LookedDisk[]): Promise<InspectedSystem[]> {
  const systems: InspectedSystem[] = [];
  const roots = await rootsOn(fish, disks);
  const volumeGroups = roots.length === 0 ? new Map<string, readonly string[]>() : await physicalVolumes(fish);
  for (const root of roots) {
    const [type = ''] = await fish.ask('inspect-get-type', root);
    const [distro = ''] = await fish.ask('inspect-get-distro', root);
    const [name = root] = await fish.ask('inspect-get-product-name', root);
    const mounted = (await fish.ask('inspect-get-mountpoints', root)).map((line) => line.replace(/^.*?: /, ''));
    const devices = new Set([root, ...mounted].flatMap((device) => devicesBelow(device, volumeGroups)).map(diskOf));
    systems.push({
      root,
      ...kindOf({ type, distro, name }),
      disks: disks.filter(({ device }) => devices.has(device)).map(({ inspected: { key } }) => key),
    });
  }
  return systems;
}

/** virt-v2v gives up on a Linux that libguestfs has no name for, such as Photon OS. */
function kindOf({
  type,
  distro,
  name,
}: Readonly<Record<'type' | 'distro' | 'name', string>>): Pick<InspectedSystem, 'name' | 'family'> {
  if (type === 'linux' && distro === 'unknown') return { name: `${name}, a Linux that virt-v2v does not know`, family: 'other' };
  return { name, family: type === 'windows' || type === 'linux' ? type : 'other' };
}

/**
 * libguestfs (1.48) gives up on Windows when it meets a disk without a partition table before it. Such a disk gets an empty table
 * then, in the file that is thrown away.
 */
async function rootsOn(fish: Guestfish, disks: readonly LookedDisk[]): Promise<string[]> {
  const roots = await fish.ask('inspect-os');
  const blank = disks.filter((disk) => disk.blank);
  if (roots.length > 0 || blank.length === 0) return roots;
  for (const { device } of blank) await fish.ask('part-init', device, 'mbr');
  return fish.ask('inspect-os');
}

/** The partitions or disks a device lies on: itself, or those of its volume group. */
function devicesBelow(device: string, volumeGroups: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const plain = device.replace(/^btrfsvol:(\/dev\/[^/]+(?:\/[^/]+)?)\/.*$/, '$1');
  const group = /^\/dev\/([^/]+)\/[^/]+$/.exec(plain)?.[1];
  return group === undefined ? [plain] : (volumeGroups.get(group) ?? []);
}

async function physicalVolumes(fish: Guestfish): Promise<Map<string, readonly string[]>> {
  const byUuid = new Map<string, string>();
  for (const device of await fish.ask('pvs')) {
    const [uuid] = await fish.ask('pvuuid', device);
    if (uuid !== undefined) byUuid.set(uuid.replaceAll('-', ''), device);
  }
  const groups = new Map<string, readonly string[]>();
  for (const group of await fish.ask('vgs')) {
    const uuids = await fish.ask('vgpvuuids', group);
    groups.set(
      group,
      uuids.flatMap((uuid) => byUuid.get(uuid.replaceAll('-', '')) ?? []),
    );
  }
  return groups;
}
