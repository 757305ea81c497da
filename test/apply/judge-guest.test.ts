import { describe, expect, test } from 'vitest';
import { judgeGuest, type ReviewedGuest } from '../../src/apply/judge-guest.js';
import type { GuestInspection, InspectedDisk, InspectedSystem } from '../../src/contracts/converter.js';
import { diskKey } from '../../src/model/ids.js';

const [first, second] = [diskKey(2000), diskKey(2001)];
const boots: InspectedDisk = { key: first, bios: true, efi: true, encrypted: [], windows: [] };
const data: InspectedDisk = { key: second, bios: false, efi: false, encrypted: [], windows: [] };
const windows: InspectedSystem = { root: '/dev/sda2', family: 'windows', name: 'Windows Server 2019', disks: [first] };
const linux: InspectedSystem = { root: '/dev/sdb1', family: 'linux', name: 'Debian GNU/Linux 12', disks: [second] };
const reviewed: ReviewedGuest = {
  firmware: 'bios',
  guestFamily: 'windows',
  boot: first,
  isNamed: false,
  slotName: (key) => `scsi0:${key - 2000}`,
};

const judge = (inspection: Partial<GuestInspection>, over: Partial<ReviewedGuest> = {}) =>
  judgeGuest({ disks: [boots, data], systems: [windows], ...inspection }, { ...reviewed, ...over });
const told = (...asked: Parameters<typeof judge>): string[] =>
  judge(...asked).refusals.map(({ code, detail, nextSteps }) => `${code} ${detail} | ${nextSteps[0]}`);

test('the guest that was reviewed: nothing to say, and which system is converted', () => {
  expect(judge({})).toEqual({ refusals: [], notes: [], system: windows });
});

describe('every field of an inspection decides something', () => {
  const telling: { readonly [K in keyof Required<InspectedDisk>]: Partial<InspectedDisk> } = {
    key: { key: second, bios: false },
    bios: { bios: false },
    efi: { efi: false },
    encrypted: { encrypted: ['LUKS'] },
    windows: { windows: ['dirty'] },
  };
  test.each(Object.entries(telling))('of a disk: %s', (field, over) => {
    const guest = { ...reviewed, firmware: field === 'efi' ? ('efi' as const) : ('bios' as const) };
    const heard = judgeGuest({ disks: [{ ...boots, ...over }], systems: [windows] }, { ...guest, boot: over.key ?? first });
    expect([heard.refusals.length + heard.notes.length, field]).not.toEqual([0, field]);
  });

  const other: { readonly [K in keyof Required<InspectedSystem>]: InspectedSystem } = {
    root: { ...windows, root: '/dev/sda3' },
    family: { ...windows, family: 'linux' },
    name: { ...windows, name: 'Windows Server 2022' },
    disks: { ...windows, disks: [second] },
  };
  test.each(Object.entries(other))('of a system: %s', (_field, system) => {
    const disks = [boots, { ...data, bios: true }];
    expect(judge({ disks, systems: [system] })).not.toEqual(judge({ disks }));
  });
});

describe('MP2053: the server would boot a disk that does not boot the guest', () => {
  test('the system is on the second disk and no boot order is set: which disk boots is told', () => {
    const disks = [
      { ...boots, bios: false },
      { ...data, bios: true },
    ];
    expect(told({ disks, systems: [{ ...windows, disks: [second] }] })).toEqual([
      'MP2053 the server would boot scsi0:0, which holds nothing that a BIOS boots, and scsi0:1 does | set spec.bootDisk: scsi0:1',
    ]);
  });
  test('UEFI: the other disk has the EFI system partition', () => {
    const disks = [
      { ...boots, efi: false },
      { ...data, efi: true },
    ];
    expect(told({ disks }, { firmware: 'efi' }).join()).toContain(
      'no EFI system partition, and scsi0:1 does | set spec.bootDisk: scsi0:1',
    );
  });
  test('both disks boot, and the system is on the other one', () => {
    const disks = [boots, { ...data, bios: true }];
    const system = { ...windows, disks: [second] };
    expect(told({ disks, systems: [system] }).join()).toContain('set spec.bootDisk: scsi0:1');
    expect(told({ disks, systems: [system] }, { isNamed: true }), 'unless the manifest says so').toEqual([]);
  });
  test('what boots Windows may be on another disk than Windows, when nothing else boots', () => {
    expect(told({ systems: [{ ...windows, disks: [second] }] })).toEqual([]);
  });
  test('no disk boots by the firmware that the source names', () => {
    expect(told({ disks: [{ ...boots, bios: false }, data] }).join()).toMatch(/nor do the others \| check the firmware/);
  });
});

describe('MP2052: two systems', () => {
  const systems = [windows, linux];
  test('refused, both named, with the disks to choose from', () => {
    expect(told({ systems })).toEqual([
      'MP2052 2 systems are on the disks: Windows Server 2019 (/dev/sda2) on scsi0:0; Debian GNU/Linux 12 (/dev/sdb1) on scsi0:1 | set spec.bootDisk: scsi0:0 or scsi0:1',
    ]);
  });
  test('bootDisk says which one', () => {
    expect(judge({ systems }, { isNamed: true })).toEqual({ refusals: [], notes: [], system: windows });
    const disks = [boots, { ...data, bios: true }];
    expect(judge({ disks, systems }, { isNamed: true, boot: second, guestFamily: 'linux' }).system).toBe(linux);
  });
  test('both on one disk: bootDisk cannot say', () => {
    const both = [windows, { ...linux, disks: [first] }];
    expect(told({ systems: both }, { isNamed: true }).join()).toContain('| leave one system only');
  });
});

describe('what virt-v2v cannot work with', () => {
  test.each([
    ['LUKS', 'without LUKS'],
    ['BitLocker', 'manage-bde -off'],
  ] as const)('MP2054: the root is encrypted by %s', (kind, remedy) => {
    const found = told({ disks: [{ ...boots, encrypted: [kind] }, data], systems: [] });
    expect(found).toEqual([expect.stringMatching(`^MP2054 .*scsi0:0 .*${kind}.*${remedy}`)]);
  });
  test('an encrypted data disk is told, and no obstacle', () => {
    const { refusals, notes } = judge({ disks: [boots, { ...data, encrypted: ['LUKS'] }] });
    expect([refusals, notes]).toEqual([[], [{ kind: 'encrypted', disk: 'scsi0:1', what: ['LUKS'] }]]);
  });
  test.each([
    ['hibernated', 'powercfg /h off'],
    ['dirty', 'chkdsk /f'],
  ] as const)('MP2055: a Windows file system is %s', (state, remedy) => {
    expect(told({ disks: [{ ...boots, windows: [state] }, data] })).toEqual([
      expect.stringMatching(`^MP2055 .*scsi0:0.*${remedy}`),
    ]);
  });
  test('MP2058: nothing is found', () => expect(told({ systems: [] }).join()).toMatch(/^MP2058 /));
});

describe('MP2056: another system than was said', () => {
  test('Linux was said', () => {
    expect(told({}, { guestFamily: 'linux' })).toEqual([
      'MP2056 the guest is Windows Server 2019, and was taken for linux | set spec.guestFamily: windows, and run migplan plan again',
    ]);
  });
  test('neither Windows nor Linux', () => {
    expect(told({ systems: [{ ...windows, family: 'other', name: 'FreeBSD' }] }, { guestFamily: 'linux' }).join()).toContain(
      '| set spec.phase: sync',
    );
  });
});
