/** Bytes from the beginning of a disk that hold its partition table, MBR or GPT. */
export const TABLE_BYTES = 34 * 512;
const SECTOR = 512;
const CODE_BYTES = 440;
const ENTRIES_AT = 446;
/** As they stand in a partition table: the first three groups of a GUID are little endian. */
const EFI_SYSTEM = Buffer.from('28732ac11ff8d211ba4b00a0c93ec93b', 'hex');
const BIOS_BOOT = Buffer.from('4861682149646f6e744e656564454649', 'hex');
const MBR_EFI_SYSTEM = 0xef;
const GRUB = Buffer.from('GRUB');

export interface BootSectors {
  /** Code that a BIOS runs, and that has something to go on with: an active partition, GRUB, or GRUB's own partition. */
  readonly bios: boolean;
  /** An EFI system partition. */
  readonly efi: boolean;
  /** Nothing at all: no table, no file system that begins at the beginning. */
  readonly blank: boolean;
}

/** What the beginning of a disk (TABLE_BYTES of it, or all of a smaller one) says of booting from it. */
export function readBootSectors(head: Buffer): BootSectors {
  const isSigned = head.length >= SECTOR && head.readUInt16LE(510) === 0xaa55;
  const hasCode = isSigned && head.subarray(0, CODE_BYTES).some((byte) => byte !== 0);
  const entries = isSigned
    ? [0, 1, 2, 3].map((index) => head.subarray(ENTRIES_AT + 16 * index, ENTRIES_AT + 16 * (index + 1)))
    : [];
  const types = gptTypes(head);
  const goesOn =
    entries.some((entry) => entry[0] === 0x80) ||
    head.subarray(0, CODE_BYTES).includes(GRUB) ||
    types.some((type) => type.equals(BIOS_BOOT));
  return {
    bios: hasCode && goesOn,
    efi: entries.some((entry) => entry[4] === MBR_EFI_SYSTEM) || types.some((type) => type.equals(EFI_SYSTEM)),
    blank: head.every((byte) => byte === 0),
  };
}

function gptTypes(head: Buffer): Buffer[] {
  const header = head.subarray(SECTOR, 2 * SECTOR);
  if (header.length < SECTOR || header.toString('latin1', 0, 8) !== 'EFI PART') return [];
  const at = Number(header.readBigUInt64LE(72)) * SECTOR;
  const [count, size] = [header.readUInt32LE(80), header.readUInt32LE(84)];
  if (size < 128) return [];
  const starts = Array.from({ length: Math.min(count, 128) }, (_, index) => at + index * size);
  return starts.filter((start) => start + size <= head.length).map((start) => head.subarray(start, start + 16));
}

/** By the first sector of a disk or partition, what nobody can look into without a key. */
export function encryptionOf(sector: Buffer): 'LUKS' | 'BitLocker' | undefined {
  if (sector.subarray(0, 6).equals(Buffer.from('LUKS\xba\xbe', 'latin1'))) return 'LUKS';
  return sector.toString('latin1', 3, 11) === '-FVE-FS-' ? 'BitLocker' : undefined;
}

export interface Place {
  readonly offset: number;
  readonly length: number;
}

/** Where an NTFS keeps what it says of itself, by its first sector; undefined: it is none. */
export function ntfsVolumeRecord(sector: Buffer): Place | undefined {
  if (sector.length < SECTOR || sector.toString('latin1', 3, 11) !== 'NTFS    ') return undefined;
  const cluster = sector.readUInt16LE(11) * sector.readUInt8(13);
  const perRecord = sector.readInt8(64);
  const length = perRecord > 0 ? perRecord * cluster : 2 ** -perRecord;
  return { offset: Number(sector.readBigUInt64LE(48)) * cluster + VOLUME_RECORD * length, length };
}

const VOLUME_RECORD = 3;
const VOLUME_INFORMATION = 0x70;
const END_OF_ATTRIBUTES = 0xffff_ffff;
const DIRTY = 0x0001;

/** Whether Windows has noted that this NTFS wants a check. */
export function isDirtyNtfs(record: Buffer): boolean {
  if (record.length < 24 || record.toString('latin1', 0, 4) !== 'FILE') return false;
  for (let at = record.readUInt16LE(20); at + 24 <= record.length; ) {
    const type = record.readUInt32LE(at);
    const length = record.readUInt32LE(at + 4);
    if (type === END_OF_ATTRIBUTES || length === 0) return false;
    const flagsAt = at + record.readUInt16LE(at + 20) + 10;
    if (type === VOLUME_INFORMATION) return flagsAt + 2 <= record.length && (record.readUInt16LE(flagsAt) & DIRTY) !== 0;
    at += length;
  }
  return false;
}
