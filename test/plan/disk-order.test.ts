import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import { diskKey } from '../../src/model/ids.js';
import type { ObservedDisk, ObservedVm } from '../../src/model/observed-source.js';
import type { ObservedVolume } from '../../src/model/observed-target.js';
import type { SyncState } from '../../src/model/sync-record.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

const [first, second] = [2000, 2001].map((key, unit) =>
  s.disk({
    key: s.diskKey(key),
    label: `Hard disk ${unit + 1}`,
    uuid: `6000c29a-1111-2222-3333-44445555666${unit}`,
    slot: { bus: 'scsi', controller: 0, unit },
  }),
) as [ObservedDisk, ObservedDisk];

function volumeOf({ key, uuid }: ObservedDisk, state: SyncState, over: Partial<ObservedVolume>): ObservedVolume {
  const base = s.reading(state, { diskUuid: uuid });
  const reading =
    base.kind === 'record' ? { ...base, record: { ...base.record, identity: { ...base.record.identity, disk: key } } } : base;
  return s.volume({ id: s.volumeId(`vol-${key}`), name: `erp-db01-${key}`, reading, ...over });
}

interface Case {
  readonly desired?: Partial<DesiredMigration>;
  readonly vm?: Partial<ObservedVm>;
  readonly state?: SyncState;
  /** Of the volume that is bootable. */
  readonly bootable?: 2000 | 2001 | 'none';
}

function plan({ desired, vm, state = { kind: 'clean', at: s.at(5) }, bootable = 2000 }: Case) {
  const boot = (key: number) => (bootable === key ? {} : s.dataVolume);
  const source = { kind: 'found', vm: s.vm({ disks: [first, second], power: 'off', ...vm }) } as const;
  const volumes = { '2000': [volumeOf(first, state, boot(2000))], '2001': [volumeOf(second, state, boot(2001))] };
  return planMigration(s.desired({ ...s.cutover, ...s.withServer, ...desired }), s.observed({ source, volumes }), {
    now: s.NOW,
  });
}

/** The order of disks in all that has one. */
const orders = (of: Case): string[] =>
  plan(of).actions.flatMap((action) =>
    action.kind === 'convert' || action.kind === 'create-server' ? [`${action.kind} ${action.disks.join(' ')}`] : [],
  );

const secondFirst = ['convert 2001 2000', 'create-server 2001 2000'];

describe('one order of disks for virt-v2v and for the server, boot disk first', () => {
  test('no boot order: as the source has them', () => {
    expect(orders({})).toEqual(['convert 2000 2001', 'create-server 2000 2001']);
  });
  test('the boot order names the second disk: it is first for both', () => {
    expect(orders({ vm: { bootDisk: second.key, bootDiskFrom: 'boot-order' } })).toEqual(secondFirst);
  });
  test.each([
    ['place', 'scsi0:1'],
    ['place in capitals', 'SCSI0:1'],
    ['label', 'Hard disk 2'],
    ['key', '2001'],
  ])('bootDisk by %s: it is first for both', (_by, bootDisk) => {
    expect(orders({ desired: { bootDisk } })).toEqual(secondFirst);
  });
  test('bootDisk goes before the boot order of the source', () => {
    const vm = { bootDisk: first.key, bootDiskFrom: 'boot-order' } as const;
    expect(orders({ desired: { bootDisk: 'scsi0:1' }, vm })).toEqual(secondFirst);
  });
  test('a merge that goes on keeps the order that was reviewed', () => {
    const { actions } = planMigration(
      s.desired({ ...s.cutover, bootDisk: 'scsi0:1' }),
      s.observed({
        source: { kind: 'found', vm: s.vm({ disks: [first, second], power: 'off' }) },
        volumes: {
          '2000': [volumeOf(first, { kind: 'committing', from: s.at(5) }, s.dataVolume)],
          '2001': [volumeOf(second, { kind: 'committing', from: s.at(5) }, {})],
        },
        local: s.local({ overlayRuns: ['runrunrunrun'] }),
      }),
      { now: s.NOW },
    );
    expect(actions).toMatchObject([{ kind: 'commit-conversion', disks: [2001, 2000] }]);
  });
});

describe('marks of the boot volume', () => {
  test('they go from the disk that was taken for it to the right one', () => {
    expect(brief(plan({ desired: { bootDisk: 'scsi0:1' } })).filter((line) => line.startsWith('set-image'))).toEqual([
      'set-image-metadata hw_machine_type=pc os_type=linux bootable',
      'set-image-metadata -hw_machine_type -os_type not bootable',
    ]);
    const of = plan({ desired: { bootDisk: 'scsi0:1' } }).actions.flatMap((action) =>
      action.kind === 'set-image-metadata' ? [action.disk] : [],
    );
    expect(of).toEqual([2001, 2000]);
  });
  test('right from the beginning: nothing to take away', () => {
    expect(brief(plan({ desired: { bootDisk: 'scsi0:1' }, bootable: 2001 })).join()).not.toContain('set-image');
  });
});

describe('MP2050', () => {
  const told = (of: Case): string[] =>
    plan(of).diagnostics.map(({ code, detail, nextSteps }) => `${code} ${detail} | ${nextSteps?.join()}`);

  test('bootDisk that no disk answers to: all of them are named, and the nearest', () => {
    expect(told({ desired: { bootDisk: 'scsi1:1' } })).toEqual([
      'MP2050 the VM has no disk "scsi1:1"; its disks: scsi0:0 (Hard disk 1, key 2000), scsi0:1 (Hard disk 2, key 2001) | set spec.bootDisk: scsi0:1',
    ]);
    expect(told({ desired: { bootDisk: 'Hard disc 1' } }).join()).toContain('| set spec.bootDisk: scsi0:0');
  });
  test('a copy of what says of no disk that it boots from it: blocked, until the manifest says which', () => {
    const traits = s.cloudVm().traits;
    for (const vm of [{ traits, bootDisk: diskKey(9) }, { traits, bootDisk: diskKey(9), bootDiskFrom: 'boot-volume' } as const]) {
      const said = (over: object): string[] => told({ vm, ...over }).filter((line) => line.startsWith('MP2050'));
      expect(said({})).toEqual([
        'MP2050 the source boots from none of its disks: scsi0:0 (Hard disk 1, key 2000), scsi0:1 (Hard disk 2, key 2001) | set spec.bootDisk: scsi0:0',
      ]);
      expect(said({ desired: { bootDisk: 'scsi0:1' } })).toEqual([]);
    }
  });
  test('bootDisk that two disks answer to', () => {
    const vm = { disks: [first, { ...second, label: 'Hard disk 1' }] };
    expect(told({ desired: { bootDisk: 'Hard disk 1' }, vm }).join()).toContain('2 disks are called "Hard disk 1"');
  });
  test('another disk than the boot volume of a server: nothing would find out that it does not boot', () => {
    const vm = { bootDisk: first.key, bootDiskFrom: 'boot-volume' } as const;
    expect(told({ desired: { bootDisk: 'scsi0:1' }, vm })).toEqual([
      'MP2050 the source server boots from scsi0:0 (Hard disk 1, key 2000), and scsi0:1 (Hard disk 2, key 2001) is said to be the boot disk | set spec.bootDisk: scsi0:0',
    ]);
    expect(told({ desired: { bootDisk: 'scsi0:0' }, vm })).toEqual([]);
    expect(told({ vm })).toEqual([]);
  });
  test.each(['converted', 'committing'] as const)('another boot disk than the guest was %s with', (kind) => {
    const state = { kind, from: s.at(5) } as const;
    const after = { state, desired: { bootDisk: 'scsi0:1' } };
    expect(told(after).join()).toContain('converted to boot from scsi0:0 (Hard disk 1, key 2000), and now scsi0:1');
    expect(told(after).join()).toContain('| set spec.bootDisk: scsi0:0');
    expect(told({ ...after, bootable: 2001 }).join()).not.toContain('MP2050');
  });
});

describe('MP2056: a guest that the source does not know', () => {
  const unknown = { guest: { id: 'otherGuest64', fullName: 'Other (64-bit)', family: 'other' } } as const;
  const codes = (desired: Partial<DesiredMigration>) =>
    plan({ desired, vm: unknown }).diagnostics.map(({ severity, code }) => `${severity} ${code}`);
  test('is an error at cutover, a warning before', () => {
    expect(codes({})).toEqual(['error MP2056']);
    expect(codes(s.seed)).toEqual(['warning MP2056']);
  });
  test('is known when the manifest says it', () => {
    expect(codes({ guestFamily: 'linux' })).toEqual([]);
    const { actions } = plan({ desired: { guestFamily: 'windows' }, vm: unknown });
    expect(actions.find(({ kind }) => kind === 'convert')).toMatchObject({ guestFamily: 'windows' });
    expect(actions.find(({ kind }) => kind === 'set-image-metadata')).toMatchObject({ set: { os_type: 'windows' } });
  });
});

describe('the plan says which disk it is, and who says so', () => {
  const note = (of: Case): string | undefined => plan(of).notes.find((text) => text.startsWith('Boots from'));
  test.each<[string, Case, string]>([
    ['manifest', { desired: { bootDisk: 'scsi0:1' } }, 'Boots from scsi0:1 (Hard disk 2, key 2001): spec.bootDisk'],
    ['boot order', { vm: { bootDisk: second.key, bootDiskFrom: 'boot-order' } }, 'boot order'],
    ['BIOS', { vm: { bootDisk: first.key, bootDiskFrom: 'default' } }, 'first in the order of its BIOS'],
    ['EFI', { vm: { bootDisk: first.key, bootDiskFrom: 'default', firmware: 'efi' } }, 'NVRAM'],
  ])('%s', (_by, of, text) => expect(note(of)).toContain(text));
  test('one disk: not a word', () => expect(note({ vm: { disks: [first] } })).toBeUndefined());
});
