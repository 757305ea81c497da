import { constants } from 'node:fs';
import { access, type FileHandle, open, readFile, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { VolumeId } from '../../model/ids.js';
import { luksHeader } from '../../model/luks-header.js';
import type { TargetBlock } from '../provider.js';
import { type CallSite, notAttached } from './errors.js';

/** virtio carries no more of a serial, which Nova sets to the volume's id. */
export const SERIAL_LENGTH = 20;
const SECTOR = 512;

export interface DeviceFolders {
  readonly byIdDir: string;
  readonly sysDir: string;
}

export interface ExpectedDevice {
  readonly volume: VolumeId;
  /** Bytes, as Cinder counts. */
  readonly size: number;
  readonly encrypted: boolean;
}

/** How udev names a whole disk with this serial: virtio-blk cuts it, virtio-scsi does not. */
export const linkNames = (volume: VolumeId): string[] => [
  `virtio-${volume.slice(0, SERIAL_LENGTH)}`,
  `scsi-0QEMU_QEMU_HARDDISK_${volume}`,
  `scsi-SQEMU_QEMU_HARDDISK_${volume}`,
];

/** Where the links with the volume's serial lead to. Undefined: there is none yet. */
export async function findDevice(volume: VolumeId, { byIdDir }: DeviceFolders, site: CallSite): Promise<string | undefined> {
  const paths = await Promise.all(linkNames(volume).map((name) => realpath(join(byIdDir, name)).catch(() => undefined)));
  const devices = [...new Set(paths.filter((path) => path !== undefined))];
  if (devices.length > 1) {
    throw notAttached(site, `several devices have the serial of volume ${volume}: ${devices.join(', ')}`, [
      'Restart the conversion host, then run again.',
    ]);
  }
  return devices[0];
}

export interface ClaimedDevice {
  readonly block: TargetBlock;
  /** Open as long as the device is ours: the kernel lets nobody mount it, and no volume manager take it. */
  readonly claim: FileHandle;
}

/**
 * Opens the device so that nobody else on this machine may use it, and only then looks whether it is the volume: what is looked
 * at is what is written. A disk in use, such as the one this machine runs from, cannot be opened so.
 */
export async function claimDevice(
  path: string,
  expected: ExpectedDevice,
  { folders, site }: { readonly folders: DeviceFolders; readonly site: CallSite },
): Promise<ClaimedDevice> {
  const claim = await open(path, constants.O_RDWR | constants.O_EXCL).catch((error: NodeJS.ErrnoException) => {
    throw notAttached(site, `${path}, which is volume ${expected.volume}, cannot be opened: ${whyNot(error)}`, adviceFor(error));
  });
  try {
    const { block, wrong } = await examine(path, claim, { expected, folders });
    if (wrong === undefined) return { block, claim };
    throw notAttached(site, `${path} has the name of volume ${expected.volume}, but ${wrong}; nothing was written to it`, [
      `Look at it: lsblk -o NAME,SIZE,SERIAL ${path}; restart the conversion host when it is stale.`,
    ]);
  } catch (error) {
    await claim.close();
    throw error;
  }
}

const whyNot = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'EBUSY' ? 'this machine uses it: it is mounted, or LVM, RAID or multipath has taken it' : message;

const adviceFor = ({ code }: NodeJS.ErrnoException): string[] =>
  code === 'EBUSY'
    ? [
        'See what uses it: lsblk, dmsetup ls; give it free, such as with vgchange -an.',
        'Keep LVM and multipath of the conversion host away from attached volumes: a devices file or global_filter in lvm.conf, a blacklist in multipath.conf.',
      ]
    : ['migplan needs the right to write to attached volumes: run it as root, or as a member of the group disk.'];

interface Examination {
  readonly block: TargetBlock;
  /** What does not fit. */
  readonly wrong?: string;
}

/** A plain file stands for a device where the kernel has none to give. */
async function examine(
  path: string,
  claim: FileHandle,
  { expected, folders }: { readonly expected: ExpectedDevice; readonly folders: DeviceFolders },
): Promise<Examination> {
  const stat = await claim.stat();
  if (stat.isFile()) return { block: { driver: 'file', path }, ...wrongSize(stat.size, expected) };
  const block: TargetBlock = { driver: 'host_device', path };
  if (!stat.isBlockDevice()) return { block, wrong: 'it is no block device' };
  const about = join(folders.sysDir, 'class/block', basename(path));
  if ((await textOf(join(about, 'dev'))) !== deviceNumber(stat.rdev)) return { block, wrong: `${about} is about another device` };
  if (await isThere(join(about, 'partition'))) return { block, wrong: 'it is a partition' };
  const serial = await serialOf(about);
  if (serial !== undefined && !isSerialOf(serial, expected.volume)) return { block, wrong: `its serial is '${serial}'` };
  return { block, ...wrongSize(Number(await textOf(join(about, 'size'))) * SECTOR, expected) };
}

function wrongSize(size: number, { size: whole, encrypted }: ExpectedDevice): { wrong?: string } {
  // A guest sees of an encrypted volume what follows its header.
  const isRight = encrypted ? size <= whole && size >= whole - luksHeader.most : size === whole;
  return isRight ? {} : { wrong: `it has ${size} bytes where the volume has ${whole}` };
}

const isSerialOf = (serial: string, volume: VolumeId): boolean => serial.length >= SERIAL_LENGTH && volume.startsWith(serial);

/** virtio-blk tells it as text; of SCSI disks there is vital product data page 0x80, which has a header of four bytes. */
async function serialOf(about: string): Promise<string | undefined> {
  const plain = await textOf(join(about, 'serial'));
  if (plain !== undefined) return plain;
  const page = await readFile(join(about, 'device/vpd_pg80')).catch(() => undefined);
  return page?.subarray(4).toString('latin1').trim();
}

const textOf = async (path: string): Promise<string | undefined> => (await readFile(path, 'utf8').catch(() => undefined))?.trim();

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** `7:0`, from the number that stat gives (major in bits 8 to 19, minor in 0 to 7 and from 20 on). */
function deviceNumber(rdev: number): string {
  const [major, minor] = [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)];
  return `${major}:${minor}`;
}

/** The machine this program runs on, as its firmware names it; Nova puts the server's id there. Undefined: only root may read it. */
export const machineUuid = async ({ sysDir }: DeviceFolders): Promise<string | undefined> =>
  (await textOf(join(sysDir, 'class/dmi/id/product_uuid')))?.toLowerCase();
