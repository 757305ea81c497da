import { describe, expect, test } from 'vitest';
import type { PlanRules } from '../../src/model/plan-rules.js';
import type { MaintenanceWindow } from '../../src/model/window.js';
import type { PlannedEntry } from '../../src/plan/file/planned-entry.js';
import { firstAllowed } from '../../src/plan/policy/allowed-times.js';
import { judgeRules } from '../../src/plan/policy/judge-rules.js';
import type { RuleMoment } from '../../src/plan/policy/rule-moment.js';
import { entries } from './sample-plan.js';

const GiB = 2 ** 30;
const NOON = new Date('2026-06-01T12:00:00Z');
const hours = (count: number): Date => new Date(NOON.getTime() + count * 3_600_000);
const made: RuleMoment = { kind: 'made', now: NOON, expires: hours(12) };
const applied: RuleMoment = { ...made, kind: 'applied' };
const place = { start: { line: 9, column: 5, offset: 0 }, end: { line: 9, column: 9, offset: 4 }, file: 'migplan.yaml' };
const places = Object.fromEntries(
  ['environment', 'phases', 'cutovers', 'delta', 'windows', 'freezes'].map((rule) => [rule, place]),
);

/** Open every day from an hour (UTC) for so many. */
const daily = (hour: number, duration: number): MaintenanceWindow => ({
  kind: 'cron',
  cron: `0 ${hour} * * *`,
  durationSeconds: duration * 3600,
  timezone: 'UTC',
});
const freeze = (from: Date, to: Date) => ({ name: 'year-end', start: from.toISOString(), end: to.toISOString() });

interface Row {
  readonly name: string;
  readonly rules: Omit<PlanRules, 'of' | 'places'>;
  readonly entries?: readonly PlannedEntry[];
  readonly environment?: string;
  readonly moment?: RuleMoment;
  /** Rule and address of each violation. */
  readonly broken: readonly string[];
}

const { delta, cutover, merging, created } = entries;
const limited = (deltaBytes: number): PlannedEntry => ({
  ...delta,
  actions: delta.actions.map((action) =>
    action.kind === 'sync'
      ? { ...action, disks: action.disks.map((disk) => (disk.mode === 'delta' ? { ...disk, limitBytes: deltaBytes } : disk)) }
      : action,
  ),
});
const unlimited: PlannedEntry = {
  ...delta,
  actions: delta.actions.map((action) =>
    action.kind === 'sync'
      ? {
          ...action,
          disks: action.disks.map((disk) => {
            const { limitBytes: _, ...rest } = { limitBytes: 0, ...disk };
            return rest as typeof disk;
          }),
        }
      : action,
  ),
};

const rows: readonly Row[] = [
  { name: 'no rules', rules: {}, broken: [] },
  { name: 'the environment asked for', rules: { environment: 'prod' }, environment: 'prod', broken: [] },
  { name: 'another environment', rules: { environment: 'prod' }, environment: 'test', broken: ['environment'] },
  { name: 'no environment', rules: { environment: 'prod' }, broken: ['environment'] },
  { name: 'a phase that the environment takes', rules: { phases: { prod: ['sync'] } }, environment: 'prod', broken: [] },
  {
    name: 'a phase that it does not take',
    rules: { phases: { prod: ['seed', 'sync'], test: ['cutover'] } },
    environment: 'prod',
    entries: [delta, cutover],
    broken: ['phases vm/win-fs1'],
  },
  {
    name: 'an environment without phases',
    rules: { phases: { test: ['sync'] } },
    environment: 'prod',
    broken: ['phases vm/erp-db01'],
  },
  { name: 'phases, and no environment', rules: { phases: { test: ['sync'] } }, broken: ['phases vm/erp-db01'] },
  {
    name: 'an environment called like a method',
    rules: { phases: {} },
    environment: 'constructor',
    broken: ['phases vm/erp-db01'],
  },
  { name: 'as many cutovers as may be', rules: { cutovers: 2 }, entries: [cutover, merging, delta], broken: [] },
  { name: 'one cutover more', rules: { cutovers: 1 }, entries: [cutover, merging, delta], broken: ['cutovers'] },
  { name: 'no cutover at all', rules: { cutovers: 0 }, entries: [cutover], broken: ['cutovers'] },
  { name: 'a delta with a limit', rules: { deltaBytes: 10 * GiB }, entries: [limited(10 * GiB)], broken: [] },
  {
    name: 'a limit that is larger',
    rules: { deltaBytes: 10 * GiB },
    entries: [limited(11 * GiB)],
    broken: ['delta vm/erp-db01'],
  },
  { name: 'no limit', rules: { deltaBytes: 10 * GiB }, entries: [unlimited], broken: ['delta vm/erp-db01'] },
  { name: 'a delta expected to be larger', rules: { deltaBytes: GiB }, entries: [limited(GiB)], broken: ['delta vm/erp-db01'] },
  { name: 'a first copy is no delta', rules: { deltaBytes: GiB }, entries: [created], broken: [] },
  { name: 'a freeze now, over before the plan is', rules: { freezes: [freeze(hours(-1), hours(2))] }, broken: [] },
  { name: 'a freeze now, at apply', rules: { freezes: [freeze(hours(-1), hours(2))] }, moment: applied, broken: ['freezes'] },
  { name: 'a freeze as long as the plan', rules: { freezes: [freeze(hours(-1), hours(13))] }, broken: ['freezes'] },
  { name: 'a freeze that begins later, at apply', rules: { freezes: [freeze(hours(1), hours(2))] }, moment: applied, broken: [] },
  { name: 'the end of a freeze is free', rules: { freezes: [freeze(hours(-1), NOON)] }, moment: applied, broken: [] },
  {
    name: 'two freezes, one after the other',
    rules: { freezes: [freeze(hours(5), hours(13)), freeze(hours(-1), hours(5))] },
    broken: ['freezes'],
  },
  { name: 'a window that opens tonight', rules: { windows: [daily(22, 4)] }, broken: [] },
  { name: 'a window that is closed, at apply', rules: { windows: [daily(22, 4)] }, moment: applied, broken: ['windows'] },
  { name: 'a window that is open, at apply', rules: { windows: [daily(3, 1), daily(11, 2)] }, moment: applied, broken: [] },
  { name: 'a window that opens too late', rules: { windows: [daily(3, 1)] }, broken: ['windows'] },
  { name: 'a list of no windows', rules: { windows: [] }, broken: ['windows'] },
  {
    name: 'a window within a freeze',
    rules: { windows: [daily(22, 1)], freezes: [freeze(hours(9), hours(12))] },
    broken: ['windows'],
  },
  {
    name: 'a VM whose own window is never open at the same time',
    rules: { windows: [daily(22, 1)] },
    entries: [{ ...delta, window: daily(13, 1) }, created],
    broken: ['windows vm/erp-db01'],
  },
  {
    name: 'a VM whose own window meets it',
    rules: { windows: [daily(22, 2)] },
    entries: [{ ...delta, window: daily(23, 4) }],
    broken: [],
  },
  {
    name: 'nothing to do',
    rules: { cutovers: 0, windows: [], freezes: [freeze(hours(-1), hours(99))] },
    entries: [entries.seeded],
    broken: [],
  },
];

describe('rules for plans', () => {
  test.each(rows)('$name', ({ rules, environment, entries: judged = [delta], moment = made, broken }) => {
    const found = judgeRules({ entries: judged, environment }, { of: 'the Project', places, ...rules }, moment);
    const rule = (detail: string): string => /^rule "(\w+)" of the Project: /.exec(detail)![1]!;
    expect(found.map(({ detail, address }) => [rule(detail), address].filter(Boolean).join(' '))).toEqual(broken);
    for (const { code, source, nextSteps = [] } of found) {
      expect([code, source]).toEqual(['MP3020', place]);
      expect(nextSteps.at(-1)).toMatch(/^(or )?have it allowed by whoever may change policy\.\w+ of the Project$/);
    }
  });

  test('a plan that has to wait says until when', () => {
    const [found] = judgeRules(
      { entries: [delta], environment: undefined },
      { of: 'the Project', places: {}, freezes: [freeze(hours(-1), hours(2))] },
      applied,
    );
    expect(found?.nextSteps?.[0]).toBe('run the same plan again from 2026-06-01T14:00:00.000Z on');
  });

  test('windows that never meet are given up', () => {
    const never = { windows: [daily(1, 1)], own: daily(3, 1) };
    expect(firstAllowed(never, NOON, hours(24 * 366 * 30))).toBeUndefined();
  });
});
