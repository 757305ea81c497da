import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { MachineTypeKnowledge } from '../../src/model/machine-types/knowledge.js';
import { machineTypeReleases } from '../../src/model/machine-types/releases.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import { openstackTraits } from '../../src/model/source-traits.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { planAlone } from '../../src/plan/together/plan-alone.js';
import { planNotes } from '../../src/plan/together/plan-notes.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

const at = '2026-05-01T08:00:00.000Z';
const rhoso: MachineTypeKnowledge = {
  declared: machineTypeReleases['rhoso-18'],
  origin: 'release rhoso-18',
  map: {},
  probed: {},
};
const debian: MachineTypeKnowledge = {
  declared: machineTypeReleases['debian-12'],
  origin: 'release debian-12',
  map: {},
  probed: {},
};
const unknown: MachineTypeKnowledge = { map: {}, probed: {} };

interface Row {
  readonly name: string;
  readonly desired?: Partial<DesiredMigration>;
  readonly vm?: Partial<ObservedVm>;
  readonly volume?: Readonly<Record<string, string>>;
  readonly cloud?: MachineTypeKnowledge;
  readonly expected: readonly string[];
}

const seeded = 'note Seeded; nothing to do in phase "seed"';
const refused = 'error MP2027 vm/erp-db01';
const misfit = 'error MP2018 vm/erp-db01';
const mapped = 'warning MP2029 vm/erp-db01';
/** What a source without changed block tracking gets besides, whose disk is not what was copied. */
const copied = 'sync live #4: full source-changed';
const efi = { firmware: 'efi' } as const;

/** The VM is a server of another cloud, with these on its boot volume. */
const recorded = (imageMetadata: Readonly<Record<string, string>>): Partial<ObservedVm> => {
  const { machineType: _, ...cloud } = s.cloudVm().openstackGuest!;
  const value = imageMetadata['hw_machine_type'];
  return {
    traits: openstackTraits,
    bootDisk: s.diskKey(2000),
    bootDiskFrom: 'boot-volume',
    openstackGuest: {
      ...cloud,
      imageMetadata,
      ...(value === undefined ? {} : { machineType: { value, from: 'volume' } as const }),
    },
  };
};

// Every row says only what differs from: phase seed, a seeded BIOS Linux guest whose volume says nothing of a machine type,
// on a cloud of Debian 12.
const rows: readonly Row[] = [
  { name: 'HW3 preserve writes what fits BIOS', expected: ['set-image-metadata hw_machine_type=pc'] },
  {
    name: 'HW3 preserve writes what fits UEFI',
    vm: efi,
    expected: ['set-image-metadata hw_machine_type=q35 hw_firmware_type=uefi'],
  },
  {
    name: "HW2 preserve writes the source's own type where the cloud has it",
    vm: recorded({ hw_machine_type: 'pc-i440fx-6.2' }),
    expected: ['set-image-metadata hw_machine_type=pc-i440fx-6.2', copied],
  },
  {
    name: 'HW4 an exact type of this cloud',
    desired: { hwMachineType: 'pc-q35-6.2' },
    expected: ['set-image-metadata hw_machine_type=pc-q35-6.2'],
  },
  {
    name: 'HW4 it stands there already',
    desired: { hwMachineType: 'q35' },
    volume: { hw_machine_type: 'q35' },
    expected: [seeded],
  },
  {
    name: 'HW6 default: nothing is written, whatever the cloud has',
    desired: { hwMachineType: 'default' },
    cloud: { ...debian, declared: [] },
    expected: [seeded],
  },
  {
    name: 'HW6 default with UEFI: a warning, no error',
    desired: { hwMachineType: 'default' },
    vm: efi,
    expected: ['warning MP2018 vm/erp-db01', 'set-image-metadata hw_firmware_type=uefi'],
  },

  {
    name: 'HW7 a type that another distribution spells so: the own of the same chipset, with a warning',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    expected: [mapped, 'set-image-metadata hw_machine_type=pc'],
  },
  {
    name: 'HW7 the same type where it exists is written as it stands',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    cloud: rhoso,
    expected: ['set-image-metadata hw_machine_type=pc-i440fx-rhel7.6.0'],
  },
  {
    name: "HW2 the source's own type of another distribution",
    vm: recorded({ hw_machine_type: 'pc-q35-jammy' }),
    cloud: rhoso,
    expected: [mapped, 'set-image-metadata hw_machine_type=q35', copied],
  },
  {
    name: 'HW7 the mapped type stands there already: the warning stays',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    volume: { hw_machine_type: 'pc' },
    expected: [mapped, seeded],
  },
  {
    name: 'HW4 the Project maps it otherwise: no warning, but a note',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    cloud: { ...debian, map: { 'pc-i440fx-rhel7.6.0': 'pc-i440fx-2.12' } },
    expected: [
      'set-image-metadata hw_machine_type=pc-i440fx-2.12',
      'note Machine type "pc-i440fx-rhel7.6.0" is written as "pc-i440fx-2.12" (machineTypeMap of cloud)',
    ],
  },
  {
    name: 'HW7 the Project maps it to what the cloud has not',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    cloud: { ...debian, map: { 'pc-i440fx-rhel7.6.0': 'pc-i440fx-99.9' } },
    expected: [refused],
  },
  { name: 'HW7 a type that exists nowhere', desired: { hwMachineType: 'pc-i440fx-99.9' }, expected: [refused] },
  {
    name: 'HW7 a typing mistake in a type of another distribution',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6' },
    expected: [refused],
  },
  { name: 'HW7 microvm, whatever is known', desired: { hwMachineType: 'microvm' }, cloud: unknown, expected: [refused] },
  { name: 'HW7 isapc', desired: { hwMachineType: 'isapc' }, cloud: unknown, expected: [refused] },
  { name: 'HW7 virt', desired: { hwMachineType: 'virt' }, cloud: unknown, expected: [refused] },
  {
    name: 'HW7 nothing is known: not checked',
    desired: { hwMachineType: 'pc-i440fx-99.9' },
    cloud: unknown,
    expected: ['set-image-metadata hw_machine_type=pc-i440fx-99.9'],
  },
  {
    name: 'HW7 a probe found that it does not run',
    cloud: { ...debian, probed: { pc: { runs: false, at } } },
    expected: [refused],
  },
  {
    name: 'HW7 a probe found that it does not run, and there is no list',
    desired: { hwMachineType: 'q35' },
    cloud: { map: {}, probed: { q35: { runs: false, at } } },
    expected: [refused],
  },
  {
    name: 'HW7 a probe found that it runs, though no list has it',
    desired: { hwMachineType: 'pc-i440fx-99.9' },
    cloud: { ...debian, probed: { 'pc-i440fx-99.9': { runs: true, at } } },
    expected: ['set-image-metadata hw_machine_type=pc-i440fx-99.9'],
  },
  {
    name: 'HW7 a foreign type that a probe failed is not mapped behind its back',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    cloud: { ...debian, probed: { 'pc-i440fx-rhel7.6.0': { runs: false, at } } },
    expected: [refused],
  },
  {
    name: 'HW7 a foreign type, and the chipset is not there at all',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    cloud: { ...debian, declared: ['pc-q35-7.2'] },
    expected: [refused],
  },

  { name: 'HW7 UEFI on i440fx', desired: { hwMachineType: 'pc' }, vm: efi, expected: [misfit] },
  { name: 'HW7 UEFI on a mapped i440fx', desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' }, vm: efi, expected: [misfit, mapped] },
  { name: 'HW7 Secure Boot on i440fx', desired: { hwMachineType: 'pc' }, vm: { ...efi, secureBoot: true }, expected: [misfit] },
  {
    name: 'HW7 IDE on q35, from the manifest',
    desired: { hwMachineType: 'q35', target: { provider: 'cloud', imageMetadata: { hw_disk_bus: 'ide' } } },
    expected: [misfit],
  },
  {
    name: 'HW7 IDE on q35, from the volume',
    desired: { hwMachineType: 'q35' },
    volume: { hw_disk_bus: 'ide' },
    expected: [misfit, 'warning MP2088 vm/erp-db01'],
  },
  {
    name: 'HW7 IDE on pc',
    desired: { target: { provider: 'cloud', imageMetadata: { hw_disk_bus: 'ide' } } },
    expected: ['set-image-metadata hw_machine_type=pc hw_disk_bus=ide'],
  },
  {
    name: 'HW1 properties of the source travel, those of its image do not',
    vm: recorded({
      hw_machine_type: 'pc',
      hw_vif_model: 'e1000',
      image_id: 'aa',
      checksum: 'd41d',
      size: '1',
      os_hash_value: 'f',
      min_disk: '0',
    }),
    expected: ['set-image-metadata hw_machine_type=pc hw_vif_model=e1000', copied],
  },
  {
    name: 'HW1 the manifest goes before the source',
    desired: { target: { provider: 'cloud', imageMetadata: { hw_vif_model: 'virtio', os_type: 'windows' } } },
    vm: recorded({ hw_machine_type: 'pc', hw_vif_model: 'e1000' }),
    expected: ['set-image-metadata hw_machine_type=pc os_type=windows hw_vif_model=virtio', copied],
  },
  {
    name: 'HW3 other keys on the volume are left alone',
    volume: { hw_vif_model: 'e1000', hw_machine_type: 'pc', os_distro: 'rhel' },
    expected: ['warning MP2088 vm/erp-db01', seeded],
  },
  {
    name: 'HW3 a key of ours that is not wanted any more is removed',
    volume: { hw_machine_type: 'pc', os_secure_boot: 'required' },
    expected: ['set-image-metadata -os_secure_boot'],
  },
];

const scene = ({ vm, volume = {}, cloud = debian }: Omit<Row, 'name' | 'expected'>): ObservedMigration =>
  s.observed({
    source: { kind: 'found', vm: s.vm(vm) },
    volumes: { '2000': [s.volume({ imageMetadata: { os_type: 'linux', ...volume } })] },
    machineTypes: cloud,
  });

const planned = ({ desired, ...rest }: Omit<Row, 'name' | 'expected'>) =>
  planMigration(s.desired({ ...s.seed, ...desired }), scene(rest), { now: s.NOW });

describe('machine types in the plan', () => {
  test.each(rows)('$name', ({ expected, ...row }) => {
    expect(brief(planned(row))).toEqual(expected);
  });

  test('HW7 a refusal names the type, the cloud, the nearest type and what there is', () => {
    const [diagnostic] = planned({ desired: { hwMachineType: 'pc-q35-rhel9.5.0' }, cloud: rhoso }).diagnostics;
    expect(diagnostic).toMatchObject({
      detail: 'cloud: machine type "pc-q35-rhel9.5.0" is not among those of release rhoso-18',
      nextSteps: [
        expect.stringMatching(/^nearest: hwMachineType: pc-q35-rhel\d\.\d\.0$/),
        expect.stringMatching(/^known: pc, q35, .* and \d more$/),
        'if the cloud has it: migplan doctor --probe-machine-types --type pc-q35-rhel9.5.0',
      ],
    });
  });

  test('HW7 the nearest type is of the same chipset', () => {
    const cloud = { ...debian, declared: ['pc-q35-7.1', 'pc-i440fx-2.0'] };
    const [diagnostic] = planned({
      desired: { hwMachineType: 'pc-i440fx-7.1' },
      cloud: { ...cloud, probed: { 'pc-i440fx-7.1': { runs: false, at } } },
    }).diagnostics;
    expect(diagnostic?.detail).toBe(
      'cloud: machine type "pc-i440fx-7.1" was tried on 2026-05-01 and a server with it did not start',
    );
    expect(diagnostic?.nextSteps?.[0]).toBe('nearest: hwMachineType: pc-i440fx-2.0');
  });

  test('HW7 a warning shows both types', () => {
    const [diagnostic] = planned({ desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' } }).diagnostics;
    expect(diagnostic?.detail).toMatch(/has no machine type "pc-i440fx-rhel7\.6\.0"; "pc" is written/);
  });
});

describe('target.hardware', () => {
  const emulated = { provider: 'cloud', hardware: 'emulated' } as const;
  const set = (over: Partial<Row>): string | undefined =>
    planned({ desired: {}, ...over })
      .actions.flatMap((action) => (action.kind === 'set-image-metadata' ? [action.set] : []))
      .map(({ hw_disk_bus, hw_vif_model }) => `${hw_disk_bus} ${hw_vif_model}`)[0];

  test('not a word: nothing is written, the default of the destination applies', () =>
    expect(set({})).toBe('undefined undefined'));
  test('virtio: written over what stands there', () => {
    const volume = { hw_disk_bus: 'ide' };
    expect(set({ desired: { target: { provider: 'cloud', hardware: 'virtio' } }, volume })).toBe('virtio virtio');
  });
  test('emulated on pc: IDE and e1000', () => expect(set({ desired: { target: emulated } })).toBe('ide e1000'));
  test('emulated on q35, which has no IDE: SATA', () =>
    expect(set({ desired: { target: emulated, hwMachineType: 'q35' } })).toBe('sata e1000'));
  test('emulated where the destination chooses the machine: SATA, which fits both', () =>
    expect(set({ desired: { target: emulated, hwMachineType: 'default' } })).toBe('sata e1000'));
  test('imageMetadata is laid over it', () => {
    const target = { ...emulated, imageMetadata: { hw_vif_model: 'rtl8139' } };
    expect(set({ desired: { target } })).toBe('ide rtl8139');
  });

  const conversion = (over: Partial<Row>) =>
    planned({ ...over, desired: { ...s.cutover, ...over.desired } }).actions.flatMap((action) =>
      action.kind === 'convert' ? [`${action.hardware.disk} ${action.hardware.network}`] : [],
    );
  test('the conversion knows what the server will have', () => {
    expect(conversion({})).toEqual(['virtio virtio']);
    expect(conversion({ desired: { target: emulated } })).toEqual(['emulated emulated']);
    expect(conversion({ volume: { hw_disk_bus: 'sata' } })).toEqual(['emulated virtio']);
  });

  test('MP2051: Windows does not boot from virtio-scsi after a conversion', () => {
    const windows: Partial<ObservedVm> = { guest: { id: 'windows2019srv_64Guest', fullName: 'Windows', family: 'windows' } };
    const target = { provider: 'cloud', imageMetadata: { hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi' } };
    const codes = (vm: Partial<ObservedVm>) => planned({ vm, desired: { target } }).diagnostics.map(({ code }) => code);
    expect(codes(windows)).toEqual(['MP2051']);
    expect(codes({})).toEqual([]);
  });
});

describe('HW7 what could not be checked is said once', () => {
  const many = (cloud: MachineTypeKnowledge) =>
    ['a', 'b', 'c'].map((name, index) => {
      const desired = s.desired({ name, hwMachineType: index === 0 ? 'preserve' : 'q35' });
      return planAlone(desired, scene({ cloud }), { now: s.NOW });
    });

  test('for three VMs of one cloud: one sentence with all types', () => {
    expect(planNotes(many(unknown))).toEqual([
      'Machine types (pc, q35) were not checked: nothing is known of those that cloud has. Name its release or machineTypes in ' +
        'the Project, or run: migplan doctor --probe-machine-types --provider cloud',
    ]);
  });

  test('nothing when all could be checked', () => {
    expect(planNotes(many(debian))).toEqual([]);
  });

  test('a probe of one type leaves the other unchecked', () => {
    expect(planNotes(many({ map: {}, probed: { pc: { runs: true, at } } }))).toEqual([expect.stringContaining('(q35)')]);
  });
});

describe('a disk that is not on the running server', () => {
  const server = { id: 'srv' as never, name: 'erp-db01', status: 'ACTIVE' };
  const converted = (machineType: string, attachments: ObservedMigration['volumes'][string][number]['attachments']) =>
    s.observed({
      source: { kind: 'found', vm: s.vm({ power: 'off' }) },
      volumes: {
        '2000': [
          s.volume({
            reading: s.reading({ kind: 'converted', from: s.at(5) }),
            imageMetadata: { hw_machine_type: machineType },
            attachments,
          }),
        ],
      },
      server,
    });
  const codes = (observed: ObservedMigration) => {
    const [volume] = observed.volumes['2000']!;
    const asked = { hwMachineType: volume!.imageMetadata['hw_machine_type']! };
    const { diagnostics } = planMigration(s.desired({ ...s.cutover, ...s.withServer, ...asked }), observed, { now: s.NOW });
    return diagnostics.map(({ code }) => code);
  };

  test('on q35 it has to be plugged in while the server is off: a warning', () =>
    expect(codes(converted('q35', []))).toEqual(['MP2033']));
  test('on q35 and attached: nothing', () =>
    expect(codes(converted('q35', [{ id: s.attachmentId('a'), server: server.id }]))).toEqual([]));
  test('on pc, too: a guest that runs without one of its disks is not as its manifest says', () =>
    expect(codes(converted('pc', []))).toEqual(['MP2033']));
});
