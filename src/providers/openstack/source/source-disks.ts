import { diskKey, GiB, volumeId } from '../../../model/ids.js';
import type { CloudVolume, DiskSlot, ObservedDisk } from '../../../model/observed.js';
import { own } from '../../../model/own.js';
import { isPlainMetadata } from '../../../model/plain-text.js';
import type { Reaches } from '../access/volume-reach.js';
import type { Answer } from '../http/answer.js';

/** One volume as a disk of a server. */
export interface SourceDisk {
  readonly disk: ObservedDisk;
  readonly volume: CloudVolume;
}

/** Why a volume's snapshot cannot be read with the access there is; undefined: it can. */
export type WhyUnreadable = (volume: Answer) => string | undefined;

/** How the volumes of servers that are looked at are judged. */
export interface Judged {
  readonly whyUnreadable: WhyUnreadable;
  readonly reaches?: Reaches | undefined;
}

/** How devices are named on each bus, and where the keys of its disks begin. */
const buses: Readonly<Record<string, { readonly bus: DiskSlot['bus']; readonly firstKey: number }>> = {
  vd: { bus: 'other', firstKey: 0 },
  sd: { bus: 'scsi', firstKey: 1000 },
  hd: { bus: 'ide', firstKey: 2000 },
  xvd: { bus: 'other', firstKey: 3000 },
};
const OTHER_KEYS = 9000;

/**
 * A server's disks in device order, the boot volume first. A disk's key follows from its device name: it stays when other
 * disks come and go. That a name was given to another volume shows in the disk's uuid, which is the volume's id.
 */
export function sourceDisks(
  server: string,
  volumes: readonly Answer[],
  judged: Judged = { whyUnreadable: () => undefined },
): SourceDisk[] {
  const placed = volumes
    .flatMap((volume) => {
      const entry = volume
        .at('attachments')
        .optionalList()
        .find((attachment) => attachment.at('server_id').optionalText() === server);
      return entry === undefined ? [] : [{ volume, device: entry.at('device').optionalText() ?? '' }];
    })
    .map((entry) => ({ ...entry, place: placeOf(entry.device) }))
    .sort((a, b) => a.place.index - b.place.index || a.place.firstKey - b.place.firstKey);
  const disks = placed.map((entry, position) => decodeDisk(entry, position, judged));
  const boot = disks.find(({ volume }) => volume.bootable);
  return boot === undefined ? disks : [boot, ...disks.filter((disk) => disk !== boot)];
}

interface Placed {
  readonly volume: Answer;
  readonly device: string;
  readonly place: Place;
}

interface Place {
  readonly bus: DiskSlot['bus'];
  readonly firstKey: number;
  /** 0 for the first letter. */
  readonly index: number;
  readonly isKnown: boolean;
}

function placeOf(device: string): Place {
  const [, prefix = '', letters = ''] = /^\/dev\/(xvd|vd|sd|hd)([a-z]+)$/.exec(device) ?? [];
  const bus = own(buses, prefix);
  if (bus === undefined) return { bus: 'other', firstKey: OTHER_KEYS, index: Number.MAX_SAFE_INTEGER, isKnown: false };
  const index = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0) - 1;
  return { ...bus, index, isKnown: true };
}

function decodeDisk({ volume, device, place }: Placed, position: number, { whyUnreadable, reaches }: Judged): SourceDisk {
  const id = volume.at('id').text();
  const key = diskKey(place.firstKey + (place.isKnown ? place.index : position));
  const unsupported = whyUnreadable(volume) ?? whyUnsupported(volume);
  const outOfReach = reaches?.get(id);
  return {
    disk: {
      key,
      label: `${device === '' ? 'disk' : device} (volume ${id})`,
      uuid: id,
      capacity: volume.at('size').gibibytes() * GiB,
      slot: { bus: place.bus, controller: 0, unit: place.isKnown ? place.index : position },
      inSnapshots: true,
      ...(unsupported !== undefined && { unsupported }),
      ...(outOfReach !== undefined && { outOfReach }),
    },
    volume: {
      disk: key,
      id: volumeId(id),
      name: volume.at('name').optionalText() ?? '',
      description: volume.at('description').optionalText() ?? '',
      type: volume.at('volume_type').optionalText() ?? '',
      availabilityZone: volume.at('availability_zone').optionalText() ?? '',
      bootable: volume.at('bootable').flag(),
      device,
      imageMetadata: volume.at('volume_image_metadata').texts(),
      metadata: notesOf(volume),
    },
  };
}

/** What Cinder adds by itself while a volume is attached. */
const transient: readonly string[] = ['attached_mode', 'readonly'];

const notesOf = (volume: Answer): Record<string, string> =>
  Object.fromEntries(
    Object.entries(volume.at('metadata').texts()).filter(
      ([key, value]) => !transient.includes(key) && isPlainMetadata(key, value),
    ),
  );

function whyUnsupported(volume: Answer): string | undefined {
  if (volume.at('attachments').optionalList().length > 1) return 'the volume is attached to several servers';
  const status = volume.at('status').text();
  return status === 'in-use' ? undefined : `the volume is in status "${status}"`;
}
