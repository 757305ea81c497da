import { describe, expect, test } from 'vitest';
import { windowRefusal } from '../../src/apply/check-windows.js';
import type { MigrationOutcome } from '../../src/apply/migration-outcome.js';
import type { MigrationResult } from '../../src/apply/migration-result.js';
import { exitOf } from '../../src/engine/exit-of-outcomes.js';
import type { MaintenanceWindow } from '../../src/model/window.js';
import * as s from '../plan/plan-fixture.js';

describe('how apply ends says what helps', () => {
  test.each<[string, readonly MigrationResult[], number]>([
    ['all is done', ['done', 'done'], 0],
    ['nothing is left', [], 0],
    ['one failed', ['done', 'failed'], 6],
    ['one waits for its window', ['done', 'not-started'], 6],
    ['one is blocked by the plan', ['done', 'blocked'], 6],
    ['one is not approved', ['done', 'not-approved'], 6],
    ['nothing but what is not approved is there', ['not-approved'], 6],
    ['others work on all', ['locked', 'locked'], 5],
    ['others work on all that is left', ['done', 'locked'], 5],
    ['others work on one, another failed', ['locked', 'failed'], 6],
    ['others work on one, another is not approved', ['locked', 'not-approved'], 6],
    ['others work on one, another is blocked', ['locked', 'blocked'], 6],
    ['others work on one, another is refused', ['locked', 'refused'], 6],
    ['all are blocked by the plan', ['blocked'], 6],
    ['the last look before the only VM refused the plan: nothing was changed', ['refused'], 4],
    ['the last look before each VM refused the plan', ['refused', 'refused'], 4],
    ['one is refused, the other was blocked anyway', ['refused', 'blocked'], 4],
    ['one is refused, the other done', ['refused', 'done'], 6],
    ['one is refused, the other waits for its window', ['refused', 'not-started'], 6],
    ['one is refused, the other failed', ['refused', 'failed'], 6],
  ])('%s', (_name, results, code) => {
    expect(exitOf(results.map((result): MigrationOutcome => ({ address: 'vm/a', result, diagnostics: [] })))).toBe(code);
  });
});

describe('a plan that is applied while all windows are closed', () => {
  const once = (day: string): MaintenanceWindow => ({ kind: 'once', start: `${day}T00:00:00Z`, end: `${day}T01:00:00Z` });
  const [past, future] = [once('2020-01-01'), once('2099-01-01')];
  const nightly: MaintenanceWindow = { kind: 'cron', cron: '0 3 * * *', durationSeconds: 60, timezone: 'UTC' };
  const refusalOf = (...windows: readonly (MaintenanceWindow | undefined)[]) => {
    const left = windows.map((window, index) => s.desired({ address: `vm/${index}`, ...(window && { window }) }));
    const refusal = windowRefusal(left, s.NOW);
    return refusal && `${refusal.exit} ${refusal.diagnostics.map(({ nextSteps }) => nextSteps?.[0]).join('; ')}`;
  };

  test.each<[string, readonly (MaintenanceWindow | undefined)[], RegExp]>([
    ['waiting helps', [future], /^6 run the same plan again in the window: it opens at 2099-01-01T00:00:00\.000Z$/],
    ['waiting helps one of them', [past, nightly], /^6 it does not open again.*; run the same plan again in the window/],
    ['waiting does not help', [past], /^4 it does not open again: change spec\.window, and make a new plan$/],
  ])('%s', (_name, windows, expected) => {
    expect(refusalOf(...windows)).toMatch(expected);
  });

  test('none is refused where one may begin, or nothing is left', () => {
    expect(refusalOf(past, undefined)).toBeUndefined();
    expect(refusalOf()).toBeUndefined();
  });
});
