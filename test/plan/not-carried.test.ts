import { describe, expect, test } from 'vitest';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import type { TargetCatalog } from '../../src/model/observed-target.js';
import { notCarried } from '../../src/plan/cutover/not-carried.js';
import * as s from './plan-fixture.js';

const openstackGuest = s.cloudVm().openstackGuest!;
const nic = { key: 0, mac: 'fa:16:3e:00:00:01', network: 'tenant-net', model: 'normal', addresses: ['10.0.0.5', '10.0.0.6'] };
const port = { securityGroups: ['web'], allowedAddressPairs: [{ ip: '10.0.0.250' }], portSecurity: true };

interface Row {
  readonly name: string;
  readonly target?: Partial<DesiredMigration['target']>;
  readonly vm?: Partial<ObservedVm>;
  readonly catalog?: Partial<TargetCatalog>;
  readonly expected: readonly string[];
}

// A server of a cloud with one port that has everything, made again by `server: {}` under its own name.
const rows: readonly Row[] = [
  { name: 'all is carried: nothing is told', expected: [] },
  {
    name: 'no server is made: one line says so',
    target: { server: undefined as never },
    expected: ['server all of it = erp-db01'],
  },
  {
    name: 'the name of the server becomes something else',
    vm: { name: 'ERP DB / prod #1' },
    expected: ['server name = ERP DB / prod #1 (it is called "erp-db01"; target.server.name says otherwise)'],
  },
  {
    name: 'a name that every cloud stores can be written in the manifest',
    vm: { name: 'ERP DB / prod #1' },
    target: { server: { name: 'ERP DB / prod #1' } },
    expected: [],
  },
  {
    name: 'a name that not every cloud stores',
    vm: { name: 'B\u00fcro' },
    target: { server: { name: 'B\u00fcro' } },
    expected: ['server name = B\u00fcro (it is called "Buro-'],
  },
  {
    name: 'networks in order: addresses, pairs and MAC of the source stay behind',
    target: { server: { name: 'erp-db01', networks: [{ network: 'prod', mac: 'new', fixedIp: '10.0.0.6' }] } },
    expected: [
      'nic 0 MAC address = fa:16:3e:00:00:01 (Neutron chooses one)',
      'nic 0 addresses = 10.0.0.5 (it gets 10.0.0.6)',
      'nic 0 allowed address pairs = 10.0.0.250',
    ],
  },
  {
    name: 'other groups, and port security that comes on',
    vm: { nics: [{ ...nic, port: { ...port, portSecurity: false, allowedAddressPairs: [] } }] },
    target: {
      server: { name: 'erp-db01', networks: [{ network: 'prod', mac: 'keep', fixedIps: nic.addresses }], securityGroups: ['db'] },
    },
    expected: ['nic 0 port security = off (it is on there)', 'nic 0 security groups = web (it gets db)'],
  },
  {
    name: 'no groups at all',
    target: {
      server: { name: 'erp-db01', networks: [{ network: 'prod', mac: 'keep', fixedIps: nic.addresses, securityGroups: [] }] },
    },
    vm: { nics: [{ ...nic, port: { ...port, allowedAddressPairs: [] } }] },
    expected: ['nic 0 security groups = web (it gets none)'],
  },
  {
    name: 'a NIC that is skipped',
    target: { server: { name: 'erp-db01', networks: ['skip'] } },
    expected: ['nic 0 all of it = fa:16:3e:00:00:01, tenant-net, 10.0.0.5, 10.0.0.6 (it is skipped)'],
  },
  {
    name: 'addresses that a guest of vSphere reported, without those that its port gets',
    vm: { nics: [{ ...nic, port, guestAddresses: ['10.0.0.5', '10.0.0.9'] }] },
    target: { server: { name: 'erp-db01', networks: [{ network: 'prod', mac: 'keep', fixedIps: ['10.0.0.5', '10.0.0.6'] }] } },
    expected: [
      'nic 0 addresses in the guest = 10.0.0.9 (static addresses inside of the guest are not set by migplan; fixedIps',
      'nic 0 allowed address pairs',
    ],
  },
  {
    name: 'key pair, metadata, tags and description that the target cannot have',
    vm: {
      openstackGuest: {
        ...openstackGuest,
        metadata: { role: 'erp', who: 'M\u00fcller', migplan_vm: 'x' },
        tags: ['ok', 'f\u00fcr uns'],
        description: 'zwei\nZeilen',
      },
    },
    catalog: { keyPairs: [] },
    expected: [
      'server key_name = ops',
      'server description = zwei\nZeilen (every cloud stores printable ASCII',
      'server metadata who = M\u00fcller (every cloud',
      'server tag = f\u00fcr uns (every cloud',
    ],
  },
  {
    name: 'tags on a Nova that takes none',
    vm: { openstackGuest: { ...openstackGuest, tags: ['gold'] } },
    catalog: { servers: { tags: false, portsWithoutAddress: true } },
    expected: ['server tag = gold (the Nova of the target is too old for it)'],
  },
  {
    name: 'what the source told, and snapshots of others',
    vm: {
      leftBehind: [
        { of: 'server', property: 'config_drive', value: 'True' },
        { of: 'disk 2000', property: 'description', value: 'root' },
      ],
      snapshots: [{ ref: s.snapshotRef('a'), name: 'before the update', description: '', createdAt: '' }],
    },
    expected: ['server config_drive = True', 'disk 2000 description = root', 'server snapshots = before the update'],
  },
];

describe('not carried over', () => {
  test.each(rows)('$name', ({ target = {}, vm = {}, catalog = {}, expected }) => {
    const desired = s.desired({ target: { provider: 'cloud', server: { name: 'erp-db01' }, ...target } });
    const source = s.cloudVm({ nics: [{ ...nic, port }], ...vm });
    const found = notCarried(desired, source, { ...s.catalog, keyPairs: ['ops'], ...catalog });
    const lines = found.map(
      ({ of, property, value, note }) => `${of} ${property} = ${value}${note === undefined ? '' : ` (${note})`}`,
    );
    expect(lines).toEqual(expected.map((line) => expect.stringContaining(line)));
  });
});
