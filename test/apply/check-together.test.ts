import { expect, test } from 'vitest';
import { checkTogether } from '../../src/apply/check-together.js';
import { planAlone } from '../../src/plan/together/plan-alone.js';
import * as s from '../plan/plan-fixture.js';

/** A VM with one new volume, in a project that has room for so many. */
const vm = (name: string, volumesLeft: number, over: object = {}) =>
  planAlone(
    s.desired({ name, address: `vm/${name}` }),
    s.observed({
      source: { kind: 'found', vm: s.vm({ instanceUuid: name, ...over }) },
      volumes: { '2000': [] },
      catalog: { ...s.catalog, quota: { volumesLeft } },
    }),
    { now: s.NOW },
  );
const told = (fresh: Parameters<typeof checkTogether>[0], begun: readonly string[] = []): string[] =>
  checkTogether(fresh, { begun: new Set(begun), parallelism: 2, transfers: 1 }).map(({ address, code }) => `${address} ${code}`);

test('room for both', () => {
  expect(told([vm('a', 2), vm('b', 2)])).toEqual([]);
});

test('room for one of two, and for none', () => {
  expect(told([vm('a', 1), vm('b', 1)])).toEqual(['vm/b MP2019']);
  expect(told([vm('a', 0), vm('b', 0)])).toEqual(['vm/a MP2019', 'vm/b MP2019']);
});

test('what has begun takes its room before the others, and is not refused: it goes on as far as it can', () => {
  expect(told([vm('a', 1), vm('b', 1)], ['vm/b'])).toEqual(['vm/a MP2019']);
  expect(told([vm('a', 1), vm('b', 1)], ['vm/a', 'vm/b'])).toEqual([]);
});

test('what is wrong with one alone concerns no other, and takes no room', () => {
  const diskless = vm('a', 1, { disks: [] });
  expect(diskless.plan.diagnostics).toMatchObject([{ severity: 'error' }]);
  expect(told([diskless, vm('b', 1)])).toEqual([]);
});

test('one VM under two names', () => {
  expect(told([vm('a', 9), vm('b', 9, { instanceUuid: 'a' })])).toEqual(['vm/a MP2085', 'vm/b MP2085']);
});
