import { expect, test } from 'vitest';
import { readJournal } from '../src/engine/runs/read-journal.js';
import { selectMigrations } from '../src/manifest/migration/select-migrations.js';
import { NameIndex } from '../src/model/same-name.js';
import { TotalProgress } from '../src/views/apply/total-progress.js';
import { fleet } from './plan/fleet.js';
import * as s from './plan/plan-fixture.js';
import { fleetPlan } from './report/plans.js';
import { grownTooMuch } from './work.js';

// What is done once for each of many: it does not go through all of them each time.
const COUNT = 500;

test('a selection that names every VM, as a plan has that leaves some out', () => {
  const select = (count: number): void => {
    const migrations = fleet(count).map(({ desired }) => desired);
    const named = migrations.map(({ address }) => address);
    expect(selectMigrations(migrations, named).selected).toHaveLength(count);
    expect(
      selectMigrations(
        migrations,
        named.map((address) => `!${address}`),
      ).selected,
    ).toEqual([]);
  };
  expect(grownTooMuch(select, COUNT)).toEqual([]);
});

test('progress of a whole run, told with every copy', () => {
  const run = (count: number): void => {
    const plan = fleetPlan(count);
    const total = new TotalProgress(plan, 0);
    for (const [index, { address }] of plan.migrations.entries()) {
      total.update(`${address}/disk/2000`, { done: 1, total: 2 }, index);
      total.finished(`${address}/disk/2000`, index);
      total.text();
    }
  };
  expect(grownTooMuch(run, COUNT)).toEqual([]);
});

test('a journal with many lines of one disk', () => {
  const read = (count: number): void => {
    const line = (event: string, fields: object = {}) =>
      JSON.stringify({ at: s.NOW.toISOString(), event, address: 'vm/a', ...fields });
    const copy = { disk: 2000, mode: 'full', cycle: 1, capacity: 1 };
    const lines = Array.from({ length: count }, (_, done) => [
      line('progress', { disk: 2000, bytesDone: done, bytesTotal: count }),
      line('note', { text: 'x' }),
      line('conversion-stage', { stage: 'x', percent: 1 }),
    ]);
    const text = [line('vm-start'), line('action-start', { kind: 'sync' }), line('disk-start', copy), ...lines.flat()].join('\n');
    const [vm] = readJournal('run', text).vms;
    expect([vm?.notes.length, vm?.steps[0]?.stages.length, vm?.steps[0]?.disks[0]?.progress.length]).toEqual([
      count,
      count,
      count,
    ]);
  };
  expect(grownTooMuch(read, COUNT)).toEqual([]);
});

test('names that are looked up, whatever form they are written in, and some that are not there', () => {
  const look = (count: number): void => {
    const names = Array.from({ length: count }, (_, index) => `büro-${index}`);
    const index = new NameIndex(names, (name) => name);
    for (const name of names) {
      expect(index.named(name)).toEqual([name]);
      expect(index.named(name.normalize('NFD'))).toEqual([name]);
      expect(index.named(`${name}x`)).toEqual([]);
    }
  };
  expect(grownTooMuch(look, COUNT)).toEqual([]);
});
