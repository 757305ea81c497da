import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import { nothingKnown } from '../../src/model/machine-types/knowledge.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import type { TargetCatalog } from '../../src/model/observed-target.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

const place = (id: string, name: string) => ({ id, name, mayChooseAddresses: true });
const network = '11111111-0000-4000-8000-000000000001';
const other = '11111111-0000-4000-8000-000000000002';

interface Row {
  readonly name: string;
  readonly vm?: Partial<ObservedVm>;
  readonly desired?: Partial<DesiredMigration>;
  readonly catalog?: Partial<TargetCatalog>;
  readonly types?: typeof nothingKnown;
  /** Severity, code and a part of the detail; none: nothing is said. */
  readonly says: readonly string[];
}

function said({ vm, desired, catalog, types }: Row): string[] {
  const observed = s.observed({
    source: { kind: 'found', vm: s.vm(vm) },
    volumes: {},
    catalog: { ...s.catalog, ...catalog },
    ...(types === undefined ? {} : { machineTypes: types }),
  });
  const plan = planMigration(s.desired({ ...s.cutover, ...s.withServer, ...desired }), observed, { now: s.NOW });
  return plan.diagnostics.map(({ severity, code, detail }) => `${severity} ${code} ${detail}`);
}

const serverWith = (over: object): Partial<DesiredMigration> => ({
  target: { provider: 'cloud', server: { ...s.withServer.target.server, ...over } },
});
const twoZones = { availabilityZones: ['cinder-1'], serverZones: ['nova-1', 'nova-2'] };
const inZones = (volumes: string | undefined, server?: string): Partial<DesiredMigration> => ({
  target: {
    provider: 'cloud',
    ...(volumes === undefined ? {} : { availabilityZone: volumes }),
    server: { ...s.withServer.target.server, ...(server === undefined ? {} : { availabilityZone: server }) },
  },
});
const ide = (over: object = {}): Partial<DesiredMigration> => ({
  target: { ...s.withServer.target, imageMetadata: { hw_disk_bus: 'ide' } },
  hwMachineType: 'default',
  ...over,
});

const rows: Row[] = [
  {
    name: 'two networks of one name: their ids are named',
    catalog: { networks: ['prod'], networkDetails: [place(network, 'prod'), place(other, 'prod')] },
    says: [`error MP2070 cloud has 2 networks "prod": ${network}, ${other}`],
  },
  {
    name: 'an id goes before a name that two have',
    desired: serverWith({ networks: [{ network, mac: 'keep' }] }),
    catalog: { networks: ['prod', network, other], networkDetails: [place(network, 'prod'), place(other, 'prod')] },
    says: [],
  },
  {
    name: 'two security groups of one name: their ids are named',
    desired: serverWith({ securityGroups: ['web'] }),
    catalog: {
      securityGroups: ['web', 'g-1', 'g-2'],
      securityGroupDetails: [
        { id: 'g-1', name: 'web' },
        { id: 'g-2', name: 'web' },
      ],
    },
    says: ['error MP2070 cloud has 2 security groups "web": g-1, g-2'],
  },
  {
    name: 'zones of Cinder and Nova, each in its own field',
    catalog: twoZones,
    desired: inZones('cinder-1', 'nova-2'),
    says: [],
  },
  {
    name: 'a zone that only Nova has, for volumes',
    catalog: twoZones,
    desired: inZones('nova-1', 'nova-1'),
    says: ['error MP2020 cloud has no availability zone of volumes "nova-1"'],
  },
  {
    name: 'a zone that only Cinder has, for the server',
    catalog: twoZones,
    desired: inZones('cinder-1', 'cinder-1'),
    says: ['error MP2020 cloud has no availability zone of servers "cinder-1"'],
  },
  {
    name: 'one field for both, and Nova has no such zone: found before the server has to be made',
    catalog: twoZones,
    desired: inZones('cinder-1'),
    says: ['error MP2020 cloud has no availability zone of servers "cinder-1"'],
  },
  {
    name: 'one field for both, where both have the zone',
    catalog: { availabilityZones: ['az1'], serverZones: ['az1'] },
    desired: inZones('az1'),
    says: [],
  },
  {
    name: 'no VMware Tools where a guest shutdown is promised',
    vm: { toolsRunning: false },
    says: ['error MP2072 no VMware Tools are running'],
  },
  {
    name: 'no VMware Tools, and the plug may be pulled',
    vm: { toolsRunning: false },
    desired: { shutdown: { timeoutSeconds: 1, force: true } },
    says: [],
  },
  { name: 'no VMware Tools, and the VM is off', vm: { toolsRunning: false, power: 'off' }, says: [] },
  { name: 'no VMware Tools, and nothing is shut down', vm: { toolsRunning: false }, desired: s.seed, says: [] },
  {
    name: 'hw_disk_bus ide without a machine type, on a cloud whose default is q35',
    desired: ide(),
    types: { ...nothingKnown, default: 'q35' },
    says: ['error MP2018 hw_disk_bus is "ide", no machine type is written, and the default of cloud is "q35"'],
  },
  {
    name: 'hw_disk_bus ide without a machine type, on a cloud whose default is a pc type',
    desired: ide(),
    types: { ...nothingKnown, default: 'pc-i440fx-rhel7.6.0' },
    says: [],
  },
  {
    name: 'hw_disk_bus ide without a machine type, and the default is not known',
    desired: ide(),
    says: ['warning MP2018 hw_disk_bus is "ide", which q35 does not have'],
  },
];

describe('what a plan can know is known before the power-off', () => {
  test.each(rows)('$name', (row) => {
    const found = said(row);
    expect(found).toHaveLength(row.says.length);
    for (const [index, part] of row.says.entries()) expect(found[index]!.slice(0, part.length)).toBe(part);
  });
});
