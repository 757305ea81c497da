import { describe, expect, test } from 'vitest';
import { judgeConversion, type ServerToBe } from '../../src/apply/judge-conversion.js';
import type { ConversionReport, GuestInspection } from '../../src/contracts/converter.js';
import { diskKey } from '../../src/model/ids.js';

const boot = diskKey(2000);
const guest: GuestInspection = {
  disks: [{ key: boot, bios: true, efi: true, encrypted: [], windows: [] }],
  systems: [{ root: '/dev/sda2', family: 'windows', name: 'Windows Server 2019', disks: [boot] }],
};
const good: ConversionReport = { disk: 'virtio', network: 'virtio', firmware: 'any', warnings: [], guest };
const server: ServerToBe = {
  firmware: 'bios',
  guestFamily: 'windows',
  hardware: { disk: 'virtio', network: 'virtio' },
  boot,
  isNamed: false,
  root: '/dev/sda2',
  slotName: (key) => `scsi0:${key - 2000}`,
};
const emulated = { disk: 'emulated', network: 'emulated' } as const;

const codes = (report: Partial<ConversionReport>, over: Partial<ServerToBe> = {}) =>
  judgeConversion({ ...good, ...report }, { ...server, ...over }).refusals.map(({ code }) => code);

/** A field that is added to the report has to be added here, with a value that must change what happens. */
const telling: { readonly [K in keyof Required<ConversionReport>]: readonly ConversionReport[K][] } = {
  disk: ['emulated', 'unknown'],
  network: ['emulated'],
  firmware: ['uefi'],
  warnings: [['this guest has Anti-Virus software']],
  guest: [
    { ...guest, systems: [] },
    { ...guest, systems: [{ ...guest.systems[0]!, root: '/dev/sdb1' }] },
    { ...guest, disks: [{ ...guest.disks[0]!, bios: false }] },
  ],
};

describe('every field of the report decides something', () => {
  test('a good report: nothing to say', () => {
    expect(judgeConversion(good, server)).toEqual({ refusals: [], notes: [] });
  });

  test.each(
    Object.entries(telling).flatMap(([field, values]) => values.map((value) => [field, JSON.stringify(value), value] as const)),
  )('%s: %s is heard', (field, _text, value) => {
    expect(judgeConversion({ ...good, [field]: value } as ConversionReport, server)).not.toEqual({ refusals: [], notes: [] });
  });
});

describe('no virtio drivers were installed', () => {
  test('and the server would have virtio disks: refused', () => {
    expect(codes({ disk: 'emulated', network: 'emulated' })).toEqual(['MP7003', 'MP7003']);
  });
  test('and the server has emulated hardware: fine', () => {
    expect(codes({ disk: 'emulated', network: 'emulated' }, { hardware: emulated })).toEqual([]);
  });
  test('for the network alone', () => {
    expect(codes({ network: 'emulated' })).toEqual(['MP7003']);
    expect(codes({ network: 'emulated' }, { hardware: { disk: 'virtio', network: 'emulated' } })).toEqual([]);
  });
  test('virt-v2v says nothing of them: refused, not assumed', () => {
    expect(codes({ disk: 'unknown' })).toEqual(['MP7003']);
    expect(codes({ disk: 'unknown' }, { hardware: emulated })).toEqual([]);
  });
});

describe('the guest needs UEFI', () => {
  test('and the server would boot by BIOS: refused', () => expect(codes({ firmware: 'uefi' })).toEqual(['MP7004']));
  test('and has it: fine', () => expect(codes({ firmware: 'uefi' }, { firmware: 'efi' })).toEqual([]));
});

describe('after the conversion', () => {
  const refused = (over: Partial<GuestInspection>) => codes({ guest: { ...guest, ...over } });
  test('MP7005: the boot volume holds nothing that boots', () => {
    expect(refused({ disks: [{ ...guest.disks[0]!, bios: false }] })).toEqual(['MP7005']);
  });
  test('MP7005: another system is there than the one that was converted', () => {
    expect(refused({ systems: [{ ...guest.systems[0]!, root: '/dev/sdb1' }] })).toEqual(['MP7005']);
  });
  test('the converter may leave NTFS to be checked', () => {
    expect(refused({ disks: [{ ...guest.disks[0]!, windows: ['dirty'] }] })).toEqual([]);
  });
});
