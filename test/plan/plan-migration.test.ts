import { describe, expect, test } from 'vitest';
import { hasErrors } from '../../src/diag/diagnostic.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { serverId } from '../../src/model/ids.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

interface Row {
  readonly name: string;
  readonly desired?: Partial<DesiredMigration>;
  readonly observed?: Partial<ObservedMigration>;
  readonly expected: readonly string[];
}

const noVolume = { volumes: { '2000': [] } };
const converted = s.inState({ kind: 'converted', from: s.at(5) });
const convertedHeldBy = (server: string) => ({
  volumes: {
    '2000': [
      s.volume({
        status: 'in-use',
        reading: s.reading({ kind: 'converted', from: s.at(5) }),
        attachments: [{ id: s.attachmentId('att-1'), server: serverId(server) }],
      }),
    ],
  },
});
const found = (over: Parameters<typeof s.vm>[0]) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
const off = found({ power: 'off' });
const { changeId: _, ...untracked } = s.disk();
const neverTracked = found({ power: 'off', cbt: { supported: true, enabled: false }, disks: [untracked] });
const windows = { guest: { id: 'windows2019srv_64Guest', fullName: 'Windows Server 2019', family: 'windows' } } as const;
const syncedAt = (time: string) => s.inState({ kind: 'clean', at: s.at(5), takenAt: Date.parse(time) / 1000 });
const liveSeed = 'sync live #1: full new-volume';
const image = 'set-image-metadata hw_machine_type=pc os_type=linux bootable';
const block = (code: string, where = '/disk/2000') => `error ${code} vm/erp-db01${where}`;
const lastDelta = (cycle: number) => ['power-off', `sync final #${cycle}: delta since live`, 'convert'];

// Every row says only what differs from: phase sync, a running Linux VM, its one volume clean at sequence 5, cycle 3.
const rows: readonly Row[] = [
  {
    name: 'AC1 seed, no volume: full seed, no conversion, the source keeps running',
    desired: s.seed,
    observed: noVolume,
    expected: ['create-volume 2000 40 GiB ssd', image, liveSeed],
  },
  { name: 'AC1 sync, no volume: the same', observed: noVolume, expected: ['create-volume 2000 40 GiB ssd', image, liveSeed] },
  { name: 'AC1 sync, seeded: delta, no conversion, the source keeps running', expected: ['sync live #4: delta since …65 63/5'] },
  { name: 'seed, seeded: nothing to do', desired: s.seed, expected: ['note Seeded; nothing to do in phase "seed"'] },
  {
    name: 'sync, younger than maxAge: nothing to do',
    desired: { syncMaxAgeSeconds: 7200 },
    observed: syncedAt('2026-06-01T11:00:00Z'),
    expected: ['note Up to date: synced at 2026-06-01 11:00 UTC, due again at 2026-06-01 13:00 UTC (sync.maxAge 2h 0m)'],
  },
  {
    name: 'sync, older than maxAge: delta',
    desired: { syncMaxAgeSeconds: 1800 },
    observed: syncedAt('2026-06-01T11:00:00Z'),
    expected: ['sync live #4: delta since …65 63/5'],
  },
  {
    name: 'sync, just as old as maxAge: delta',
    desired: { syncMaxAgeSeconds: 3600 },
    observed: syncedAt('2026-06-01T11:00:00Z'),
    expected: ['sync live #4: delta since …65 63/5'],
  },
  {
    name: 'sync, this very second, with maxAge 0: delta',
    desired: { syncMaxAgeSeconds: 0 },
    observed: syncedAt('2026-06-01T12:00:00Z'),
    expected: ['sync live #4: delta since …65 63/5'],
  },
  {
    name: 'sync, in the future by this clock: no age, delta',
    desired: { syncMaxAgeSeconds: 7200 },
    observed: syncedAt('2026-06-01T12:00:01Z'),
    expected: ['sync live #4: delta since …65 63/5'],
  },
  {
    name: 'sync, of a record without a time, whatever the ledger of this machine says: delta',
    desired: { syncMaxAgeSeconds: 7200 },
    observed: { local: s.local({ lastSync: { '2000': '2026-06-01T11:59:00Z' } }) },
    expected: ['sync live #4: delta since …65 63/5'],
  },
  {
    name: 'cutover, younger than maxAge: its deltas all the same',
    desired: { ...s.cutover, syncMaxAgeSeconds: 7200 },
    observed: syncedAt('2026-06-01T11:59:00Z'),
    expected: ['sync live #4: delta since …65 63/5', ...lastDelta(5)],
  },
  {
    name: 'AC3 cutover: live delta, off, last delta, conversion',
    desired: s.cutover,
    expected: ['sync live #4: delta since …65 63/5', ...lastDelta(5)],
  },
  {
    name: 'AC3 cutover with a server',
    desired: { ...s.cutover, ...s.withServer },
    expected: ['sync live #4: delta since …65 63/5', ...lastDelta(5), 'create-server m1.large disks 2000 nics 00:50:56:aa:bb:01'],
  },
  {
    name: 'AC3 cutover of a VM that is off: one last delta',
    desired: s.cutover,
    observed: off,
    expected: ['sync final #4: delta since …65 63/5', 'convert'],
  },
  {
    name: 'cutover without a volume, tracked: seed while it runs, then the last delta',
    desired: s.cutover,
    observed: noVolume,
    expected: ['create-volume 2000 40 GiB', image.replace('', ''), 'sync live #1: full new-volume', ...lastDelta(2)].map((line) =>
      line.replace('40 GiB', '40 GiB ssd'),
    ),
  },
  {
    name: 'cutover without cbtSync, no volume: cold',
    desired: s.cold,
    observed: noVolume,
    expected: ['create-volume 2000 40 GiB ssd', image, 'power-off', 'sync cold #1: full new-volume', 'convert'],
  },
  { name: 'AC4 cbtSync false, volume exists', desired: s.oneShot, expected: [block('MP2001')] },
  { name: 'AC4 cbtSync false at cutover, volume exists', desired: s.cold, expected: [block('MP2001')] },
  {
    name: 'AC4 cbtSync false, someone else’s volume',
    desired: s.oneShot,
    observed: { volumes: { '2000': [s.volume({ reading: { kind: 'none' } })] } },
    expected: [block('MP2001')],
  },
  {
    name: 'cbtSync false, no volume: seeded once',
    desired: s.oneShot,
    observed: noVolume,
    expected: ['create-volume 2000 40 GiB ssd', image, liveSeed],
  },
  {
    name: 'cbtSync false, our own run was interrupted: it goes on',
    desired: s.cold,
    observed: { ...s.inState({ kind: 'dirty', base: undefined }), ...off, local: s.local({ unfinishedRuns: ['runrunrunrun'] }) },
    expected: ['sync cold #4: full interrupted-full', 'convert'],
  },
  {
    name: 'cbtSync false, our own cold run died after its copy: a last delta, then conversion',
    desired: s.cold,
    observed: { ...off, local: s.local({ unfinishedRuns: ['runrunrunrun'] }) },
    expected: ['sync final #4: delta since …65 63/5', 'convert'],
  },
  {
    name: 'off and never tracked: tracking is switched on before the seed, so that a delta can follow',
    desired: s.seed,
    observed: { ...neverTracked, volumes: {} },
    expected: ['enable-cbt', 'create-volume 2000 40 GiB ssd', image, 'sync cold #1: full new-volume'],
  },
  {
    name: 'off and never tracked, cutover: tracked too, so that another try takes a delta',
    desired: s.cutover,
    observed: { ...neverTracked, volumes: {} },
    expected: ['enable-cbt', 'create-volume 2000 40 GiB ssd', image, 'sync cold #1: full new-volume', 'convert'],
  },
  {
    name: 'copied without tracking by an earlier version: a reseed switches it on, and leads out',
    desired: { ...s.seed, reseed: s.once },
    observed: { ...neverTracked, ...s.inState({ kind: 'clean', at: undefined }) },
    expected: ['enable-cbt', 'sync cold #4: full reseed'],
  },
  {
    name: 'cbtSync false and no tracking, the conversion failed: told how to go without a second copy',
    desired: s.cold,
    observed: {
      ...neverTracked,
      ...s.inState({ kind: 'clean', at: undefined }),
      local: s.local({ unfinishedRuns: ['runrunrunrun'] }),
    },
    expected: ['warning MP2047 vm/erp-db01', 'sync cold #4: full interrupted-full', 'convert'],
  },
  {
    name: 'and the same with finalSync: skip, whoever ran it',
    desired: { ...s.cold, finalSync: 'skip' },
    observed: { ...neverTracked, ...s.inState({ kind: 'clean', at: undefined }) },
    expected: ['warning MP2021 vm/erp-db01', 'convert'],
  },
  {
    name: 'AC5 converted, cutover: nothing to do',
    desired: s.cutover,
    observed: { ...converted, ...off },
    expected: ['note Volume already converted'],
  },
  {
    name: 'converted, no server asked for, and the source runs again: told, for its writes are on no volume',
    desired: s.cutover,
    observed: converted,
    expected: ['warning MP2023 vm/erp-db01', 'note Volume already converted'],
  },
  {
    name: 'converted and running, and the source runs again beside it: told',
    desired: { ...s.cutover, ...s.withServer },
    observed: { ...convertedHeldBy('srv'), server: { id: serverId('srv'), name: 'erp-db01', status: 'ACTIVE' } },
    expected: ['warning MP2023 vm/erp-db01', 'note Volume already converted'],
  },
  {
    name: 'converted, no server asked for, and booted by hand: done, and nobody has to wait for anything',
    desired: s.cutover,
    observed: { ...off, ...convertedHeldBy('by-hand') },
    expected: ['note Volume already converted'],
  },
  {
    name: 'converted, a server is asked for, and another one has the volume',
    desired: { ...s.cutover, ...s.withServer },
    observed: { ...off, ...convertedHeldBy('by-hand') },
    expected: [block('MP2014')],
  },
  {
    name: 'converted, and the source disk grew afterwards: the volume needs no more room',
    desired: s.cutover,
    observed: { ...found({ power: 'off', disks: [s.disk({ capacity: 2 * s.CAPACITY })] }), ...converted },
    expected: ['note Volume already converted'],
  },
  {
    name: 'AC5 converted by vmware-migration-kit',
    desired: s.cutover,
    observed: {
      ...off,
      volumes: { '2000': [s.volume({ reading: { kind: 'foreign', tool: 'vmware-migration-kit', converted: true } })] },
    },
    expected: ['note Volume already converted'],
  },
  { name: 'AC5 converted, phase sync: an error', observed: converted, expected: [block('MP2002', '')] },
  {
    name: 'converted, the server is missing: only the server',
    desired: { ...s.cutover, ...s.withServer },
    observed: { ...converted, ...off },
    expected: ['create-server m1.large disks 2000 nics 00:50:56:aa:bb:01', 'note Volume already converted'],
  },
  {
    name: 'converted, the server is in error: made again',
    desired: { ...s.cutover, ...s.withServer },
    observed: { ...converted, ...off, server: { id: serverId('srv'), name: 'erp-db01', status: 'ERROR' } },
    expected: ['create-server m1.large disks 2000 nics 00:50:56:aa:bb:01', 'note Volume already converted'],
  },
  {
    name: 'converted, the server is still being built: waited for',
    desired: { ...s.cutover, ...s.withServer },
    observed: { ...converted, ...off, server: { id: serverId('srv'), name: 'erp-db01', status: 'BUILD' } },
    expected: ['create-server m1.large disks 2000 nics 00:50:56:aa:bb:01', 'note Volume already converted'],
  },
  {
    name: 'converted, and the source was powered on again: no second one of the same guest',
    desired: { ...s.cutover, ...s.withServer },
    observed: converted,
    expected: [block('MP2023', '')],
  },
  {
    name: 'converted and running',
    desired: { ...s.cutover, ...s.withServer },
    observed: { ...convertedHeldBy('srv'), ...off, server: { id: serverId('srv'), name: 'erp-db01', status: 'ACTIVE' } },
    expected: ['note Volume already converted'],
  },
  {
    name: 'a server of an earlier copy is there: the cutover would end without one of the new copy',
    desired: { ...s.cutover, ...s.withServer },
    observed: { server: { id: serverId('srv'), name: 'erp-db01', status: 'SHUTOFF' } },
    expected: ['error MP2087 vm/erp-db01'],
  },
  {
    name: 'a server of an earlier copy is there, and a sync: nothing is said yet',
    observed: { server: { id: serverId('srv'), name: 'erp-db01', status: 'ACTIVE' } },
    expected: ['sync live #4: delta since …65 63/5'],
  },
  {
    name: 'AC6 Windows is not powered off by a sync',
    observed: found(windows),
    expected: ['set-image-metadata os_type=windows', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'AC6 Windows is not powered off by a seed',
    desired: s.seed,
    observed: { ...noVolume, ...found(windows) },
    expected: ['create-volume 2000 40 GiB ssd', 'set-image-metadata hw_machine_type=pc os_type=windows bootable', liveSeed],
  },
  {
    name: 'AC6 Windows is powered off at cutover',
    desired: s.cutover,
    observed: found(windows),
    expected: ['set-image-metadata os_type=windows', 'sync live #4: delta since …65 63/5', ...lastDelta(5)],
  },

  {
    name: 'a first copy was interrupted',
    observed: s.inState({ kind: 'dirty', base: undefined }),
    expected: ['sync live #4: full interrupted-full'],
  },
  {
    name: 'a first copy was interrupted, with a checkpoint: it goes on there',
    observed: s.inState({ kind: 'dirty', base: undefined, partial: { at: s.at(7), upTo: 4096 } }),
    expected: ['sync live #4: full interrupted-full from 4096'],
  },
  {
    name: 'a first copy with a checkpoint, tracking was reset: from the start',
    observed: s.inState({ kind: 'dirty', base: undefined, partial: { at: s.at(7, 'other'), upTo: 4096 } }),
    expected: ['sync live #4: full interrupted-full'],
  },
  {
    name: 'a delta was interrupted: the same base again',
    observed: s.inState({ kind: 'dirty', base: s.at(5) }),
    expected: ['sync live #4: delta since …65 63/5'],
  },
  {
    name: 'an interrupted delta is finished even in phase seed',
    desired: s.seed,
    observed: s.inState({ kind: 'dirty', base: s.at(5), partial: { at: s.at(7), upTo: 512 } }),
    expected: ['sync live #4: delta since …65 63/5 from 512'],
  },
  { name: 'tracking was reset', observed: s.inState({ kind: 'clean', at: s.at(5, 'other') }), expected: [block('MP2006')] },
  {
    name: 'tracking was reset, at cutover',
    desired: s.cutover,
    observed: s.inState({ kind: 'clean', at: s.at(5, 'other') }),
    expected: [block('MP2006')],
  },
  {
    name: 'tracking was reset, reseed: a reviewed full copy',
    desired: { reseed: s.once },
    observed: s.inState({ kind: 'clean', at: s.at(5, 'other') }),
    expected: ['sync live #4: full reseed'],
  },
  {
    name: 'tracking is not active any more',
    observed: found({ disks: [{ ...s.disk(), changeId: undefined } as never] }),
    expected: [block('MP2006')],
  },
  {
    name: 'the disk was resized',
    observed: s.inState({ kind: 'clean', at: s.at(5) }, { capacity: s.CAPACITY - 512 }),
    expected: [block('MP2007')],
  },
  {
    name: 'the disk was replaced',
    observed: s.inState({ kind: 'clean', at: s.at(5) }, { diskUuid: 'ffffffff-1111-2222-3333-444455556666' }),
    expected: [block('MP2008')],
  },
  {
    name: 'copied without tracking: no base',
    observed: s.inState({ kind: 'clean', at: undefined }),
    expected: [block('MP2006')],
  },
  {
    name: 'someone else’s volume, cbtSync true: never written over',
    observed: { volumes: { '2000': [s.volume({ reading: { kind: 'none' } })] } },
    expected: [block('MP2001')],
  },
  {
    name: 'vmware-migration-kit’s volume: its changeID proves nothing',
    observed: {
      volumes: { '2000': [s.volume({ reading: { kind: 'foreign', tool: 'vmware-migration-kit', converted: false } })] },
    },
    expected: [block('MP2012')],
  },
  {
    name: 'a damaged record',
    observed: { volumes: { '2000': [s.volume({ reading: { kind: 'unreadable', why: 'damaged' } })] } },
    expected: [block('MP2012')],
  },
  ...[{}, { reseed: s.once }].map((desired) => ({
    name: `a record of a newer version, ${'reseed' in desired ? 'whatever is asked' : 'as usual'}`,
    desired: desired as Partial<DesiredMigration>,
    observed: { volumes: { '2000': [s.volume({ reading: { kind: 'unreadable', why: 'newer', isNewer: true } })] } },
    expected: [block('MP2012')],
  })),
  {
    name: 'two volumes for one disk',
    observed: { volumes: { '2000': [s.volume(), s.volume({ id: s.volumeId('vol-2') })] } },
    expected: [block('MP2015')],
  },
  {
    name: 'an empty one besides',
    observed: { spareVolumes: { '2000': [s.volume({ id: s.volumeId('vol-2') })] } },
    expected: ['warning MP2015 vm/erp-db01/disk/2000', 'sync live #4: delta since …65 63/5'],
  },
  { name: 'volume too small', observed: { volumes: { '2000': [s.volume({ size: 512 })] } }, expected: [block('MP2013')] },
  {
    name: 'volume in error',
    observed: { volumes: { '2000': [s.volume({ status: 'error_extending' })] } },
    expected: [block('MP2016')],
  },
  {
    name: 'volume held by someone',
    observed: { volumes: { '2000': [s.volume({ attachments: [{ id: s.attachmentId('att-1') }] })] } },
    expected: [block('MP2014')],
  },
  {
    name: 'volume held by a dead run of ours: released first',
    observed: {
      volumes: { '2000': [s.volume({ attachments: [{ id: s.attachmentId('att-1') }] })] },
      local: s.local({ ownAttachments: [s.attachmentId('att-1')] }),
    },
    expected: ['release-attachment att-1', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'snapshot of a dead run of ours: released first',
    observed: {
      ...found({ snapshots: [{ ref: s.snapshotRef('snapshot-7'), name: 'migplan-x', description: '', createdAt: '' }] }),
      local: s.local({ ownSnapshots: [s.snapshotRef('snapshot-7')] }),
    },
    expected: ['release-snapshot snapshot-7', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'snapshot of a migplan elsewhere: a warning',
    observed: found({ snapshots: [{ ref: s.snapshotRef('snapshot-7'), name: 'migplan-x', description: '', createdAt: '' }] }),
    expected: ['warning MP2024 vm/erp-db01', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'overlays of a conversion that was given up',
    observed: { local: s.local({ overlayRuns: ['oldoldoldold'] }) },
    expected: ['discard-overlays oldoldoldold', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'a merge was interrupted: only forward',
    desired: s.cutover,
    observed: { ...s.inState({ kind: 'committing', from: s.at(5) }), ...off, local: s.local({ overlayRuns: ['runrunrunrun'] }) },
    expected: ['commit-conversion runrunrunrun'],
  },
  {
    name: 'a merge was interrupted on another machine',
    desired: s.cutover,
    observed: { ...s.inState({ kind: 'committing', from: s.at(5) }), ...off },
    expected: [block('MP2017', '')],
  },
  {
    name: 'a merge was interrupted and the manifest went back to sync',
    observed: { ...s.inState({ kind: 'committing', from: s.at(5) }), local: s.local({ overlayRuns: ['runrunrunrun'] }) },
    expected: [block('MP2002', '')],
  },
  {
    name: 'finalSync skip: converts what is there and says what is lost',
    desired: { ...s.cutover, finalSync: 'skip' },
    expected: ['warning MP2021 vm/erp-db01', 'power-off', 'convert'],
  },
  {
    name: 'finalSync skip on a half-synced volume',
    desired: { ...s.cutover, finalSync: 'skip' },
    observed: s.inState({ kind: 'dirty', base: s.at(5) }),
    expected: [block('MP2012', '')],
  },

  {
    name: 'no such VM',
    observed: { source: { kind: 'not-found', nearest: ['/DC1/vm/erp-db10'], check: '' } },
    expected: [block('MP2003', '')],
  },
  {
    name: 'two VMs of the same name',
    observed: { source: { kind: 'ambiguous', candidates: ['/A', '/B'] } },
    expected: [block('MP2004', '')],
  },
  { name: 'an independent disk', observed: found({ disks: [s.disk({ inSnapshots: false })] }), expected: [block('MP2009')] },
  { name: 'a raw device', observed: found({ disks: [s.disk({ unsupported: 'physical RDM' })] }), expected: [block('MP2010')] },
  { name: 'a template', observed: found({ obstacles: ['the VM is a template'] }), expected: [block('MP2011', '')] },
  {
    name: 'no tracking on this hardware',
    observed: found({ cbt: { supported: false, enabled: false } }),
    expected: [block('MP2005', '')],
  },
  {
    name: 'tracking off: switched on first',
    observed: { ...noVolume, ...found({ cbt: { supported: true, enabled: false } }) },
    expected: ['enable-cbt', 'create-volume 2000 40 GiB ssd', image, liveSeed],
  },
  {
    name: 'tracking off and snapshots there: it would miss writes',
    observed: {
      ...noVolume,
      ...found({
        cbt: { supported: true, enabled: false },
        snapshots: [{ ref: s.snapshotRef('snapshot-1'), name: 'before-upgrade', description: '', createdAt: '' }],
      }),
    },
    expected: [block('MP2025', '')],
  },
  {
    name: 'unknown volume type',
    observed: { ...noVolume, catalog: { ...s.catalog, volumeTypes: ['hdd'] } },
    expected: [block('MP2020', '')],
  },

  {
    name: 'HW4 the machine type is overridden',
    desired: { hwMachineType: 'pc-i440fx-rhel7.6.0' },
    expected: ['set-image-metadata hw_machine_type=pc-i440fx-rhel7.6.0', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'HW4 i440fx to q35',
    desired: { hwMachineType: 'q35' },
    expected: ['set-image-metadata hw_machine_type=q35', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'HW6 default: the key is removed, the destination decides',
    desired: { hwMachineType: 'default' },
    expected: ['set-image-metadata -hw_machine_type', 'sync live #4: delta since …65 63/5'],
  },
  {
    name: 'HW6 default and nothing there: no error, nothing to do',
    desired: { hwMachineType: 'default', ...s.seed },
    observed: { volumes: { '2000': [s.volume({ imageMetadata: { os_type: 'linux' } })] } },
    expected: ['note Seeded; nothing to do in phase "seed"'],
  },
  {
    name: 'HW3 EFI with Secure Boot: q35 and firmware keys',
    observed: { ...noVolume, ...found({ firmware: 'efi', secureBoot: true }) },
    expected: [
      'create-volume 2000 40 GiB ssd',
      'set-image-metadata hw_machine_type=q35 hw_firmware_type=uefi os_secure_boot=required os_type=linux bootable',
      liveSeed,
    ],
  },
  {
    name: 'HW7 EFI on i440fx',
    desired: { hwMachineType: 'pc' },
    observed: found({ firmware: 'efi' }),
    expected: [block('MP2018', '')],
  },
];

describe('planMigration', () => {
  test.each(rows)('$name', ({ desired, observed, expected }) => {
    expect(brief(planMigration(s.desired(desired), s.observed(observed), { now: s.NOW }))).toEqual(expected);
  });

  test('cutover: false never converts, whatever else is said', () => {
    const states = [
      s.inState({ kind: 'clean', at: s.at(5) }),
      s.inState({ kind: 'dirty', base: undefined }),
      converted,
      noVolume,
    ];
    for (const state of states) {
      for (const wish of [s.seed, s.oneShot, { finalSync: 'skip' } as const, { reseed: s.once }]) {
        const { actions } = planMigration(s.desired(wish), s.observed(state), { now: s.NOW });
        expect(
          actions.filter(({ kind }) => ['convert', 'power-off', 'commit-conversion', 'create-server'].includes(kind)),
        ).toEqual([]);
      }
    }
  });

  test('a plan is data: it survives JSON', () => {
    const plan = planMigration(s.desired({ ...s.cutover, ...s.withServer }), s.observed(noVolume), { now: s.NOW });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });
});

describe('several disks', () => {
  const second = s.disk({ key: s.diskKey(2001), uuid: '6000c29a-1111-2222-3333-444455557777', label: 'Hard disk 2' });
  const twoDisks = { ...found({ disks: [s.disk(), second] }), volumes: { '2000': [s.volume()], '2001': [] } };

  test('a disk added later is seeded with the others from one snapshot', () => {
    expect(brief(planMigration(s.desired(), s.observed(twoDisks), { now: s.NOW }))).toEqual([
      'create-volume 2001 40 GiB ssd',
      'sync live #4: delta since …65 63/5, full new-volume',
    ]);
  });

  test('one converted and one not: nothing is synced over a converted guest', () => {
    const mixed = {
      ...twoDisks,
      volumes: { '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }) })], '2001': [] },
    };
    expect(brief(planMigration(s.desired(s.cutover), s.observed(mixed), { now: s.NOW }))).toEqual(['error MP2017 vm/erp-db01']);
  });

  describe('one converted and one not, as after a disk was added, or a volume deleted', () => {
    const beside = { '2001': [] };
    const first = { '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }) })] };
    const plan = (reseed: typeof s.once | typeof s.compare | undefined, over: Partial<ObservedMigration>) =>
      planMigration(s.desired({ ...s.cutover, reseed }), s.observed({ ...twoDisks, volumes: { ...first, ...beside }, ...over }), {
        now: s.NOW,
      });
    const steps = (over: Partial<ObservedMigration>) =>
      plan(undefined, over).diagnostics.flatMap(({ nextSteps = [] }) => nextSteps);
    const held = { volumes: { ...convertedHeldBy('by-hand').volumes, ...beside } };
    const made = { server: { id: s.serverId('srv-1'), name: 'erp-db01', status: 'SHUTOFF' } };

    test('nothing is written over a converted volume, for no request: without the volumes all is copied again', () => {
      expect(plan(undefined, {}).diagnostics[0]?.detail).toContain('2000 converted, 2001 create');
      expect(steps({}).join()).not.toContain('reseed');
      expect(steps({})).toEqual([expect.stringContaining('delete the volumes on the target (vol-1)')]);
      expect(brief(plan(s.once, {}))).toEqual(['error MP2017 vm/erp-db01']);
      expect(hasErrors(plan(undefined, { volumes: { '2000': [], ...beside } }).diagnostics)).toBe(false);
    });
    test('beside one that another conversion was being merged into: neither is it', () => {
      const reading = s.reading({ kind: 'committing', from: s.at(5) }, { run: 'another', diskUuid: second.uuid });
      const merging = { volumes: { ...first, '2001': [s.volume({ id: s.volumeId('vol-2'), ...s.dataVolume, reading })] } };
      expect(steps(merging)).toEqual([expect.stringContaining('delete the volumes on the target (vol-1, vol-2)')]);
      for (const reseed of [undefined, s.once, s.compare])
        expect(brief(plan(reseed, merging))).toEqual(['error MP2017 vm/erp-db01']);
    });
    test.each([
      ['a server has the volume', held],
      ['a server of the VM is there', made],
    ])('%s: never written over, whatever is asked', (_what, over) => {
      expect(steps(over)).toEqual([expect.stringContaining('take its manifest away')]);
      expect(brief(plan(s.once, over))).toEqual(['error MP2017 vm/erp-db01']);
    });
    test('what a dead run still holds on the conversion host is no guest', () => {
      const own = { id: s.attachmentId('att-1'), server: s.serverId('conv') };
      const volumes = { '2000': first['2000'].map((volume) => ({ ...volume, attachments: [own] })), ...beside };
      const conversionHost = { server: own.server, name: 'conv', volumesMax: 26, otherVolumes: 0 };
      const seen = { volumes, conversionHost, local: s.local({ ownAttachments: [own.id] }) };
      expect(steps(seen)).toEqual([expect.stringContaining('delete the volumes on the target (vol-1)')]);
    });
  });

  test('what is left of a disk that was taken off does not keep tracking from being judged', () => {
    const snapshot = { ref: s.snapshotRef('s1'), name: 'by hand', description: '', createdAt: '2026-05-01T00:00:00Z' };
    const untrackedBeside = found({ cbt: { supported: true, enabled: false }, snapshots: [snapshot] });
    const left = { '2000': [], '2001': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }) })] };
    expect(brief(planMigration(s.desired(s.seed), s.observed({ ...untrackedBeside, volumes: left }), { now: s.NOW }))).toContain(
      'error MP2025 vm/erp-db01',
    );
  });

  // Killed between two committing marks: nothing of the source is needed any more, whatever became of it.
  test.each([
    ['a disk that was never tracked', { kind: 'clean', at: undefined }, {}],
    ['a disk whose tracking was reset since', { kind: 'clean', at: s.at(5, 'another epoch') }, {}],
    ['a VM that may have been reverted since', { kind: 'clean', at: s.at(5) }, { origin: unknownOrigin }],
  ] as const)('%s waits for its overlay to be merged, beside one that is', (_name, state, over) => {
    const committing = s.reading({ kind: 'committing', from: undefined });
    const [first, second] = twoDisks.source.vm.disks;
    const merging = (cycle: number) => ({
      ...twoDisks,
      source: { kind: 'found', vm: s.vm({ power: 'off', disks: [first!, second!] }) } as const,
      volumes: {
        '2000': [s.volume({ reading: committing })],
        '2001': [s.volume({ reading: s.reading(state, { ...over, cycle, diskUuid: second!.uuid }) })],
      },
      local: s.local({ overlayRuns: ['runrunrunrun'] }),
    });
    const planned = (cycle: number) => brief(planMigration(s.desired(s.cutover), s.observed(merging(cycle)), { now: s.NOW }));
    expect(planned(3)).toEqual(['commit-conversion runrunrunrun']);
    expect(planned(2).join()).toMatch(/error MP20/);
  });

  test('disks from different snapshots are brought together even in phase seed', () => {
    const other = s.volume({ id: s.volumeId('vol-2'), name: 'erp-db01-2001', reading: reading2(4), ...s.dataVolume });
    const apart = { ...twoDisks, volumes: { '2000': [s.volume()], '2001': [other] } };
    expect(brief(planMigration(s.desired(s.seed), s.observed(apart), { now: s.NOW }))).toEqual([
      'sync live #5: delta since …65 63/5, delta since …65 63/6',
    ]);
  });

  function reading2(cycle: number) {
    const base = s.reading({ kind: 'clean', at: s.at(6) }, { cycle, diskUuid: second.uuid });
    return base.kind === 'record'
      ? { ...base, record: { ...base.record, identity: { ...base.record.identity, disk: second.key } } }
      : base;
  }
});
