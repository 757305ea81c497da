import { open } from 'node:fs/promises';

const SECTOR = 512;
const TABLE_AT = 446;

/** Where the one partition of a lab disk begins, in bytes: the usual mebibyte, which leaves room for a boot loader. */
export const PARTITION_OFFSET = 1_048_576;

export interface OnePartition {
  /** Type byte of the MBR: 0x07 is NTFS, 0x83 Linux. */
  readonly type: number;
  readonly bytes: number;
  /** How the operating system tells disks apart. */
  readonly signature: number;
  /** What the BIOS runs, at most 440 bytes of it. */
  readonly bootCode?: Uint8Array;
}

/** Writes an MBR with one bootable partition at PARTITION_OFFSET into a disk that is there. */
export async function writePartitionTable(path: string, { type, bytes, signature, bootCode }: OnePartition): Promise<void> {
  const mbr = Buffer.alloc(SECTOR);
  if (bootCode !== undefined) mbr.set(bootCode.subarray(0, 440));
  mbr.writeUInt32LE(signature, 440);
  // Its cylinder numbers say "beyond what cylinders can tell".
  Buffer.from([0x80, 0xfe, 0xff, 0xff, type, 0xfe, 0xff, 0xff]).copy(mbr, TABLE_AT);
  mbr.writeUInt32LE(PARTITION_OFFSET / SECTOR, TABLE_AT + 8);
  mbr.writeUInt32LE(bytes / SECTOR, TABLE_AT + 12);
  mbr.writeUInt16LE(0xaa55, 510);
  await using disk = await open(path, 'r+');
  await disk.write(mbr, 0, SECTOR, 0);
}
