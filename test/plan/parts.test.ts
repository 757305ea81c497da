import { describe, expect, test } from 'vitest';
import { formatBytes, formatSeconds } from '../../src/model/format.js';
import { nothingKnown } from '../../src/model/machine-types/knowledge.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { hardwareConflict, imageMetadataChange, wantedImageMetadata } from '../../src/plan/core/image-metadata.js';
import { chooseMachineType, requestedMachineType } from '../../src/plan/core/machine-type.js';
import { isSameTree, originOf, revertSince } from '../../src/plan/core/reverts.js';
import { summaryLines } from '../../src/plan/file/summary.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { forecastDelta } from '../../src/plan/sync/forecast.js';
import { unclaimedNotes } from '../../src/plan/together/plan-notes.js';
import { blockOverQuota } from '../../src/plan/together/quota.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';
import { entries, named } from './sample-plan.js';

const GiB = 2 ** 30;
const BOOT = '2026-05-01T08:00:00.25Z';
const LATER = '2026-05-02T08:00:00Z';
const found = (over: Parameters<typeof s.vm>[0]) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
const plan = (desired: Parameters<typeof s.desired>[0], observed: Parameters<typeof s.observed>[0]) =>
  brief(planMigration(s.desired(desired), s.observed(observed), { now: s.NOW }));

describe('AC4: what cbtSync: false may touch', () => {
  test.each([
    ['a first copy that another machine left', { kind: 'dirty', base: undefined }],
    ['a delta that another machine left', { kind: 'dirty', base: s.at(5) }],
    ['a clean volume', { kind: 'clean', at: s.at(5) }],
  ] as const)('%s is a volume that already exists', (_name, state) => {
    for (const wish of [s.oneShot, s.cold]) expect(plan(wish, s.inState(state))).toEqual(['error MP2001 vm/erp-db01/disk/2000']);
  });

  test('finalSync: skip means nothing without a cutover', () => {
    expect(plan({ ...s.oneShot, finalSync: 'skip' }, {})).toEqual(['error MP2001 vm/erp-db01/disk/2000']);
    expect(plan({ finalSync: 'skip' }, s.inState({ kind: 'clean', at: undefined }))).toEqual([
      'error MP2006 vm/erp-db01/disk/2000',
    ]);
  });
});

test('finalSync: skip does not convert disks of different snapshots', () => {
  const second = s.disk({ key: s.diskKey(2001), uuid: '6000c29a-1111-2222-3333-444455557777' });
  const reading = s.reading({ kind: 'clean', at: s.at(6) }, { cycle: 4, diskUuid: second.uuid });
  const observed = {
    ...found({ disks: [s.disk(), second] }),
    volumes: { '2000': [s.volume()], '2001': [s.volume({ id: s.volumeId('vol-2'), reading })] },
  };
  expect(plan({ ...s.cutover, finalSync: 'skip' }, observed)).toEqual(['error MP2012 vm/erp-db01']);
});

test('a disk that is not part of the VM any more is told', () => {
  const observed = { volumes: { '2000': [s.volume()], '2001': [s.volume({ id: s.volumeId('vol-2') })] } };
  expect(plan({}, observed)).toEqual(['warning MP2022 vm/erp-db01', 'sync live #4: delta since …65 63/5']);
});

describe('reverts to a snapshot', () => {
  const snapshot = (ref: string, parent?: string, name = ref) => ({
    ref: s.snapshotRef(ref),
    name,
    description: '',
    createdAt: '',
    ...(parent === undefined ? {} : { parent: s.snapshotRef(parent) }),
  });
  const vm = (current: string | undefined, ...snapshots: ReturnType<typeof snapshot>[]) =>
    s.vm({ snapshots, bootTime: BOOT, ...(current === undefined ? {} : { currentSnapshot: s.snapshotRef(current) }) });
  const off = (now: ReturnType<typeof vm>) => {
    const { bootTime: _, ...rest } = now;
    return rest;
  };
  const booted = (now: ReturnType<typeof vm>, bootTime: string) => ({ ...now, bootTime });
  const origin = (older: string | undefined, bootedAt: number | undefined = Math.floor(Date.parse(BOOT) / 1000)) => ({
    older: older === undefined ? undefined : s.snapshotRef(older),
    bootedAt,
  });

  test.each([
    ['there was none, and it was powered off and on', booted(vm(undefined), LATER), undefined, 'no'],
    ['there was none, and there is one now', booted(vm('s1', snapshot('s1')), LATER), undefined, 'no'],
    ['the same is current, and it ran all the time', vm('s1', snapshot('s1')), 's1', 'no'],
    ['the same, its boot time told to the second', booted(vm('s1', snapshot('s1')), '2026-05-01T08:00:01.4Z'), 's1', 'no'],
    ['the same is current, and it was powered off and on', booted(vm('s1', snapshot('s1')), LATER), 's1', 'maybe'],
    ['the same is current, and it is off', off(vm('s1', snapshot('s1'))), 's1', 'maybe'],
    ['a newer one stands on it', vm('s2', snapshot('s1'), snapshot('s2', 's1')), 's1', 'no'],
    ['a newer one stands on it, off and on', booted(vm('s2', snapshot('s1'), snapshot('s2', 's1')), LATER), 's1', 'maybe'],
    ['an older one is current', vm('s1', snapshot('s1'), snapshot('s2', 's1')), 's2', 'yes'],
    ['another branch is current', vm('s3', snapshot('s1'), snapshot('s2', 's1'), snapshot('s3', 's1')), 's2', 'yes'],
    ['it was deleted, and the VM ran all the time', vm(undefined), 's1', 'no'],
    ['it was deleted, and the VM was off', booted(vm(undefined), LATER), 's1', 'maybe'],
    ['nobody noted what there was', vm(undefined), '?', 'maybe'],
  ] as const)('%s', (_name, now, older, expected) => {
    const at = older === '?' ? unknownOrigin : origin(older);
    expect(revertSince(now, { origin: at }).kind).toBe(expected);
  });

  test('what a snapshot of ours was taken under: all that is older, on whatever branch, and nothing that is newer', () => {
    const own = snapshot('own', 's1');
    const seconds = Math.floor(Date.parse(BOOT) / 1000);
    expect(originOf(vm('own', snapshot('s1'), own), own.ref)).toEqual({ older: 's1', bootedAt: seconds });
    expect(originOf(vm('own', snapshot('own')), own.ref)).toEqual({ older: undefined, bootedAt: seconds });
    expect(originOf(vm('own', snapshot('branch'), snapshot('own')), own.ref).older).toBe('branch');
    expect(originOf(vm('child', snapshot('own'), snapshot('child', 'own')), own.ref).older).toBeUndefined();
    expect(originOf(off(vm('own', snapshot('own'))), own.ref).bootedAt).toBeUndefined();
  });

  test.each([
    ['the same', vm('own', snapshot('s1'), snapshot('own', 's1')), true],
    ['reverted to the snapshot below', vm('own', snapshot('s0'), snapshot('s1', 's0'), snapshot('own', 's0')), false],
    ['another one came', vm('own', snapshot('s1'), snapshot('s2', 's1'), snapshot('own', 's2')), false],
    ['it was deleted', vm('own', snapshot('own')), false],
  ] as const)('between power-off and the last snapshot: %s', (_name, now, expected) => {
    expect(isSameTree(vm('s1', snapshot('s1')), now, s.snapshotRef('own'))).toBe(expected);
  });

  const since = (older: string, over = {}) => s.inState({ kind: 'clean', at: s.at(5) }, { origin: origin(older), ...over });
  const reverted = { source: { kind: 'found', vm: vm('s1', snapshot('s1'), snapshot('s2', 's1')) } } as const;
  const restarted = { source: { kind: 'found', vm: booted(vm('s1', snapshot('s1')), LATER) } } as const;

  test('blocks a delta, whatever the change id says', () => {
    expect(plan({}, { ...reverted, ...since('s2') })).toEqual([
      'warning MP2046 vm/erp-db01',
      'error MP2028 vm/erp-db01/disk/2000',
    ]);
    expect(plan({ reseed: s.once }, { ...reverted, ...since('s2') })).toEqual([
      'warning MP2046 vm/erp-db01',
      'sync live #4: full reseed',
    ]);
  });

  test('to the very snapshot that was current before: nobody can exclude it, so it blocks', () => {
    expect(plan(s.cutover, { ...restarted, ...since('s1') })).toEqual(['error MP2028 vm/erp-db01/disk/2000']);
    expect(plan({ ...s.cutover, finalSync: 'skip' }, { ...restarted, ...since('s1') })[0]).toBe('warning MP2021 vm/erp-db01');
  });

  test('a number of tracking behind the volume blocks without any snapshot, and what an earlier run noted blocks for good', () => {
    const behind = found({ disks: [s.disk({ changeId: s.at(4) })] });
    expect(plan({}, { ...behind, ...s.inState({ kind: 'clean', at: s.at(5) }) })).toEqual(['error MP2028 vm/erp-db01/disk/2000']);
    const noted = s.inState({ kind: 'clean', at: s.at(5) }, { isReverted: true });
    expect(plan({}, noted)).toEqual(['error MP2028 vm/erp-db01/disk/2000']);
  });

  test('an unfinished first copy starts over instead', () => {
    const half = { kind: 'dirty', base: undefined, partial: { at: s.at(5), upTo: 4096 } } as const;
    expect(plan({}, { ...restarted, ...s.inState(half, { origin: origin('s1') }) }).at(-1)).toBe(
      'sync live #4: full interrupted-full',
    );
    expect(plan({}, s.inState(half)).at(-1)).toBe('sync live #4: full interrupted-full from 4096');
  });
});

describe('tracking that is younger than a snapshot', () => {
  const snapshot = (trackedDisks: readonly number[], name = 'before upgrade') => ({
    ref: s.snapshotRef('s1'),
    name,
    description: '',
    createdAt: '',
    trackedDisks: trackedDisks.map(s.diskKey),
  });
  const untracked = () => {
    const { changeId: _, ...rest } = s.disk();
    return rest;
  };
  const on = { currentSnapshot: s.snapshotRef('s1') };

  test('the oldest snapshot froze the disk without tracking: no seed and no sync', () => {
    const observed = found({ ...on, snapshots: [snapshot([])] });
    for (const wish of [s.seed, {}, s.cutover])
      expect(plan(wish, { ...observed, volumes: {} })).toContain('error MP2044 vm/erp-db01/disk/2000');
    expect(plan({}, observed)).toContain('error MP2044 vm/erp-db01/disk/2000');
  });

  test('it was switched on and waits to become active, upon a snapshot', () => {
    const observed = found({ ...on, snapshots: [snapshot([])], disks: [untracked()] });
    expect(plan(s.seed, { ...observed, volumes: {} })).toContain('error MP2044 vm/erp-db01/disk/2000');
  });

  test.each([
    ['tracking was there first', { ...on, snapshots: [snapshot([2000])] }],
    ['there is no snapshot', {}],
    ['it waits to become active, and no snapshot is there', { disks: [untracked()] }],
  ])('not when %s', (_name, over) => {
    expect(plan(s.seed, { ...found(over), volumes: {} }).join()).not.toContain('MP2044');
  });

  test('not where no delta is wanted, nor after the conversion, nor for a snapshot of ours that goes first', () => {
    const observed = found({ ...on, power: 'off', snapshots: [snapshot([])] });
    expect(plan(s.cold, { ...observed, volumes: {} }).join()).not.toContain('MP2044');
    const converted = s.inState({ kind: 'converted', from: s.at(5) });
    expect(plan(s.cutover, { ...observed, ...converted })).toEqual(['note Volume already converted']);
    const ours = found({ ...on, snapshots: [snapshot([], 'migplan-x')] });
    const local = s.local({ ownSnapshots: [s.snapshotRef('s1')] });
    expect(plan({}, { ...ours, local })).toEqual(['release-snapshot s1', 'sync live #4: delta since …65 63/5']);
  });
});

describe('image metadata', () => {
  const wanted = (...[desired, over = {}]: [Parameters<typeof s.desired>[0], Parameters<typeof s.vm>[0]?]) => {
    const asked = s.desired(desired);
    const vm = s.vm(over);
    return wantedImageMetadata(asked, vm, chooseMachineType(requestedMachineType(asked, vm), nothingKnown));
  };

  test('HW1 preserve: the type that fits the firmware', () => {
    expect(wanted({})['hw_machine_type']).toBe('pc');
    expect(wanted({}, { firmware: 'efi' })).toMatchObject({ hw_machine_type: 'q35', hw_firmware_type: 'uefi' });
  });
  test('HW4 an exact type is written as it stands', () => {
    expect(wanted({ hwMachineType: 'pc-i440fx-rhel7.6.0' })['hw_machine_type']).toBe('pc-i440fx-rhel7.6.0');
  });
  test('HW6 default: nothing is written, what is there is taken away', () => {
    expect(wanted({ hwMachineType: 'default' })).not.toHaveProperty('hw_machine_type');
    expect(imageMetadataChange({}, { hw_machine_type: 'pc', hw_vif_model: 'e1000' })).toEqual({
      set: {},
      unset: ['hw_machine_type'],
      before: { hw_machine_type: 'pc' },
    });
  });
  test('HW3 only what differs is written, with what it replaces', () => {
    expect(
      imageMetadataChange({ hw_machine_type: 'q35', os_type: 'linux' }, { hw_machine_type: 'pc', os_type: 'linux' }),
    ).toEqual({
      set: { hw_machine_type: 'q35' },
      unset: [],
      before: { hw_machine_type: 'pc' },
    });
    expect(imageMetadataChange({ os_type: 'linux' }, { os_type: 'linux', other: 'x' })).toBeUndefined();
  });
  test.each([
    ['pc', true],
    ['pc-i440fx-8.2', true],
    ['q35', false],
    ['pc-q35-rhel9.4.0', false],
  ])('HW7 EFI on %s', (type, conflicts) => {
    expect(hardwareConflict({ type, bus: undefined }, s.vm({ firmware: 'efi' })) !== undefined).toBe(conflicts);
    expect(hardwareConflict({ type, bus: undefined }, s.vm())).toBeUndefined();
  });
});

describe('quota', () => {
  const quota = (over: object) => ({ ...s.catalog, quota: over });
  const planned = (name: string, catalog: ReturnType<typeof quota>) => ({
    desired: named(name),
    plan: planMigration(named(name), s.observed({ volumes: { '2000': [] } }), { now: s.NOW }),
    catalog,
  });
  const verdicts = (catalog: ReturnType<typeof quota>) =>
    blockOverQuota([planned('a', catalog), planned('b', catalog)]).map(({ diagnostics, actions }) =>
      actions.length > 0 ? 'fits' : diagnostics.map(({ code, detail }) => `${code} ${detail}`).join(),
    );

  test('is summed over the plan', () => {
    expect(verdicts(quota({}))).toEqual(['fits', 'fits']);
    expect(verdicts(quota({ volumesLeft: 1 }))).toEqual([
      'fits',
      'MP2019 cloud: the plan needs 2 new volumes and the quota leaves 1',
    ]);
    expect(verdicts(quota({ gigabytesLeft: 79 }))).toEqual([
      'fits',
      'MP2019 cloud: the plan needs 80 GiB of volumes and the quota leaves 79',
    ]);
  });
  test('knows the largest volume; -1 is no limit', () => {
    expect(verdicts(quota({ perVolumeGigabytes: 10 }))[0]).toContain('a volume may have 10 GiB and 40 GiB are needed');
    expect(verdicts(quota({ perVolumeGigabytes: -1 }))).toEqual(['fits', 'fits']);
  });
});

describe('forecast', () => {
  const sample = (bytes: number, intervalSeconds: number) => ({ bytes, intervalSeconds });
  test.each([
    ['without history', [], 60, { confidence: 'unknown' }],
    ['without a last sync', [sample(GiB, 60)], undefined, { confidence: 'unknown' }],
    ['only a first interval', [sample(GiB, 0)], 60, { confidence: 'unknown' }],
    ['rate times age', [sample(GiB, 60), sample(3 * GiB, 60)], 30, { confidence: 'estimate', bytes: GiB }],
    ['never above the disk', [sample(GiB, 1)], 3600, { confidence: 'estimate', bytes: 10 * GiB }],
    ['a clock that went back', [sample(GiB, 60)], -5, { confidence: 'estimate', bytes: 0 }],
  ] as const)('%s', (_name, history, age, expected) => {
    expect(forecastDelta(history, age, 10 * GiB)).toEqual(expected);
  });
});

describe('summary', () => {
  test('counts disks and servers, VMs that are blocked, what cannot be undone', () => {
    expect(summaryLines(Object.values(entries))).toEqual([
      'Plan: 2 to add, 10 to change, 0 to destroy. 2 blocked, 2 unchanged.',
      'Transfer: full seed up to 112.0 GiB (3 disks), comparison of up to 140.0 GiB (4 disks, differences are written), delta about 3.0 GiB (2 disks, 1 of unknown size).',
      'Downtime: 2 VMs (win-fs1, batch-02). Cannot be undone: 5 steps.',
      'Blocked: 2 VMs (crm-01, mail-01). Apply leaves out what is blocked, and ends with exit code 6.',
    ]);
  });
  test('of nothing', () => {
    expect(summaryLines([])).toEqual(['Plan: 0 to add, 0 to change, 0 to destroy.']);
  });
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [GiB - 1, '1024.0 MiB'],
  [2048 * GiB, '2048.0 GiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [-1, '0s'],
  [59.4, '59s'],
  [59.6, '1m 0s'],
  [3599, '59m 59s'],
  [7500, '2h 5m'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

describe('what a converted VM and a removed manifest leave', () => {
  const converted = (over: Parameters<typeof s.volume>[0]) => ({
    volumes: { '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }), ...over })] },
    ...found({ power: 'off' }),
  });

  test('MP2081: a converted boot volume with another machine type than asked for: both are told', () => {
    const planned = planMigration(s.desired(s.cutover), s.observed(converted({ imageMetadata: { hw_machine_type: 'q35' } })), {
      now: s.NOW,
    });
    expect(planned.actions).toEqual([]);
    expect(planned.diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: 'MP2081',
        detail: 'boot volume vol-1 is converted and has machine type "q35", asked for is "pc"',
      },
    ]);
  });

  test('MP2081: none where one is asked for, and one where none is', () => {
    expect(plan(s.cutover, converted({ imageMetadata: {} }))).toContain('warning MP2081 vm/erp-db01');
    expect(plan({ ...s.cutover, hwMachineType: 'default' }, converted({}))).toContain('warning MP2081 vm/erp-db01');
    expect(plan({ ...s.cutover, hwMachineType: 'default' }, converted({ imageMetadata: {} }))).toEqual([
      'note Volume already converted',
    ]);
    expect(plan(s.cutover, converted({}))).toEqual(['note Volume already converted']);
  });

  test('volumes whose VM no manifest names are told by name and id, ten at most', () => {
    const volume = (index: number) => ({
      volume: s.volume({ id: s.volumeId(`v${index}`), name: `old-${index}` }),
      vm: 'x',
      disk: s.diskKey(1),
    });
    const told = (count: number) =>
      unclaimedNotes(new Map([['prod', Array.from({ length: count }, (_, index) => volume(index))]]));
    expect(told(0)).toEqual([]);
    expect(told(1)).toEqual([
      'prod has 1 volume of VMs that no manifest sends there: old-0 (v0). migplan leaves them alone: give their VMs a manifest with this target, or delete them',
    ]);
    expect(told(12)[0]).toContain('old-9 (v9) and 2 more');
    const reversed = new Map([['prod', Array.from({ length: 12 }, (_, index) => volume(11 - index))]]);
    expect(unclaimedNotes(reversed), 'in whatever order the cloud lists them').toEqual(told(12));
  });
});
