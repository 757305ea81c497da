import { describe, expect, test } from 'vitest';
import type { TargetCatalog } from '../../src/model/observed-target.js';
import type { Action } from '../../src/plan/core/action.js';
import type { WantedNic } from '../../src/plan/core/destination-nics.js';
import type { MigrationPlan } from '../../src/plan/plan-migration.js';
import { blockAddressClashes } from '../../src/plan/together/address-clashes.js';
import { blockOverQuota, type PlannedMigration } from '../../src/plan/together/quota.js';
import * as s from './plan-fixture.js';

const volume = (sizeGiB: number, type?: string): Action => ({
  kind: 'create-volume',
  disk: s.diskKey(2000),
  name: 'v',
  sizeGiB,
  capacity: sizeGiB * 2 ** 30,
  ...(type === undefined ? {} : { type }),
});
const server = (nics: readonly WantedNic[] = [], over: object = {}): Action => ({
  kind: 'create-server',
  disks: s.bootFirst(s.diskKey(2000), []),
  server: { name: 'v', flavor: 'm1.large' },
  nics,
  ...over,
});

const catalogOf = (quota: TargetCatalog['quota'], over: Partial<TargetCatalog> = {}): TargetCatalog => ({
  ...s.catalog,
  flavorSizes: [{ id: 'f-1', name: 'm1.large', cpus: 2, memoryMiB: 4096 }],
  volumeTypeTraits: [
    { id: 't-1', name: 'ssd', isDefault: true, encrypted: false, multiattach: false },
    { id: 't-2', name: 'hdd', isDefault: false, encrypted: false, multiattach: false },
  ],
  networkDetails: [{ id: 'net-1', name: 'prod', mayChooseAddresses: true }],
  quota,
  ...over,
});

const planned = (catalog: TargetCatalog, vms: readonly (readonly Action[])[]): PlannedMigration[] =>
  vms.map((actions, index) => {
    const desired = s.desired({ name: `vm${index}`, address: `vm/vm${index}` });
    return { desired, catalog, plan: { address: desired.address, actions, diagnostics: [], notes: [] } };
  });

const told = (plans: readonly MigrationPlan[]): string[] =>
  plans.map(({ actions, diagnostics }) =>
    diagnostics[0] === undefined ? `ok ${actions.length}` : `${diagnostics[0].code} ${diagnostics[0].detail}`,
  );

interface Row {
  readonly name: string;
  readonly quota: TargetCatalog['quota'];
  readonly vms: readonly (readonly Action[])[];
  readonly expected: readonly string[];
}

const rows: readonly Row[] = [
  { name: 'no limits are known', quota: {}, vms: [[volume(10)], [volume(10)]], expected: ['ok 1', 'ok 1'] },
  {
    name: 'volumes run out at the third VM',
    quota: { volumesLeft: 2 },
    vms: [[volume(1)], [volume(1)], [volume(1)]],
    expected: ['ok 1', 'ok 1', 'MP2019 cloud: the plan needs 3 new volumes and the quota leaves 2'],
  },
  {
    name: 'a VM that does not fit leaves its room to the next',
    quota: { gigabytesLeft: 10 },
    vms: [[volume(6)], [volume(8)], [volume(4)]],
    expected: ['ok 1', 'MP2019 cloud: the plan needs 14 GiB of volumes and the quota leaves 10', 'ok 1'],
  },
  {
    name: 'one volume too large',
    quota: { perVolumeGigabytes: 5 },
    vms: [[volume(6)]],
    expected: ['MP2019 cloud: a volume may have 5 GiB and 6 GiB are needed'],
  },
  {
    name: 'a limit of one type counts that type only',
    quota: { gigabytesLeftByType: { ssd: 10 } },
    vms: [[volume(8, 'ssd')], [volume(8, 'hdd')], [volume(4, 't-1')]],
    expected: ['ok 1', 'ok 1', 'MP2019 cloud: the plan needs 12 GiB of volumes of type ssd and the quota leaves 10'],
  },
  {
    name: 'a volume without a type is of the default type',
    quota: { volumesLeftByType: { ssd: 0 } },
    vms: [[volume(1)]],
    expected: ['MP2019 cloud: the plan needs 1 new volumes of type ssd and the quota leaves 0'],
  },
  {
    name: 'servers',
    quota: { instancesLeft: 1 },
    vms: [[server()], [server()]],
    expected: ['ok 1', 'MP2019 cloud: the plan needs 2 servers and the quota leaves 1'],
  },
  {
    name: 'cores and memory of the flavors',
    quota: { coresLeft: 3, ramMiBLeft: 4096 },
    vms: [[server()], [server()]],
    expected: [
      'ok 1',
      'MP2019 cloud: the plan needs 4 vCPUs and the quota leaves 3; the plan needs 8192 MiB of memory and the quota leaves 4096',
    ],
  },
  {
    name: 'ports',
    quota: { portsLeft: 1 },
    vms: [[server([{ network: 'a' }, { network: 'b' }])]],
    expected: ['MP2019 cloud: the plan needs 2 ports and the quota leaves 1'],
  },
  {
    name: 'a server in the place of one in ERROR takes no more',
    quota: { instancesLeft: 0, coresLeft: 0 },
    vms: [[server([], { replaces: 'srv' })]],
    expected: ['ok 1'],
  },
  {
    name: 'a VM that needs nothing is not blocked by a full project',
    quota: { volumesLeft: 0, portsLeft: 0 },
    vms: [[], [server()]],
    expected: ['ok 0', 'ok 1'],
  },
];

test.each(rows)('quota: $name', ({ quota, vms, expected }) => {
  expect(told(blockOverQuota(planned(catalogOf(quota), vms)))).toEqual(expected);
});

test('quota: two names of one project share its room, and its networks', () => {
  const vms = (...projects: string[]) =>
    planned(catalogOf({ volumesLeft: 1 }), [[volume(1)], [volume(1)]]).map((one, index) => ({
      ...one,
      desired: { ...one.desired, target: { ...one.desired.target, provider: `cloud-${index}` } },
      observed: { targetProject: projects[index]! },
    }));
  expect(told(blockOverQuota(vms('p', 'p')))).toEqual([
    'ok 1',
    'MP2019 cloud-1: the plan needs 2 new volumes and the quota leaves 1',
  ]);
  expect(told(blockOverQuota(vms('p', 'q')))).toEqual(['ok 1', 'ok 1']);
  const nic = { network: 'prod', mac: '00:50:56:aa:bb:01' };
  const servers = (...projects: string[]) =>
    vms(...projects).map((one) => ({ ...one, plan: { ...one.plan, actions: [server([nic])] } }));
  expect(told(blockAddressClashes(servers('p', 'p')))[1]).toMatch(/^MP2032/);
  expect(told(blockAddressClashes(servers('p', 'q')))[1]).toBe('ok 1');
});

describe('two servers of one plan', () => {
  const clash = (...nics: Parameters<typeof server>[0] & object) =>
    told(
      blockAddressClashes(
        planned(
          catalogOf({}),
          nics.map((nic) => [server([nic])]),
        ),
      ),
    );

  test('with the same MAC on one network, by name and by id', () => {
    expect(clash({ network: 'prod', mac: '00:50:56:AA:bb:01' }, { network: 'net-1', mac: '00:50:56:aa:bb:01' })).toEqual([
      'ok 1',
      'MP2032 MAC address 00:50:56:aa:bb:01 is asked for by vm/vm0 too',
    ]);
  });
  test('with the same address', () => {
    expect(clash({ network: 'prod', fixedIps: ['2001:db8::1'] }, { network: 'prod', fixedIps: ['2001:0db8::0:1'] })[1]).toMatch(
      /^MP2032 address/,
    );
  });
  test('on two networks', () => {
    expect(clash({ network: 'prod', mac: '00:50:56:aa:bb:01' }, { network: 'dmz', mac: '00:50:56:aa:bb:01' })).toEqual([
      'ok 1',
      'ok 1',
    ]);
  });
});
