import { expect, test } from 'vitest';
import { vmRef } from '../../src/model/ids.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { judgeTogether } from '../../src/plan/together/judge-together.js';
import { brief } from './brief.js';
import * as s from './plan-fixture.js';

const planned = (name: string, over: Parameters<typeof s.vm>[0] = {}) => {
  const desired = s.desired({ ...s.seed, name, address: `vm/${name}` });
  const observed = s.observed({ source: { kind: 'found', vm: s.vm(over) }, volumes: { '2000': [] } });
  return { desired, observed, catalog: observed.catalog, plan: planMigration(desired, observed, { now: s.NOW }) };
};
const judged = (...all: ReturnType<typeof planned>[]) => judgeTogether(all, { parallelism: 2, isChosen: false, transfers: 2 });

test('MP2085: one VM that two manifests name, the one by its path and the other by its instanceUuid: neither is touched', () => {
  const plans = judged(
    planned('a'),
    planned('b', { instanceUuid: s.VM_UUID.toUpperCase() }),
    planned('c', { instanceUuid: 'other' }),
  );
  expect(plans.slice(0, 2).map(brief)).toEqual([['error MP2085 vm/a'], ['error MP2085 vm/b']]);
  expect(plans.slice(0, 2).map(({ diagnostics: [first] }) => first?.detail)).toEqual([
    `its source is the VM "erp-db01" (${s.VM_UUID}), which vm/b migrates too`,
    `its source is the VM "erp-db01" (${s.VM_UUID.toUpperCase()}), which vm/a migrates too`,
  ]);
  expect(brief(plans[2]!).join()).toContain('full new-volume');
});

test('a clone with the same name and a UUID of its own is another VM', () => {
  const plans = judged(planned('a'), planned('b', { instanceUuid: 'other', ref: vmRef('vm-43') }));
  expect(plans.flatMap(({ diagnostics }) => diagnostics)).toEqual([]);
});
