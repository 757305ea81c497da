import { describe, expect, test } from 'vitest';
import { encryptionOf, isDirtyNtfs, ntfsVolumeRecord, readBootSectors, TABLE_BYTES } from '../../src/convert/boot-sectors.js';

interface Mbr {
  readonly code?: string | Buffer;
  readonly active?: boolean;
  readonly type?: number;
  /** GUIDs as a partition table spells them. */
  readonly gpt?: readonly string[];
}

function disk({ code = '', active = false, type = 0, gpt }: Mbr): Buffer {
  const head = Buffer.alloc(TABLE_BYTES);
  Buffer.from(code).copy(head);
  head[446] = active ? 0x80 : 0;
  head[450] = type;
  head.writeUInt16LE(0xaa55, 510);
  if (gpt === undefined) return head;
  head.write('EFI PART', 512, 'latin1');
  head.writeBigUInt64LE(2n, 512 + 72);
  head.writeUInt32LE(128, 512 + 80);
  head.writeUInt32LE(128, 512 + 84);
  for (const [index, guid] of gpt.entries()) Buffer.from(guid, 'hex').copy(head, 1024 + 128 * index);
  return head;
}

const DATA = 'a2a0d0ebe5b9334487c068b6b72699c7';
const ESP = '28732ac11ff8d211ba4b00a0c93ec93b';
const BIOS_BOOT = '4861682149646f6e744e656564454649';

describe('what boots', () => {
  test.each<[string, Buffer, string]>([
    ['a blank disk', Buffer.alloc(TABLE_BYTES), 'blank'],
    ['Windows by BIOS: code and an active partition', disk({ code: 'x', active: true, type: 7 }), 'bios'],
    ['a data disk of Windows: code, and nothing to go on with', disk({ code: 'x', type: 7 }), ''],
    ['GRUB needs no active partition', disk({ code: Buffer.from('\x00\x00GRUB Geom'), type: 0x83 }), 'bios'],
    ['an active partition without code', disk({ active: true, type: 7 }), ''],
    ['GPT with an EFI system partition', disk({ type: 0xee, gpt: [DATA, ESP] }), 'efi'],
    ['GPT with GRUB’s partition for a BIOS', disk({ code: 'x', type: 0xee, gpt: [BIOS_BOOT, DATA] }), 'bios'],
    ['GPT with both', disk({ code: 'x', type: 0xee, gpt: [BIOS_BOOT, ESP] }), 'bios efi'],
    ['GPT with data', disk({ code: 'x', type: 0xee, gpt: [DATA] }), ''],
    ['MBR with an EFI system partition', disk({ type: 0xef }), 'efi'],
    ['a file system from the first sector on', Buffer.from('....NTFS'.padEnd(512)), ''],
    ['a disk of one sector', Buffer.alloc(100), 'blank'],
  ])('%s', (_name, head, expected) => {
    const found = Object.entries(readBootSectors(head)).flatMap(([name, is]) => (is ? [name] : []));
    expect(found.join(' ')).toBe(expected);
  });
});

describe('encryption', () => {
  test.each<[string, Buffer, string | undefined]>([
    ['LUKS', Buffer.from('LUKS\xba\xbe\x00\x02', 'latin1'), 'LUKS'],
    ['BitLocker', Buffer.from('\xeb\x58\x90-FVE-FS-\x00\x02', 'latin1'), 'BitLocker'],
    ['NTFS', Buffer.from('\xeb\x52\x90NTFS    ', 'latin1'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('%s', (_name, sector, expected) => expect(encryptionOf(sector)).toBe(expected));
});

describe('NTFS', () => {
  const sector = Buffer.alloc(512);
  sector.write('NTFS    ', 3, 'latin1');
  sector.writeUInt16LE(512, 11);
  sector.writeUInt8(8, 13);
  sector.writeBigUInt64LE(4n, 48);
  sector.writeInt8(-10, 64);

  test('where its volume record is', () => {
    expect(ntfsVolumeRecord(sector)).toEqual({ offset: 4 * 4096 + 3 * 1024, length: 1024 });
    expect(ntfsVolumeRecord(Buffer.alloc(512))).toBeUndefined();
  });

  test.each([
    [0x0001, true],
    [0x0000, false],
    [0x4080, false],
  ])('flags %i: dirty %s', (flags, expected) => {
    const record = Buffer.alloc(1024);
    record.write('FILE', 0, 'latin1');
    record.writeUInt16LE(56, 20);
    // $STANDARD_INFORMATION, then $VOLUME_INFORMATION.
    record.writeUInt32LE(0x10, 56);
    record.writeUInt32LE(72, 60);
    record.writeUInt32LE(0x70, 128);
    record.writeUInt32LE(40, 132);
    record.writeUInt16LE(24, 148);
    record.writeUInt16LE(flags, 128 + 24 + 10);
    record.writeUInt32LE(0xffff_ffff, 168);
    expect(isDirtyNtfs(record)).toBe(expected);
    expect(isDirtyNtfs(Buffer.alloc(1024))).toBe(false);
  });
});
