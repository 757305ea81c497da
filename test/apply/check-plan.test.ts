import { describe, expect, test } from 'vitest';
import { checkCoverage, checkFacts } from '../../src/apply/check-plan.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { entry, named, samplePlan } from '../plan/sample-plan.js';
import * as s from '../plan/scene.js';

const oldServer = (over: object = {}): ObservedMigration => {
  const vm = s.cloudVm();
  return s.observed({
    source: { kind: 'found', vm: { ...vm, cloud: { ...vm.cloud!, ...over } } },
    volumes: { '2000': [] },
    catalog: { ...s.catalog, flavors: ['m1.old', 'm1.huge'], networks: ['tenant-net'] },
  });
};
const wanted = named('old', {
  ...s.cutover,
  cbtSync: false,
  target: { provider: 'cloud', server: { name: 'old', securityGroups: [] } },
});

const world = (desired: DesiredMigration, observed: ObservedMigration) => new Map([[desired.address, { desired, observed }]]);
const progress = (begun: readonly string[], done: readonly string[]) => ({ plan: '', startedAt: '', by: '', begun, done });

describe('before anything is touched', () => {
  const plan = samplePlan([entry(wanted, oldServer())]);

  test('a source server that got another flavor since the review: refused, naming the field and both values', () => {
    const resized = world(wanted, oldServer({ flavor: 'm1.huge' }));
    expect(checkFacts(plan, resized, undefined)).toEqual([]);
    expect(checkCoverage(plan, resized, { progress: undefined, now: s.NOW })).toMatchObject([
      { code: 'MP3011', address: 'vm/old', detail: expect.stringContaining('server.flavor "m1.old" -> "m1.huge"') },
    ]);
  });

  test('what was begun is compared as well, what is done is not', () => {
    const resized = world(wanted, oldServer({ flavor: 'm1.huge' }));
    const check = (begun: readonly string[], done: readonly string[]) =>
      checkCoverage(plan, resized, { progress: progress(begun, done), now: s.NOW });
    expect(check(['vm/old'], [])).toMatchObject([{ code: 'MP3011' }]);
    expect(check(['vm/old'], ['vm/old'])).toEqual([]);
  });

  test('nothing is refused in the world the plan was made from', () => {
    const same = world(wanted, oldServer());
    expect(checkFacts(plan, same, undefined)).toEqual([]);
    expect(checkCoverage(plan, same, { progress: undefined, now: s.NOW })).toEqual([]);
  });
});
