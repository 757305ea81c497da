import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import { diskKey } from '../../src/model/ids.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { CloudVolume, ObservedVm } from '../../src/model/observed-source.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

interface Row {
  readonly name: string;
  readonly desired?: Partial<DesiredMigration>;
  readonly vm?: Partial<ObservedVm>;
  readonly observed?: Partial<ObservedMigration>;
  readonly expected: readonly string[];
}

const noVolume = { volumes: { '2000': [] } };
const copied = s.inState({ kind: 'clean', at: undefined });
const unfinished = { ...copied, local: s.local({ unfinishedRuns: ['runrunrunrun'] }) };
const final = s.inState({ kind: 'converted', from: undefined });
const rehearsal = {
  phase: 'cutover',
  cbtSync: true,
  cutover: false,
  source: { provider: 'old', vm: { kind: 'server', server: 'legacy-app' }, rehearsal: true },
} as const satisfies Partial<DesiredMigration>;
const create = 'create-volume 2000 40 GiB ssd';
const noted = (metadata: Readonly<Record<string, string>>): CloudVolume => ({
  disk: s.diskKey(2000),
  id: s.volumeId('old-volume'),
  name: 'root',
  description: '',
  type: 'tripleo',
  availabilityZone: 'nova',
  bootable: true,
  device: '/dev/vda',
  imageMetadata: {},
  metadata,
});
const image = 'set-image-metadata hw_machine_type=pc-i440fx-rhel7.6.0 os_type=linux hw_disk_bus=virtio bootable';
const correctFile = 'set-image-metadata hw_machine_type=pc-i440fx-7.2';
const correct = 'set-image-metadata hw_machine_type=pc-i440fx-rhel7.6.0 hw_disk_bus=virtio';

const secondDisk = { ...s.cloudVm().disks[0]!, key: diskKey(2001), uuid: '6000c29a-1111-2222-3333-444455550000' };

// Every row says only what differs from: phase sync, a running server of an old cloud, its one volume copied in cycle 3.
const rows: readonly Row[] = [
  {
    name: 'seed, no volume: a full copy while it runs',
    desired: s.seed,
    observed: noVolume,
    expected: [create, image, 'sync live #1: full new-volume'],
  },
  { name: 'seed, copied: nothing to do', desired: s.seed, expected: [correct] },
  { name: 'sync, copied: a delta is asked for, and there is none', expected: ['error MP2005 vm/erp-db01/disk/2000'] },
  { name: 'sync, no volume: a full copy', observed: noVolume, expected: [create, image, 'sync live #1: full new-volume'] },
  {
    name: 'sync, copied, reseed: a full copy again',
    desired: { reseed: s.once },
    expected: [correct, 'sync live #4: full reseed'],
  },
  {
    name: 'cutover: off, full copy, final, no conversion',
    desired: s.cutover,
    observed: noVolume,
    expected: [create, image, 'power-off', 'sync cold #1: full new-volume', 'finalize-copy'],
  },
  {
    name: 'cutover of a stopped server: nothing to power off',
    desired: s.cutover,
    vm: { power: 'off' },
    observed: noVolume,
    expected: [create, image, 'sync cold #1: full new-volume', 'finalize-copy'],
  },
  {
    name: 'cutover over an earlier copy: blocked, because it would be a delta',
    desired: s.cutover,
    expected: ['error MP2005 vm/erp-db01/disk/2000'],
  },
  {
    name: 'cutover over an earlier copy, reseed: the full copy is reviewed',
    desired: { ...s.cutover, reseed: s.once },
    expected: [correct, 'power-off', 'sync cold #4: full reseed', 'finalize-copy'],
  },
  {
    name: 'cutover goes on after a crash: what is there may be of any instant, so it is copied again',
    desired: s.cutover,
    observed: unfinished,
    expected: [correct, 'power-off', 'sync cold #4: full interrupted-full', 'finalize-copy'],
  },
  { name: 'AC4 cbtSync false and a volume: blocked', desired: s.cold, expected: ['error MP2001 vm/erp-db01/disk/2000'] },
  {
    name: 'finalSync skip: the copy that is there, and the loss is said',
    desired: { ...s.cutover, finalSync: 'skip' },
    expected: ['warning MP2021 vm/erp-db01', correct, 'power-off', 'finalize-copy'],
  },
  {
    name: 'AC5 cutover, final: Volume already converted; its machine type is not the recorded one, and that is told',
    desired: s.cutover,
    observed: { ...final, source: { kind: 'found', vm: s.cloudVm({ power: 'off' }) } },
    expected: ['warning MP2081 vm/erp-db01', 'note Volume already converted'],
  },
  { name: 'sync, final: an error, because it would write over it', observed: final, expected: ['error MP2002 vm/erp-db01'] },
  {
    name: 'rehearsal: a copy of the running server, and nothing else',
    desired: rehearsal,
    observed: noVolume,
    expected: [create, image, 'sync live #1: full new-volume'],
  },
  {
    name: 'rehearsal, copied: done',
    desired: rehearsal,
    observed: { volumes: { '2000': [readyVolume()] } },
    expected: ['note Rehearsed: the copy is complete and nothing was stopped'],
  },
  {
    name: 'rehearsal of what is final already: refused',
    desired: rehearsal,
    observed: final,
    expected: ['error MP2002 vm/erp-db01'],
  },
  {
    name: 'notes on the source volume come along, an earlier migration’s records do not',
    desired: s.seed,
    vm: {
      openstackGuest: {
        ...s.cloudVm().openstackGuest!,
        volumes: [noted({ team: 'erp', migplan: '1 s=clean', osm: 'true', changeID: 'x', converted: 'true' })],
      },
    },
    observed: noVolume,
    expected: [`${create} team=erp`, image, 'sync live #1: full new-volume'],
  },
  {
    name: 'several volumes of a running server: not of one instant',
    desired: s.seed,
    vm: { disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: { volumes: { '2000': [], '2001': [] } },
    expected: [
      'warning MP2042 vm/erp-db01',
      create,
      'create-volume 2001 40 GiB ssd',
      image,
      'sync live #1: full new-volume, full new-volume',
    ],
  },
  {
    name: 'died while records became final: the rest follows',
    desired: s.cutover,
    vm: { power: 'off', disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: halfSealed(3),
    expected: [correct, 'finalize-copy'],
  },
  {
    name: 'died while records became final, on another machine: the rest follows here',
    desired: s.cutover,
    vm: { power: 'off', disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: { ...halfSealed(3), local: s.local() },
    expected: [correct, 'finalize-copy'],
  },
  {
    name: 'died while records became final, on another machine, and the source was started since: blocked',
    desired: s.cutover,
    vm: { disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: { ...halfSealed(3), local: s.local() },
    expected: ['error MP2023 vm/erp-db01'],
  },
  {
    name: 'died while records became final, and the source was started since: blocked',
    desired: s.cutover,
    vm: { disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: halfSealed(3),
    expected: ['error MP2023 vm/erp-db01'],
  },
  {
    name: 'and then a copy is asked for: what is final is not written over',
    desired: { ...s.cutover, reseed: s.once },
    vm: { disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: halfSealed(3),
    expected: ['error MP2023 vm/erp-db01'],
  },
  {
    name: 'some final, others of another snapshot, and a copy is asked for: the same',
    desired: { ...s.cutover, reseed: s.once },
    vm: { power: 'off', disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: halfSealed(2),
    expected: ['error MP2043 vm/erp-db01'],
  },
  {
    name: 'some final, others of another snapshot: blocked',
    desired: s.cutover,
    vm: { power: 'off', disks: [s.cloudVm().disks[0]!, secondDisk] },
    observed: halfSealed(2),
    expected: ['error MP2043 vm/erp-db01'],
  },
];

function readyVolume() {
  const imageMetadata = { hw_machine_type: 'pc-i440fx-rhel7.6.0', hw_disk_bus: 'virtio', os_type: 'linux' };
  return s.volume({ imageMetadata, reading: s.reading({ kind: 'clean', at: undefined }) });
}

function halfSealed(cycle: number): Partial<ObservedMigration> {
  const other = s.reading({ kind: 'clean', at: undefined }, { cycle, diskUuid: secondDisk.uuid });
  return {
    volumes: {
      '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: undefined }) })],
      '2001': [s.volume({ id: s.volumeId('vol-2'), reading: other, ...s.dataVolume })],
    },
    local: s.local({ unfinishedRuns: ['runrunrunrun'] }),
  };
}

describe('copies from an OpenStack cloud', () => {
  test.each(rows)('$name', ({ desired, vm, observed, expected }) => {
    const source = { kind: 'found', vm: s.cloudVm(vm) } as const;
    const plan = planMigration(s.desired(desired), s.observed({ ...copied, source, ...observed }), { now: s.NOW });
    expect(brief(plan)).toEqual(expected);
  });
});

/** A machine of image files: nothing is tracked, and whether a file is the one that was copied can be told. */
const fileVm = (over: Partial<ObservedVm> = {}): ObservedVm => {
  const { openstackGuest: _, ...vm } = s.cloudVm({ power: 'off', machineType: 'pc-i440fx-7.2', ...over });
  return { ...vm, disks: vm.disks.map((disk) => ({ changeId: s.at(77), ...disk })) };
};
const virtV2v = { traits: { ...s.cloudVm().traits, conversion: 'virt-v2v' } } as const;
const clean = (sequence = 77, epoch = s.EPOCH) => s.inState({ kind: 'clean', at: s.at(sequence, epoch) });
const setType = 'set-image-metadata hw_machine_type=pc-i440fx-7.2 os_type=linux';
const byFirmware = 'set-image-metadata hw_machine_type=pc os_type=linux';
const partial = { at: s.at(77), upTo: 4096 };

describe('copies of what is not tracked, and yet tells whether it is the same', () => {
  test.each<Row>([
    {
      name: 'cutover without conversion: the machine type that the source names',
      desired: s.cutover,
      observed: noVolume,
      expected: [create, `${setType} bootable`, 'sync cold #1: full new-volume', 'finalize-copy'],
    },
    {
      name: 'cutover with virt-v2v: the same full copies, then the conversion; its machine type follows from the firmware',
      desired: s.cutover,
      vm: virtV2v,
      observed: noVolume,
      expected: [create, `${byFirmware} bootable`, 'sync cold #1: full new-volume', 'convert'],
    },
    { name: 'seed, the same: nothing to do', desired: s.seed, observed: clean(), expected: [correctFile] },
    { name: 'sync, the same: nothing to do', observed: clean(), expected: [correctFile] },
    {
      name: 'sync, changed since: a full copy, and why',
      observed: clean(76),
      expected: [correctFile, 'sync cold #4: full source-changed'],
    },
    {
      name: 'sync, changed since, its time put back: a full copy, and no talk of reverts',
      observed: clean(78),
      expected: [correctFile, 'sync cold #4: full source-changed'],
    },
    {
      name: 'sync, another file of the same time: a full copy',
      observed: clean(77, 'another'),
      expected: [correctFile, 'sync cold #4: full source-changed'],
    },
    {
      name: 'cutover over a copy of the same: nothing is copied again',
      desired: s.cutover,
      observed: clean(),
      expected: [correctFile, 'finalize-copy'],
    },
    {
      name: 'cutover over a copy that is not the same: copied again before',
      desired: s.cutover,
      vm: virtV2v,
      observed: clean(76),
      expected: ['sync cold #4: full source-changed', 'convert'],
    },
    {
      name: 'an interrupted copy of the same goes on',
      observed: s.inState({ kind: 'dirty', base: undefined, partial }),
      expected: [correctFile, 'sync cold #4: full interrupted-full from 4096'],
    },
    {
      name: 'an interrupted copy of something else begins again',
      observed: s.inState({ kind: 'dirty', base: undefined, partial: { ...partial, at: s.at(1, 'another') } }),
      expected: [correctFile, 'sync cold #4: full interrupted-full'],
    },
    {
      name: 'one of two changed: both are copied from one snapshot, for the same reason',
      vm: { disks: [s.cloudVm().disks[0]!, { ...secondDisk, changeId: s.at(5) }] },
      observed: {
        volumes: {
          '2000': [s.volume({ reading: s.reading({ kind: 'clean', at: s.at(77) }) })],
          '2001': [
            s.volume({
              id: s.volumeId('vol-2'),
              reading: s.reading({ kind: 'clean', at: s.at(4) }, { diskUuid: secondDisk.uuid }),
              ...s.dataVolume,
            }),
          ],
        },
      },
      expected: [correctFile, 'sync cold #4: full source-changed, full source-changed'],
    },
  ])('$name', ({ desired, vm, observed, expected }) => {
    const source = { kind: 'found', vm: fileVm(vm) } as const;
    const plan = planMigration(s.desired(desired), s.observed({ ...observed, source }), { now: s.NOW });
    expect(brief(plan)).toEqual(expected);
  });
});

const planOf = (
  desired: Partial<DesiredMigration>,
  vm: Partial<ObservedVm> = {},
  catalog: Partial<ObservedMigration['catalog']> = {},
) =>
  planMigration(
    s.desired({ ...s.cutover, ...desired }),
    s.observed({ ...noVolume, source: { kind: 'found', vm: s.cloudVm(vm) }, catalog: { ...s.catalog, ...catalog } }),
    { now: s.NOW },
  );

const imageOf = ({ actions }: ReturnType<typeof planOf>) => actions.find((action) => action.kind === 'set-image-metadata');
const { machineType: _, ...unrecorded } = s.cloudVm().openstackGuest!;
const nothingRecorded = { openstackGuest: { ...unrecorded, imageMetadata: { hw_disk_bus: 'virtio' } } };

describe('machine type from an OpenStack cloud', () => {
  test.each([
    ['HW2 HW3 preserve writes what the source recorded', { hwMachineType: 'preserve' }, {}, 'pc-i440fx-rhel7.6.0', []],
    ['HW4 the manifest goes first', { hwMachineType: 'q35' }, {}, 'q35', []],
    ['HW6 default writes none', { hwMachineType: 'default' }, {}, undefined, []],
    [
      'HW6 preserve of what nobody recorded: the destination decides, with a note',
      {},
      nothingRecorded,
      undefined,
      ['warning MP2041'],
    ],
    ['HW4 the manifest decides where nothing is recorded', { hwMachineType: 'pc' }, nothingRecorded, 'pc', []],
  ] as const)('%s', (_name, desired, vm, type, said) => {
    const plan = planOf(desired, vm);
    expect(imageOf(plan)?.set['hw_machine_type']).toBe(type);
    expect(plan.diagnostics.map(({ severity, code }) => `${severity} ${code}`)).toEqual(said);
  });

  test('only what describes the guest is carried, and the manifest lies over it', () => {
    expect(
      imageOf(planOf({ target: { provider: 'cloud', imageMetadata: { hw_disk_bus: 'scsi', hw_scsi_model: 'virtio-scsi' } } }))
        ?.set,
    ).toEqual({
      hw_machine_type: 'pc-i440fx-rhel7.6.0',
      hw_disk_bus: 'scsi',
      hw_scsi_model: 'virtio-scsi',
      os_type: 'linux',
    });
  });

  test('UEFI on i440fx is not doubted when the old cloud ran it', () => {
    expect(planOf({}, { firmware: 'efi' }).diagnostics).toEqual([]);
    expect(planOf({ hwMachineType: 'pc' }, { firmware: 'efi' }).diagnostics.map(({ code }) => code)).toEqual(['MP2018']);
  });
});

describe('the server on the destination', () => {
  const server = { name: 'legacy-app' };
  const serverOf = (plan: ReturnType<typeof planOf>) => plan.actions.find((action) => action.kind === 'create-server');

  test('same flavor, networks, MAC and address unless something is said', () => {
    expect(serverOf(planOf({ target: { provider: 'cloud', server } }))).toMatchObject({
      server: { flavor: 'm1.old' },
      nics: [{ network: 'tenant-net', mac: 'fa:16:3e:00:00:01', fixedIps: ['fd00::5', '10.0.0.5'] }],
    });
  });

  test('names go through the mapping', () => {
    const mapping = { flavors: { 'm1.old': 'm1.new' }, networks: { 'tenant-net': 'prod' }, keyPairs: { ops: 'ops2' } };
    expect(serverOf(planOf({ target: { provider: 'cloud', server, mapping } }))).toMatchObject({
      server: { flavor: 'm1.new', keyName: 'ops2' },
      nics: [{ network: 'prod' }],
    });
  });

  test('a key pair of the same name is taken when it is there', () => {
    const target = { provider: 'cloud', server };
    expect(serverOf(planOf({ target }))?.server.keyName).toBeUndefined();
    expect(serverOf(planOf({ target }, {}, { keyPairs: ['ops'] }))?.server.keyName).toBe('ops');
    expect(serverOf(planOf({ target }, {}, { keyPairs: ['other'] }))?.server.keyName).toBeUndefined();
  });

  test('what the destination lacks is found in the plan', () => {
    const plan = planOf({ target: { provider: 'cloud', server } }, {}, { flavors: ['m1.new'], networks: ['prod'] });
    expect(plan.diagnostics.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
      'MP2020 cloud has no flavor "m1.old"',
      'MP2020 cloud has no network "tenant-net"',
    ]);
  });
});
