import { diskKey, GiB, volumeId } from '../../../model/ids.js';
import type { CloudVolume, DiskSlot, ObservedDisk } from '../../../model/observed-source.js';
import { own } from '../../../model/own.js';
import { isPlainMetadata } from '../../../model/plain-text.js';
import type { Reaches } from '../access/volume-reach.js';
import type { JsonCursor } from '../http/json-cursor.js';

/** One volume as a disk of a server. */
export interface SourceDisk {
  readonly disk: ObservedDisk;
  readonly volume: CloudVolume;
}

/** Why a volume's snapshot cannot be read with the access there is; undefined: it can. */
export type WhyUnreadable = (volume: JsonCursor) => string | undefined;

/** How the volumes of servers that are looked at are judged. */
export interface DiskReadability {
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
  volumes: readonly JsonCursor[],
  readability: DiskReadability = { whyUnreadable: () => undefined },
): SourceDisk[] {
  const inOrder = volumes
    .flatMap((volume) => {
      const entry = volume
        .at('attachments')
        .optionalList()
        .find((attachment) => attachment.at('server_id').optionalText() === server);
      return entry === undefined ? [] : [{ volume, device: entry.at('device').optionalText() ?? '' }];
    })
    .map((entry) => ({ ...entry, at: positionOf(entry.device) }))
    .sort((a, b) => a.at.index - b.at.index || a.at.firstKey - b.at.firstKey);
  const disks = inOrder.map((entry, position) => decodeDisk(entry, position, readability));
  const boot = disks.find(({ volume }) => volume.bootable);
  return boot === undefined ? disks : [boot, ...disks.filter((disk) => disk !== boot)];
}

interface PositionedVolume {
  readonly volume: JsonCursor;
  readonly device: string;
  readonly at: DevicePosition;
}

interface DevicePosition {
  readonly bus: DiskSlot['bus'];
  readonly firstKey: number;
  /** 0 for the first letter. */
  readonly index: number;
  readonly isKnown: boolean;
}

function positionOf(device: string): DevicePosition {
  const [, prefix = '', letters = ''] = /^\/dev\/(xvd|vd|sd|hd)([a-z]+)$/.exec(device) ?? [];
  const bus = own(buses, prefix);
  if (bus === undefined) return { bus: 'other', firstKey: OTHER_KEYS, index: Number.MAX_SAFE_INTEGER, isKnown: false };
  const index = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 96, 0) - 1;
  return { ...bus, index, isKnown: true };
}

function decodeDisk(
  { volume, device, at }: PositionedVolume,
  position: number,
  { whyUnreadable, reaches }: DiskReadability,
): SourceDisk {
  const id = volume.at('id').text();
  const key = diskKey(at.firstKey + (at.isKnown ? at.index : position));
  const unsupported = whyUnreadable(volume) ?? whyUnsupported(volume);
  const outOfReach = reaches?.get(id);
  return {
    disk: {
      key,
      label: `${device === '' ? 'disk' : device} (volume ${id})`,
      uuid: id,
      capacity: volume.at('size').gibibytes() * GiB,
      slot: { bus: at.bus, controller: 0, unit: at.isKnown ? at.index : position },
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

const notesOf = (volume: JsonCursor): Record<string, string> =>
  Object.fromEntries(
    Object.entries(volume.at('metadata').texts()).filter(
      ([key, value]) => !transient.includes(key) && isPlainMetadata(key, value),
    ),
  );

function whyUnsupported(volume: JsonCursor): string | undefined {
  if (volume.at('attachments').optionalList().length > 1) return 'the volume is attached to several servers';
  const status = volume.at('status').text();
  return status === 'in-use' ? undefined : `the volume is in status "${status}"`;
}
