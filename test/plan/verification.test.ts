import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ActionMap } from '../../src/plan/core/action.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { powerText, verificationText } from '../../src/plan/sync/verification.js';
import * as s from './plan-fixture.js';

const GiB = 2 ** 30;
/** A disk that was synced before, so that nothing is doubted. */
const calm = s.local({
  deltaHistory: { '2000': [{ bytes: GiB, intervalSeconds: 3600 }] },
  lastSync: { '2000': '2026-06-01T11:00:00Z' },
});
const found = (over: Parameters<typeof s.vm>[0]) => ({ source: { kind: 'found', vm: s.vm(over) } }) as const;
const foreign = (ref: string) => ({ ref: s.snapshotRef(ref), name: 'before the update', description: '', createdAt: '' });
const onTop = { snapshots: [foreign('snapshot-1')], currentSnapshot: s.snapshotRef('snapshot-1') };

function syncs(desired: Partial<DesiredMigration>, observed: Partial<ObservedMigration> = {}): ActionMap['sync'][] {
  const { actions } = planMigration(s.desired(desired), s.observed({ local: calm, ...observed }), { now: s.NOW });
  return actions.flatMap((action) => (action.kind === 'sync' ? [action] : []));
}

describe('how many blocks outside of a delta are compared', () => {
  test.each([
    ['nothing to doubt', {}, 1024, []],
    ['a first delta', { local: s.local() }, 4096, ['first-delta']],
    ['a snapshot that others made', found(onTop), 4096, ['foreign-snapshot']],
    [
      'a host before patch ESXi600-201511001',
      found({ host: { name: 'esx1', version: '6.0.0', build: 3_073_146 } }),
      16_384,
      ['known-fault'],
    ],
    ['the same host with the patch', found({ host: { name: 'esx1', version: '6.0.0', build: 3_247_720 } }), 1024, []],
    [
      'a host of a release that was never mended',
      found({ host: { name: 'esx1', version: '5.5.0', build: 99 } }),
      16_384,
      ['known-fault'],
    ],
    ['a host without a known fault', found({ host: { name: 'esx1', version: '8.0.3', build: 24_022_510 } }), 1024, []],
  ])('%s', (_, observed, blocks, doubts) => {
    const [sync] = syncs({}, observed);
    expect(sync?.verify).toMatchObject({ mode: 'compare', full: [], blocks, doubts: doubts.map((kind) => ({ kind })) });
  });

  test('a full copy does not rest on tracking: its host is not doubted', () => {
    const [sync] = syncs(s.seed, { volumes: { '2000': [] }, ...found({ host: { name: 'esx1', version: '5.5.0', build: 99 } }) });
    expect(sync?.verify).toEqual({ mode: 'compare', full: [], blocks: 1024, doubts: [] });
  });
});

describe('all of a disk is compared before a cutover', () => {
  const full = (sync: ActionMap['sync'] | undefined) => sync?.verify.mode === 'compare' && sync.verify.full.length > 0;
  const small = found({ disks: [s.disk()] });

  test('in the sync before the power-off, while the guest runs; the last delta needs it no more', () => {
    const [live, final] = syncs(s.cutover, small);
    expect([live?.stage, full(live)]).toEqual(['live', true]);
    expect([final?.stage, full(final)]).toEqual(['final', false]);
  });

  test('of a VM that is off already, and in a cold migration', () => {
    expect(syncs(s.cutover, found({ power: 'off' })).map(full)).toEqual([true]);
    expect(syncs(s.cold, { volumes: { '2000': [] } }).map(full)).toEqual([true]);
  });

  test('not where there is no cutover, unless the manifest asks', () => {
    expect(syncs({}).map(full)).toEqual([false]);
    expect(syncs({ verify: 'full' }).map(full)).toEqual([true]);
  });

  test.each([
    ['half an hour without a window: 105 GiB', 105 * GiB, {}, true],
    ['half an hour without a window: 106 GiB', 106 * GiB, {}, false],
    [
      'a quarter of a window',
      100 * GiB,
      { window: { kind: 'once', start: '2026-06-01T11:00:00Z', end: '2026-06-01T12:30:00Z' } },
      false,
    ],
    [
      'a quarter of a long window',
      300 * GiB,
      { window: { kind: 'cron', cron: '0 8 * * *', durationSeconds: 6 * 3600, timezone: 'UTC' } },
      true,
    ],
  ] as const)('as far as there is time: %s', (_, capacity, desired, expected) => {
    const reading = s.reading({ kind: 'clean', at: s.at(5) }, { capacity });
    const observed = {
      ...found({ disks: [s.disk({ capacity })] }),
      volumes: { '2000': [s.volume({ size: capacity, reading })] },
    };
    expect(full(syncs({ ...s.cutover, ...desired }, observed)[0])).toBe(expected);
  });

  test('while the VM is off, half of its downtime at most', () => {
    const off = found({ power: 'off' });
    expect(syncs({ ...s.cutover, limits: { downtimeSeconds: 1200 } }, off).map(full)).toEqual([false]);
    expect(syncs({ ...s.cutover, limits: { downtimeSeconds: 1600 } }, off).map(full)).toEqual([true]);
  });

  test('verify: off is what the manifest asked for, and the plan says so', () => {
    const [live] = syncs({ ...s.cutover, verify: 'off' });
    expect(live?.verify).toEqual({ mode: 'off' });
    expect(verificationText(live!.verify, live!.disks[0]!)).toBe('off: nothing is read back');
  });
});

describe('the words for it', () => {
  test('cost and power stand in the plan', () => {
    const [sync] = syncs({}, { local: s.local() });
    expect(verificationText(sync!.verify, sync!.disks[0]!)).toBe(
      'what is copied is read back; 4,096 blocks outside of it compared, a fault of 0.1 % is found with 98.36 % (reads 256.0 MiB and the delta on each side); more than usual, because it is the first delta',
    );
    const [live] = syncs(s.cutover);
    expect(verificationText(live!.verify, live!.disks[0]!)).toBe('all of the disk is compared (reads 40.0 GiB on each side)');
  });

  test.each([
    [1024, 1_638_400, '1,024 blocks compared, a fault of 1 % is found with 99.99 %'],
    [4096, 1_638_400, '4,096 blocks compared, a fault of 0.1 % is found with 98.35 %'],
    [16_384, 1_638_400, '16,384 blocks compared, a fault of 0.1 % is found with 99.99 %'],
    [1024, 1025, '1,024 blocks compared, a fault of 0.01 % is found with 99.90 %'],
    [100, 1_638_400, '100 blocks compared, a fault of 1 % is found with 63.39 %'],
    [128, 128, 'all 128 blocks compared'],
    [1, 1, 'all 1 block compared'],
  ])('%d of %d blocks', (compared, total, text) => {
    expect(powerText(compared, total)).toBe(text);
  });
});
