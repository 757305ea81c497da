import { describe, expect, test } from 'vitest';
import type { DesiredMigration, DesiredNetwork, NameMapping } from '../../src/model/desired.js';
import type { ObservedNic, ObservedVm } from '../../src/model/observed-source.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

const nic = (key: number, over: Partial<ObservedNic> = {}): ObservedNic => ({
  key: 4000 + key,
  mac: `00:50:56:aa:bb:0${key + 1}`,
  network: ['VM Network', 'Backup-PG', 'Storage-PG'][key]!,
  model: 'vmxnet3',
  label: `Network adapter ${key + 1}`,
  ...over,
});
const keep = (network: string, over: object = {}): DesiredNetwork => ({ network, mac: 'keep', ...over });
const cloudNic = (key: number, network: string): ObservedNic => ({
  key,
  mac: `fa:16:3e:00:00:0${key + 1}`,
  network,
  model: 'normal',
  addresses: [`10.0.0.${key + 5}`],
});

interface Row {
  readonly name: string;
  readonly nics: readonly ObservedNic[];
  readonly networks?: readonly DesiredNetwork[];
  readonly mapping?: Partial<NameMapping>;
  /** Where the mapping is written: the manifest unless said otherwise. */
  readonly mappingFile?: string;
  readonly vm?: Partial<ObservedVm>;
  /** Ports as `network MAC`, in order; absent: no server is planned. */
  readonly ports?: readonly string[];
  readonly problems?: readonly string[];
}

const two = [nic(0), nic(1)];
const cloud = (nics: readonly ObservedNic[]): Partial<ObservedVm> => ({ ...s.cloudVm({ nics }) });

const rows: readonly Row[] = [
  {
    name: 'two NICs, one network: an error that names the NIC, not a NIC that is dropped',
    nics: two,
    networks: [keep('prod')],
    problems: ['error MP2060 Network adapter 2 (MAC 00:50:56:aa:bb:02, network "Backup-PG")'],
  },
  {
    name: 'two NICs, one of them skipped on purpose',
    nics: two,
    networks: [keep('prod'), 'skip'],
    ports: ['prod 00:50:56:aa:bb:01'],
  },
  {
    name: 'the first is skipped: the second keeps its own MAC',
    nics: two,
    networks: ['skip', keep('prod')],
    ports: ['prod 00:50:56:aa:bb:02'],
  },
  {
    name: 'one NIC, two networks: an error that names what is over',
    nics: [nic(0)],
    networks: [keep('prod'), keep('backup')],
    problems: ['error MP2061 target.server.networks has 2 entries, and the source has 1 NIC: Network adapter 1'],
  },
  {
    name: 'no NIC, one network',
    nics: [],
    networks: [keep('prod')],
    problems: ['error MP2061 target.server.networks has 1 entry, and the source has no NIC'],
  },
  { name: 'order is kept', nics: two, networks: [keep('b'), keep('a')], ports: ['b 00:50:56:aa:bb:01', 'a 00:50:56:aa:bb:02'] },
  {
    name: 'mapping.networks counts for VMware: port groups by name',
    nics: two,
    mapping: { networks: { 'VM Network': 'prod', 'Backup-PG': 'backup' } },
    ports: ['prod 00:50:56:aa:bb:01', 'backup 00:50:56:aa:bb:02'],
  },
  {
    name: 'a port group mapped to skip',
    nics: two,
    mapping: { networks: { 'VM Network': 'prod', 'Backup-PG': 'skip' } },
    ports: ['prod 00:50:56:aa:bb:01'],
  },
  {
    name: 'two NICs on one port group',
    nics: [nic(0), nic(1, { network: 'VM Network' })],
    mapping: { networks: { 'VM Network': 'prod' } },
    ports: ['prod 00:50:56:aa:bb:01', 'prod 00:50:56:aa:bb:02'],
  },
  {
    name: 'a port group that the mapping does not name',
    nics: two,
    mapping: { networks: { 'VM Network': 'prod' } },
    problems: ['error MP2060 Network adapter 2 (MAC 00:50:56:aa:bb:02, network "Backup-PG")'],
  },
  {
    name: 'a mapping key that no NIC uses is a warning',
    nics: [nic(0)],
    mapping: { networks: { 'VM Network': 'prod', 'VM Netwrok': 'prod' } },
    ports: ['prod 00:50:56:aa:bb:01'],
    problems: ['warning MP2062 mapping.networks has "VM Netwrok", which no NIC of the source is on: "VM Network"'],
  },
  {
    name: 'a mapping of all VMs in the Project has keys for other VMs: no warning',
    nics: [nic(0)],
    mapping: { networks: { 'VM Network': 'prod', 'Other-PG': 'prod' } },
    mappingFile: 'migplan.yaml',
    ports: ['prod 00:50:56:aa:bb:01'],
  },
  {
    name: 'networks in order go before the mapping, which is then said to be unused',
    nics: [nic(0)],
    networks: [keep('lan')],
    mapping: { networks: { 'VM Network': 'prod' } },
    ports: ['lan 00:50:56:aa:bb:01'],
    problems: ['warning MP2062 mapping.networks has "VM Network", and target.server.networks is used instead'],
  },
  {
    name: 'a flavor mapping says nothing of a VMware VM',
    nics: [nic(0)],
    networks: [keep('lan')],
    mapping: { flavors: { 'm1.old': 'm1.large' } },
    ports: ['lan 00:50:56:aa:bb:01'],
    problems: ['warning MP2062 mapping.flavors has "m1.old", and the source has no flavor'],
  },
  {
    name: 'a network named as a member of every object',
    nics: [nic(0, { network: 'constructor' })],
    mapping: { networks: { 'VM Network': 'prod' } },
    problems: [
      'error MP2060 Network adapter 1 (MAC 00:50:56:aa:bb:01, network "constructor")',
      'warning MP2062 mapping.networks has "VM Network"',
    ],
  },
  {
    name: 'a key typed in another Unicode form is the same name',
    nics: [nic(0, { network: 'Bu\u0308ro' })],
    mapping: { networks: { 'B\u00fcro': 'prod' } },
    ports: ['prod 00:50:56:aa:bb:01'],
  },
  {
    name: 'a NIC that has no MAC gets a new one',
    nics: [nic(0, { mac: '' })],
    networks: [keep('prod')],
    ports: ['prod new'],
  },
  {
    name: 'from a cloud, what the mapping does not name is called the same',
    vm: cloud([cloudNic(0, 'tenant-net'), cloudNic(1, 'constructor')]),
    nics: [],
    mapping: { networks: { 'tenant-net': 'prod' } },
    ports: ['prod fa:16:3e:00:00:01', 'constructor fa:16:3e:00:00:02'],
  },
  {
    name: 'from a cloud, a network mapped to skip',
    vm: cloud([cloudNic(0, 'tenant-net'), cloudNic(1, 'backup')]),
    nics: [],
    mapping: { networks: { backup: 'skip' } },
    ports: ['tenant-net fa:16:3e:00:00:01'],
  },
];

test.each([
  ['networks', { 'VM Network': 'prod' }],
  ['flavors', { 'm1.old': 'm1.large' }],
  ['keyPairs', { ops: 'ops-2' }],
  ['securityGroups', { web: 'dmz' }],
] as const)('without target.server a mapping of %s in the manifest is said to be unused', (kind, names) => {
  const [key] = Object.keys(names);
  const row: Row = { name: 'no server', nics: [nic(0)], mapping: { [kind]: names } };
  const said = (of: Row): string[] => {
    const { target, ...desired } = migrationOf(of);
    const { server: _none, ...volumesOnly } = target;
    const source = { kind: 'found', vm: s.vm({ nics: [nic(0)] }) } as const;
    const { diagnostics } = planMigration({ ...desired, target: volumesOnly }, s.observed({ source }), { now: s.NOW });
    return diagnostics.map(({ severity, code, detail, source: at }) => `${at?.file} ${severity} ${code} ${detail}`);
  };
  expect(said(row)).toEqual([
    `erp-db01.yaml warning MP2062 mapping.${kind} has "${key}", and without target.server no server is made`,
  ]);
  expect(said({ ...row, mappingFile: 'migplan.yaml' })).toEqual([]);
});

const noNames: NameMapping = { flavors: {}, networks: {}, keyPairs: {} };

function migrationOf({ networks, mapping, mappingFile = 'erp-db01.yaml' }: Row): DesiredMigration {
  const place = { file: mappingFile, start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 2, offset: 1 } };
  const ranges = Object.fromEntries(
    Object.entries(mapping ?? {}).flatMap(([kind, names]) =>
      Object.keys(names).map((key) => [`spec.target.mapping.${kind}.${key}`, place]),
    ),
  );
  return s.desired({
    ...s.cutover,
    target: {
      provider: 'cloud',
      ...(mapping && { mapping: { ...noNames, ...mapping } }),
      server: { name: 'erp-db01', flavor: 'm1.large', securityGroups: [], ...(networks && { networks }) },
    },
    ranges,
  });
}

describe('every NIC of the source is mapped, or skipped on purpose', () => {
  test.each(rows)('$name', (row) => {
    const vm = s.vm({ nics: row.nics, ...row.vm });
    const volumes = vm.openstackGuest === undefined ? {} : { volumes: { '2000': [] } };
    const plan = planMigration(migrationOf(row), s.observed({ source: { kind: 'found', vm }, ...volumes }), { now: s.NOW });
    const server = plan.actions.find((action) => action.kind === 'create-server');
    expect(server?.nics.map(({ network, mac }) => `${network} ${mac ?? 'new'}`)).toEqual(row.ports);
    expect(plan.diagnostics.map(({ severity, code, detail }) => `${severity} ${code} ${detail}`)).toEqual(
      (row.problems ?? []).map((part) => expect.stringContaining(part)),
    );
  });
});

describe('what the manifest says of a port is asked for', () => {
  test.each([
    ['nothing', {}, undefined, {}],
    ['port security on', { portSecurity: true }, undefined, { portSecurity: true }],
    ['port security off', { portSecurity: false }, ['web'], { portSecurity: false }],
    ['groups of all ports', {}, ['web'], { securityGroups: ['web'] }],
    ['an empty list for all ports: the default of the project', {}, [], {}],
    ['an empty list of its own: none', { securityGroups: [] }, ['web'], { securityGroups: [] }],
    [
      'the same beside port security',
      { securityGroups: [], portSecurity: true },
      undefined,
      { securityGroups: [], portSecurity: true },
    ],
  ] as const)('%s', (_name, port, securityGroups, expected) => {
    const target = {
      provider: 'cloud',
      server: { name: 'erp-db01', flavor: 'm1.large', networks: [keep('prod', port)], ...(securityGroups && { securityGroups }) },
    };
    const vm = s.vm({ nics: [nic(0)] });
    const plan = planMigration(s.desired({ ...s.cutover, target }), s.observed({ source: { kind: 'found', vm } }), {
      now: s.NOW,
    });
    const [made, ...more] = plan.actions.flatMap((action) => (action.kind === 'create-server' ? action.nics : []));
    expect(more).toEqual([]);
    expect(made).toEqual({ network: 'prod', mac: '00:50:56:aa:bb:01', ...expected });
  });
});
