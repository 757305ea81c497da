import { describe, expect, test } from 'vitest';
import type { DesiredTarget, WantedServer } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedPort, ServerMake, TargetCatalog } from '../../src/model/observed-target.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

const id = s.serverId('srv-1');
const place = (network: string, name: string) => ({ id: network, name, mayChooseAddresses: true });
const port = (network: string, server = id): ObservedPort => ({
  id: `port-${network}`,
  network,
  mac: 'fa:16:3e:00:00:09',
  addresses: [],
  server,
  description: '',
});
const catalog: TargetCatalog = {
  ...s.catalog,
  flavorSizes: [
    { id: 'f-1', name: 'm1.large', cpus: 2, memoryMiB: 4096 },
    { id: 'f-2', name: 'm1.xlarge', cpus: 4, memoryMiB: 8192 },
  ],
  networkDetails: [place('n-1', 'prod'), place('n-2', 'dmz'), place('n-3', 'twin'), place('n-4', 'twin')],
  securityGroupDetails: [
    { id: 'g-1', name: 'web' },
    { id: 'g-2', name: 'db' },
  ],
  ports: [port('n-1'), port('n-2', s.serverId('another'))],
};
const made: ServerMake = { flavor: 'm1.large', availabilityZone: 'nova-1', keyName: 'ops', securityGroups: ['web'] };

interface Row {
  readonly name: string;
  readonly wants?: Partial<WantedServer>;
  readonly target?: Partial<DesiredTarget>;
  readonly make?: Partial<ServerMake>;
  readonly catalog?: Partial<TargetCatalog>;
  /** Field, and what it has against what is wanted. */
  readonly says: readonly string[];
}

const on = (network: string, over: object = {}) => ({ network, mac: 'keep', ...over }) as const;

// The server has flavor m1.large in nova-1, key ops, group web, and one port on prod: as its manifest says.
const rows: readonly Row[] = [
  { name: 'all as it was made', says: [] },
  { name: 'another flavor', wants: { flavor: 'm1.xlarge' }, says: ['flavor has m1.large, wanted m1.xlarge'] },
  { name: 'the same flavor by its id', wants: { flavor: 'f-1' }, says: [] },
  { name: 'a flavor that was deleted since', wants: { flavor: 'm0' }, make: { flavor: 'm0' }, says: [] },
  { name: 'an old Nova that tells ids', make: { flavor: 'f-1' }, says: [] },
  {
    name: 'resized in the cloud',
    make: { flavor: 'm1.xlarge' },
    says: ['flavor has m1.xlarge, wanted m1.large'],
  },
  { name: 'another zone', wants: { availabilityZone: 'nova-2' }, says: ['availabilityZone has nova-1, wanted nova-2'] },
  { name: 'a host in the zone', wants: { availabilityZone: 'nova-1:compute-7' }, says: [] },
  {
    name: 'zone of the volumes, which the server had got too',
    target: { availabilityZone: 'az2' },
    wants: { availabilityZone: 'nova-1' },
    says: [],
  },
  { name: 'another key pair', wants: { keyName: 'new' }, says: ['keyName has ops, wanted new'] },
  { name: 'a key pair, and it has none', make: { keyName: '' }, says: ['keyName has none, wanted ops'] },
  { name: 'another network', wants: { networks: [on('dmz')] }, says: ['networks has [prod], wanted [dmz]'] },
  { name: 'the same network by its id', wants: { networks: [on('n-1')] }, says: [] },
  {
    name: 'the other of two networks of one name',
    wants: { networks: [on('n-4')] },
    catalog: { ports: [port('n-3')] },
    says: ['networks has [n-3], wanted [n-4]'],
  },
  {
    name: 'a port was added in the cloud',
    catalog: { ports: [port('n-1'), port('n-2')] },
    says: ['networks has [dmz, prod], wanted [prod]'],
  },
  { name: 'the only NIC is skipped now', wants: { networks: ['skip'] }, says: ['networks has [prod], wanted []'] },
  { name: 'other groups', wants: { securityGroups: ['web', 'db'] }, says: ['securityGroups has [web], wanted [db, web]'] },
  { name: 'the same group by its id', wants: { securityGroups: ['g-1'] }, says: [] },
  {
    name: 'a group of one port',
    wants: { networks: [on('prod', { securityGroups: ['db'] })] },
    says: ['securityGroups has [web], wanted [db]'],
  },
  {
    name: 'no group on its only port',
    wants: { networks: [on('prod', { securityGroups: [] })] },
    says: ['securityGroups has [web], wanted []'],
  },
  { name: 'the default of the project', wants: { networks: [on('prod')], securityGroups: [] }, says: [] },
  { name: 'a port without port security has no groups', wants: { networks: [on('prod', { portSecurity: false })] }, says: [] },
  {
    name: 'what the manifest does not name is nobody’s wish',
    wants: {
      flavor: undefined,
      keyName: undefined,
      networks: undefined,
      securityGroups: undefined,
      availabilityZone: undefined,
    } as object,
    make: { flavor: 'x', keyName: 'y', availabilityZone: 'z', securityGroups: ['q'] },
    says: [],
  },
  { name: 'what the cloud does not tell is not compared', make: {}, catalog: { ports: undefined } as object, says: [] },
];

const held = { id: s.attachmentId('att-1'), server: id };

function drift({ wants = {}, target = {}, make = made, catalog: over = {} }: Row, seen: Partial<ObservedMigration> = {}) {
  const server: WantedServer = {
    name: 'erp-db01',
    flavor: 'm1.large',
    availabilityZone: 'nova-1',
    keyName: 'ops',
    networks: [on('prod')],
    securityGroups: ['web'],
    ...wants,
  };
  const all = Object.keys(make).length === 0 ? {} : { ...made, ...make };
  const observed = s.observed({
    volumes: { '2000': [s.volume({ reading: s.reading({ kind: 'converted', from: s.at(5) }), attachments: [held] })] },
    source: { kind: 'found', vm: s.vm({ power: 'off' }) },
    catalog: { ...catalog, ...over },
    server: { id, name: 'erp-db01', status: 'ACTIVE', make: all },
    ...seen,
  });
  const desired = s.desired({ ...s.cutover, target: { provider: 'cloud', volumeType: 'ssd', server, ...target } });
  return planMigration(desired, observed, { now: s.NOW });
}

describe('a server that is not as its manifest says, edited after the cutover', () => {
  test.each(rows)('$name', (row) => {
    const { actions, diagnostics, notes } = drift(row);
    expect([actions, notes]).toEqual([[], ['Volume already converted']]);
    expect(diagnostics.map(({ severity, code, address }) => [severity, code, address])).toEqual(
      row.says.map(() => ['warning', 'MP2066', 'vm/erp-db01/server']),
    );
    const said = diagnostics.map(({ detail }) =>
      detail.replace(/^erp-db01 \(srv-1\) has (\w+) (.*), and its manifest says (.*)$/, '$1 has $2, wanted $3'),
    );
    expect(said).toEqual(row.says);
  });

  test('nothing is known of the server: nothing is said', () => {
    const server = { id, name: 'erp-db01', status: 'ACTIVE' };
    expect(drift({ name: '', wants: { flavor: 'm1.xlarge' }, says: [] }, { server }).diagnostics).toEqual([]);
  });

  test('a source with another NIC since then says nothing about the server', () => {
    const nic = s.vm().nics[0]!;
    const vm = s.vm({ power: 'off', nics: [nic, { ...nic, key: 4001, mac: '00:50:56:aa:bb:02' }] });
    expect(drift({ name: '', says: [] }, { source: { kind: 'found', vm } }).diagnostics).toEqual([]);
  });
});
