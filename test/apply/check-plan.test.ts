import { describe, expect, test } from 'vitest';
import { checkCoverage, checkFacts, checkInputs, checkTargets } from '../../src/apply/check-plan.js';
import type { ProviderIdentity } from '../../src/contracts/provider.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import { planAlone } from '../../src/plan/together/plan-alone.js';
import * as s from '../plan/plan-fixture.js';
import { entry, named, samplePlan, worlds } from '../plan/sample-plan.js';

const oldServer = (over: object = {}): ObservedMigration => {
  const vm = s.cloudVm();
  return s.observed({
    source: { kind: 'found', vm: { ...vm, openstackGuest: { ...vm.openstackGuest!, ...over } } },
    volumes: { '2000': [] },
    catalog: { ...s.catalog, flavors: ['m1.old', 'm1.huge'], networks: ['tenant-net'] },
  });
};
const wanted = named('old', {
  ...s.cutover,
  cbtSync: false,
  target: { provider: 'cloud', server: { name: 'old', securityGroups: [] } },
});

const world = (desired: DesiredMigration, observed: ObservedMigration) =>
  new Map([[desired.address, planAlone(desired, observed, { now: s.NOW })]]);
const progress = (begun: readonly string[], done: readonly string[]) => ({ plan: '', startedAt: '', by: '', begun, done });

describe('before anything is touched', () => {
  const plan = samplePlan([entry(wanted, oldServer())]);

  test('a source server that got another flavor since the review: refused, naming the field and both values', () => {
    const resized = world(wanted, oldServer({ flavor: 'm1.huge' }));
    expect(checkFacts(plan, resized, undefined)).toEqual([]);
    expect(checkCoverage(plan, resized, undefined)).toMatchObject([
      { code: 'MP3011', address: 'vm/old', detail: expect.stringContaining('server.flavor "m1.old" -> "m1.huge"') },
    ]);
  });

  test('what was begun is compared as well, what is done is not', () => {
    const resized = world(wanted, oldServer({ flavor: 'm1.huge' }));
    const check = (begun: readonly string[], done: readonly string[]) => checkCoverage(plan, resized, progress(begun, done));
    expect(check(['vm/old'], [])).toMatchObject([{ code: 'MP3011' }]);
    expect(check(['vm/old'], ['vm/old'])).toEqual([]);
  });

  test('nothing is refused in the world the plan was made from', () => {
    const same = world(wanted, oldServer());
    expect(checkFacts(plan, same, undefined)).toEqual([]);
    expect(checkCoverage(plan, same, undefined)).toEqual([]);
  });
});

const plan = samplePlan();
const selected = plan.migrations.map(({ address }) => worlds.get(address)!.desired);
const inTime = new Date('2026-06-01T13:00:00Z');
const inputs = { configDigest: plan.inputs.config_digest, files: plan.inputs.files, settings: { variables: {} }, selected };

describe('what a plan was made from', () => {
  test('the same files, in time', () => {
    expect(checkInputs(plan, inTime, inputs)).toEqual([]);
  });

  test('MP3004: it has expired', () => {
    expect(checkInputs(plan, new Date('2026-06-09T00:00:00Z'), inputs)).toMatchObject([{ code: 'MP3004' }]);
  });

  test('MP3017: it was made in the future, so it would never expire; clocks may differ a little', () => {
    expect(checkInputs(plan, new Date('2026-06-01T11:49:00Z'), inputs)).toMatchObject([
      { code: 'MP3017', detail: expect.stringContaining('made at 2026-06-01T12:00:00.000Z, and here it is 2026-06-01T11:49') },
    ]);
    expect(checkInputs(plan, new Date('2026-06-01T11:51:00Z'), inputs)).toEqual([]);
  });

  test('MP3016: the window, the wave or the labels that were reviewed are not those of the manifest', () => {
    const cutover = plan.migrations.find(({ window }) => window !== undefined)!;
    const check = (change: object) =>
      checkInputs(
        { ...plan, migrations: plan.migrations.map((one) => (one === cutover ? { ...one, ...change } : one)) },
        inTime,
        inputs,
      );
    expect(check({})).toEqual([]);
    const window = { ...cutover.window, durationSeconds: 60 };
    expect(check({ window })).toMatchObject([
      { code: 'MP3016', detail: 'the plan says another window of vm/win-fs1 than its manifest; nothing was changed' },
    ]);
    expect(check({ window: undefined })).toMatchObject([{ code: 'MP3016' }]);
    expect(check({ wave: '11' })).toMatchObject([{ code: 'MP3016', detail: expect.stringContaining('another wave') }]);
    expect(check({ labels: { wave: '10', hold: 'no' } })).toMatchObject([{ code: 'MP3016' }]);
    expect(check({ labels: undefined })).toMatchObject([{ code: 'MP3016', detail: expect.stringContaining('another labels') }]);
  });

  test('MP3006: environment or variables are not those of the plan, though the manifests ask for the same', () => {
    const settings = { environment: 'prod', variables: { flavor: 'm1.large' } };
    const ofProd = { ...plan, inputs: { ...plan.inputs, settings } };
    const check = (now: typeof inputs.settings & { environment?: string }) =>
      checkInputs(ofProd, inTime, { ...inputs, settings: now });
    expect(check(settings)).toEqual([]);
    expect(check({ ...settings, environment: 'test' })).toMatchObject([{ code: 'MP3006' }]);
    expect(check({ environment: 'prod', variables: { flavor: 'm1.small' } })).toMatchObject([{ code: 'MP3006' }]);
    expect(check({ variables: {} })).toMatchObject([{ code: 'MP3006' }]);
    expect(checkInputs(plan, inTime, { ...inputs, settings })).toMatchObject([{ code: 'MP3006' }]);
  });

  test('MP3006: a manifest changed, by name', () => {
    const files = [
      { path: 'manifests/erp-db01.yaml', sha256: 'changed' },
      { path: 'migplan.yaml', sha256: 'bb' },
    ];
    expect(checkInputs(plan, inTime, { ...inputs, configDigest: 'other', files })).toMatchObject([
      { code: 'MP3006', detail: 'manifests/erp-db01.yaml changed since the plan was made; nothing was changed' },
    ]);
  });

  test.each([
    ['leaves a VM out', selected.concat(named('other')), 'vm/other is not in the plan of the manifests'],
    ['has a VM of no manifest', selected.slice(1), 'is in the plan, and not one of the manifests'],
    [
      'calls a cutover a seed',
      selected.map((desired) => (desired.address === 'vm/erp-db01' ? { ...desired, phase: 'cutover' as const } : desired)),
      'the plan says phase "sync" of vm/erp-db01, its manifest "cutover"',
    ],
  ])('MP3016: it %s, though the manifests are the same', (_name, migrations, detail) => {
    expect(checkInputs(plan, inTime, { ...inputs, selected: migrations })).toMatchObject([
      { code: 'MP3016', detail: expect.stringContaining(detail) },
    ]);
  });
});

describe('the cloud a plan is for', () => {
  const cloud = { kind: 'openstack', endpoint: 'https://keystone.example.com/v3', id: 'project-1', region: 'one' } as const;
  const check = (over: Partial<ProviderIdentity>) => checkTargets(plan, new Map([['prod', { ...cloud, ...over }]]));

  test('the same, however its URL is written', () => {
    for (const endpoint of ['https://keystone.example.com:443/v3/', 'https://KEYSTONE.example.com', cloud.endpoint]) {
      expect(check({ endpoint })).toEqual([]);
    }
  });

  test.each<[string, Partial<ProviderIdentity>, string]>([
    ['another region', { region: 'two' }, 'region: "one" -> "two"'],
    ['another project', { id: 'project-2' }, 'id: "project-1" -> "project-2"'],
    ['another cloud with the ids of this one', { endpoint: 'https://staging/v3' }, '-> "https://staging/v3"'],
    ['another kind', { kind: 'vmware' }, 'kind: "openstack" -> "vmware"'],
  ])('MP3005: %s is refused, naming the field', (_name, over, line) => {
    expect(check(over)).toMatchObject([{ code: 'MP3005', detail: expect.stringContaining(line) }]);
  });

  test('MP3005: a region where the plan has none, and none where it has one', () => {
    const { region: _, ...nowhere } = cloud;
    expect(checkTargets(plan, new Map([['prod', nowhere]]))).toMatchObject([{ code: 'MP3005' }]);
    const targets = plan.targets.map(({ region: __, ...target }) => target);
    expect(checkTargets({ ...plan, targets }, new Map([['prod', cloud]]))).toMatchObject([{ code: 'MP3005' }]);
  });

  test('MP3005: a provider that the plan does not name', () => {
    expect(checkTargets({ ...plan, targets: plan.targets.slice(1) }, new Map([['prod', cloud]]))).toMatchObject([
      { code: 'MP3005', detail: expect.stringContaining('the plan does not say what "prod" is') },
    ]);
  });
});
