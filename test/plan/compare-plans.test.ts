import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePlans, isSame } from '../../src/plan/file/compare-plans.js';
import type { PlanFile } from '../../src/plan/file/plan-file.js';
import { type PlannedEntry, plannedEntry } from '../../src/plan/file/planned-entry.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';
import { entries, entry, named, samplePlan } from './sample-plan.js';

const all = Object.values(entries);
const before = samplePlan();
const without = (address: string) => all.filter((one) => one.address !== address);
const fields = (changed: PlannedEntry) =>
  comparePlans(before, samplePlan([...without(changed.address), changed])).vms.flatMap(({ differences }) => differences);

describe('two plans', () => {
  test('of the same world are the same, though id, times and the order of VMs are not', () => {
    const later = samplePlan([...all].reverse(), { id: 'other', createdAt: '2026-06-02T12:00:00.000Z', createdBy: 'somebody' });
    expect(comparePlans(before, later)).toEqual({ vms: [], common: [], same: all.length });
    expect(isSame(comparePlans(before, later))).toBe(true);
  });
  test('of the same world are the same an hour later: what is expected of a delta moves with the clock', () => {
    const desired = named('erp-db01');
    const history = { '2000': [{ bytes: 2 ** 30, intervalSeconds: 3600 }] };
    const world = s.observed({ local: s.local({ lastSync: { '2000': '2026-06-01T11:00:00Z' }, deltaHistory: history }) });
    const at = (hours: number) => {
      const now = new Date(s.NOW.getTime() + hours * 3_600_000);
      return samplePlan([plannedEntry(desired, world, { ...planMigration(desired, world, { now }), atOnce: 2 })]);
    };
    const expected = (plan: PlanFile) =>
      JSON.stringify(plan.migrations[0]!.actions).match(/"confidence":"estimate","bytes":\d+/g);
    expect(expected(at(1))).not.toEqual(expected(at(0)));
    expect(comparePlans(at(0), at(1))).toEqual({ vms: [], common: [], same: 1 });
  });
  test('a VM that is in one of them only', () => {
    const [one, other] = [samplePlan(without('vm/hr-02')), samplePlan(without('vm/web-03'))];
    expect(comparePlans(one, other).vms).toEqual([
      { address: 'vm/hr-02', kind: 'added', differences: [] },
      { address: 'vm/web-03', kind: 'removed', differences: [] },
    ]);
  });
  test('another value of an action, by its place', () => {
    const world = s.observed({ local: s.local({ lastSync: { '2000': '2026-06-01T11:00:00Z' } }) });
    const other = entry(named('erp-db01', { limits: { deltaBytes: 2 ** 30 }, hwMachineType: 'pc-i440fx-rhel7.6.0' }), world);
    expect(fields(other)).toContainEqual({ field: 'actions.1.disks.0.limitBytes', before: 10 * 2 ** 30, after: 2 ** 30 });
  });
  test('an action more, an action less', () => {
    const [first, ...rest] = entries.delta.actions;
    expect(fields({ ...entries.delta, actions: rest })).toEqual([{ field: 'actions.0', before: first, after: undefined }]);
    const more = { kind: 'enable-cbt' } as const;
    expect(fields({ ...entries.delta, actions: [first!, more, ...rest] })).toEqual([
      { field: 'actions.1', before: undefined, after: more },
    ]);
  });
  test('what it was decided on, its window and its wave', () => {
    const { window: _, ...rest } = entries.cutover;
    expect(fields({ ...rest, wave: '11', facts: { ...rest.facts, 'vm.power': 'off' } })).toEqual(
      expect.arrayContaining([
        { field: 'wave', before: '10', after: '11' },
        { field: 'window', before: expect.objectContaining({ cron: '0 22 * * 6' }), after: undefined },
        { field: 'facts.vm.power', before: 'on', after: 'off' },
      ]),
    );
  });
  test('a line more above a field of the manifest is no difference', () => {
    const moved = entries.reset.diagnostics.map((one) => ({
      ...one,
      source: { ...one.source!, start: { line: 90, column: 3, offset: 1000 } },
    }));
    expect(fields({ ...entries.reset, diagnostics: moved })).toEqual([]);
  });
  test('another cloud and another selection are told apart from VMs', () => {
    const other = samplePlan(all, { selected: ['vm/*'] });
    expect(comparePlans(before, other)).toMatchObject({
      vms: [],
      common: [{ field: 'selected.0', before: undefined, after: 'vm/*' }],
    });
  });
  test('no change of a value is missed, wherever it is', () => {
    const paths = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, child]) => paths(child, [...path, key]))
        : [path];
    const seen = JSON.parse(JSON.stringify(entries.cutover)) as PlannedEntry;
    const leaves = paths(seen).filter(
      (path) => !path.includes('source') && !path.includes('forecast') && !['address', 'diagnostics'].includes(path[0]!),
    );
    fc.assert(
      fc.property(fc.constantFrom(...leaves), (path) => {
        const changed = structuredClone(seen) as unknown as Record<string, unknown>;
        const parent = path
          .slice(0, -1)
          .reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, changed);
        parent[path.at(-1)!] = '__changed';
        const plan = { ...before, migrations: [...without('vm/win-fs1'), changed as unknown as PlannedEntry] };
        expect(comparePlans(before, plan).vms).toMatchObject([{ address: 'vm/win-fs1', kind: 'changed' }]);
      }),
      { numRuns: 200 },
    );
  });
});
