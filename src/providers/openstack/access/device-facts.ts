import type { VolumeId } from '../../../model/ids.js';
import { luksHeader } from '../../../model/luks-header.js';

/** virtio carries no more of a serial, which Nova sets to the volume's id. */
export const SERIAL_LENGTH = 20;

/** How udev names a whole disk with this serial: virtio-blk cuts it, virtio-scsi does not. */
export const linkNames = (volume: VolumeId): readonly [string, string, string] => [
  `virtio-${volume.slice(0, SERIAL_LENGTH)}`,
  `scsi-0QEMU_QEMU_HARDDISK_${volume}`,
  `scsi-SQEMU_QEMU_HARDDISK_${volume}`,
];

export interface ExpectedDevice {
  readonly volume: VolumeId;
  /** Bytes, as Cinder counts. */
  readonly size: number;
  readonly encrypted: boolean;
}

/** What the kernel tells of a device that is open for us alone. A plain file stands for one where the kernel has none to give. */
export type DeviceFacts =
  | { readonly kind: 'file'; readonly bytes: number }
  | { readonly kind: 'other' }
  | {
      readonly kind: 'block';
      /** Folder in sysfs about a device of this name. */
      readonly about: string;
      /** `major:minor` of what is open, and what sysfs has for that name. */
      readonly number: string;
      readonly numberThere: string | undefined;
      readonly isPartition: boolean;
      readonly serial: string | undefined;
      readonly bytes: number;
    };

/** Why the device is not the volume, to follow "but"; undefined when all that can be known fits. */
export function wrongWith(facts: DeviceFacts, expected: ExpectedDevice): string | undefined {
  if (facts.kind === 'other') return 'it is no block device';
  if (facts.kind === 'file') return wrongSize(facts.bytes, expected);
  const { about, number, numberThere, isPartition, serial, bytes } = facts;
  if (numberThere !== number) return `${about} is about another device`;
  if (isPartition) return 'it is a partition';
  if (serial !== undefined && !isSerialOf(serial, expected.volume)) return `its serial is '${serial}'`;
  return wrongSize(bytes, expected);
}

function wrongSize(size: number, { size: whole, encrypted }: ExpectedDevice): string | undefined {
  // A guest sees of an encrypted volume what follows its header.
  const isRight = encrypted ? size <= whole && size >= whole - luksHeader.most : size === whole;
  return isRight ? undefined : `it has ${size} bytes where the volume has ${whole}`;
}

const isSerialOf = (serial: string, volume: VolumeId): boolean => serial.length >= SERIAL_LENGTH && volume.startsWith(serial);
