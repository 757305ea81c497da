import { describe, expect, test } from 'vitest';
import { forecastDelta } from '../../src/plan/forecast.js';
import { wasReverted } from '../../src/plan/foreign-snapshot.js';
import { formatBytes, formatSeconds } from '../../src/plan/format.js';
import { hardwareConflict, imageMetadataChange, wantedImageMetadata } from '../../src/plan/image-metadata.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { blockOverQuota } from '../../src/plan/quota.js';
import { summaryLines } from '../../src/plan/summary.js';
import { brief } from './brief.js';
import { entries, named } from './sample-plan.js';
import * as s from './scene.js';

const GiB = 2 ** 30;
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
    s.vm({ snapshots, ...(current === undefined ? {} : { currentSnapshot: s.snapshotRef(current) }) });
  const since = (foreignSnapshot: string) => {
    const reading = s.reading({ kind: 'clean', at: s.at(5) });
    return reading.kind === 'record'
      ? { volumes: { '2000': [s.volume({ reading: { ...reading, record: { ...reading.record, foreignSnapshot } } })] } }
      : {};
  };

  test.each([
    ['there was none', vm(undefined), '', 'no'],
    ['the same is current', vm('s1', snapshot('s1')), 's1', 'no'],
    ['a newer one stands on it', vm('s2', snapshot('s1'), snapshot('s2', 's1')), 's1', 'no'],
    ['a leftover of ours stands on it', vm('s2', snapshot('s1'), snapshot('s2', 's1', 'migplan-x')), 's1', 'no'],
    ['an older one is current', vm('s1', snapshot('s1'), snapshot('s2', 's1')), 's2', 'yes'],
    ['another branch is current', vm('s3', snapshot('s1'), snapshot('s2', 's1'), snapshot('s3', 's1')), 's2', 'yes'],
    ['it was deleted', vm(undefined), 's1', 'maybe'],
  ] as const)('%s', (_name, now, before, expected) => {
    expect(wasReverted(now, before)).toBe(expected);
  });

  test('blocks a delta, whatever the change id says', () => {
    const now = { source: { kind: 'found', vm: vm('s1', snapshot('s1'), snapshot('s2', 's1')) } } as const;
    expect(plan({}, { ...now, ...since('s2') })).toEqual(['error MP2028 vm/erp-db01/disk/2000']);
    expect(plan({ reseed: true }, { ...now, ...since('s2') })).toEqual(['sync live #4: full reseed']);
  });

  test('a snapshot that is gone is a warning: deleting it is harmless', () => {
    expect(plan({}, since('s1'))).toEqual(['warning MP2028 vm/erp-db01', 'sync live #4: delta since …65 63/5']);
  });
});

describe('image metadata', () => {
  const wanted = (desired: Parameters<typeof s.desired>[0], vm: Parameters<typeof s.vm>[0] = {}) =>
    wantedImageMetadata(s.desired(desired), s.vm(vm));

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
      'Plan: 2 to add, 6 to change, 0 to destroy. 2 blocked, 2 unchanged.',
      'Transfer: full seed up to 112.0 GiB (3 disks), delta about 3.0 GiB (2 disks, 1 of unknown size).',
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
