import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import { diskKey } from '../../src/model/ids.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { downtimeEstimate, secondsTogether } from '../../src/plan/cutover/downtime.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

describe('the downtime limit', () => {
  const limited = { limits: { downtimeSeconds: 600 } };
  const planned = (over: Partial<DesiredMigration>, observed: Partial<ObservedMigration> = {}) =>
    brief(planMigration(s.desired({ ...over, ...limited }), s.observed(observed), { now: s.NOW }));

  test('after a first full copy one more delta is taken while the guest runs: it is what the limit is judged by', () => {
    expect(planned(s.cutover, { volumes: { '2000': [] } }).filter((line) => /^sync|^power/.test(line))).toEqual([
      'sync live #1: full new-volume',
      'sync live #2: delta since live',
      'power-off',
      'sync final #3: delta since live',
    ]);
    expect(planned(s.cutover).filter((line) => /^sync|^power/.test(line))).toEqual([
      'sync live #4: delta since …65 63/5',
      'power-off',
      'sync final #5: delta since live',
    ]);
  });

  test('MP2080: a whole disk copied with the VM off has no measure: blocked, not ignored', () => {
    expect(planned(s.cold, { volumes: { '2000': [] } })).toEqual(['error MP2080 vm/erp-db01']);
    expect(planned(s.cold, { source: { kind: 'found', vm: s.cloudVm() }, volumes: { '2000': [] } })).toEqual([
      'error MP2080 vm/erp-db01',
    ]);
  });

  test('a VM that is off already has no downtime to come', () => {
    const off = { source: { kind: 'found', vm: s.vm({ power: 'off' }) }, volumes: { '2000': [] } } as const;
    expect(planned(s.cold, off).join()).not.toContain('MP2080');
  });

  test.each([
    [[600], 2, 600],
    [[300, 300, 300], 2, 600],
    [[100, 500, 100, 100], 2, 500],
    [[100, 200, 300], 1, 600],
    [[], 2, 0],
  ])('copies of %j s, %i at a time, take %i s together', (copies, atOnce, seconds) => {
    expect(secondsTogether(copies, atOnce)).toBe(seconds);
  });
});

describe('how long a VM stays off, as far as it is known', () => {
  const sample = (seconds?: number) => [{ bytes: 1, intervalSeconds: 60, ...(seconds === undefined ? {} : { seconds }) }];
  const estimate = (over: Partial<DesiredMigration>, observed: Partial<ObservedMigration>, history = {}) => {
    const { actions } = planMigration(s.desired(over), s.observed(observed), { now: s.NOW });
    return downtimeEstimate(actions, { deltaHistory: history }, 2);
  };

  test('by the newest delta, as many disks at a time as are copied then', () => {
    const history = { '2000': [...sample(80), ...sample(900)], '2001': sample(30) };
    const { actions } = planMigration(s.desired(s.cutover), s.observed(), { now: s.NOW });
    const ofTwo = actions.map((action) =>
      action.kind === 'sync' ? { ...action, disks: [...action.disks, { ...action.disks[0]!, disk: diskKey(2001) }] } : action,
    );
    const expected = { copy: 'delta', lastDeltaSeconds: 80, converts: true };
    expect(downtimeEstimate(ofTwo, { deltaHistory: history }, 2)).toEqual(expected);
    expect(downtimeEstimate(ofTwo, { deltaHistory: history }, 1)).toEqual({ ...expected, lastDeltaSeconds: 110 });
    expect(downtimeEstimate(ofTwo, { deltaHistory: { '2000': sample(80) } }, 2)).toEqual({ copy: 'delta', converts: true });
  });
  test('not without a delta, and not by a sample that says no time', () => {
    expect(estimate(s.cutover, {}, {})).toEqual({ copy: 'delta', converts: true });
    expect(estimate(s.cutover, {}, { '2000': sample() })).toEqual({ copy: 'delta', converts: true });
  });
  test('whole disks are told by their size, a skipped last sync as nothing to copy', () => {
    expect(estimate(s.cold, { volumes: { '2000': [] } })).toEqual({ copy: 'full', fullBytes: s.CAPACITY, converts: true });
    expect(estimate({ ...s.cutover, finalSync: 'skip' }, {})).toEqual({ copy: 'none', converts: true });
  });
  test('of a VM that is not powered off there is none', () => {
    expect(estimate({}, {})).toBeUndefined();
    expect(estimate(s.cutover, { source: { kind: 'found', vm: s.vm({ power: 'off' }) } })).toBeUndefined();
  });
});
