import { describe, expect, test } from 'vitest';
import type { DesiredMigration, WantedServer } from '../../src/model/desired.js';
import type { ObservedMigration } from '../../src/model/observed.js';
import type { ObservedPort, TargetCatalog } from '../../src/model/observed-target.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import * as s from './plan-fixture.js';

const lan = { id: 'net-1', name: 'prod', mayChooseAddresses: true, subnets: ['192.0.2.0/24'] };
const shared = { id: 'net-2', name: 'public', mayChooseAddresses: false, subnets: ['198.51.100.0/24'] };
const type = (over: object = {}) => ({ id: 't-1', name: 'ssd', isDefault: true, encrypted: false, multiattach: false, ...over });
const port = (over: Partial<ObservedPort> = {}): ObservedPort => ({
  id: 'port-1',
  network: 'net-1',
  mac: '00:50:56:aa:bb:99',
  addresses: ['192.0.2.9'],
  description: '',
  ...over,
});
const MAC = '00:50:56:aa:bb:01';
const IDENTITY = s.VM_UUID.replace(/-/g, '');

// The first NIC of the source has MAC; the server asks for m1.large on network prod, MAC kept.
const full: TargetCatalog = {
  ...s.catalog,
  flavors: ['m1.large', 'f-1'],
  flavorSizes: [{ id: 'f-1', name: 'm1.large', cpus: 2, memoryMiB: 4096 }],
  networks: ['prod', 'net-1', 'public', 'net-2'],
  networkDetails: [lan, shared],
  volumeTypes: ['ssd', 't-1'],
  volumeTypeTraits: [type()],
  securityGroups: ['default', 'web'],
  keyPairs: ['ops'],
  ports: [],
};

interface Row {
  readonly name: string;
  readonly server?: Partial<WantedServer>;
  readonly target?: Partial<DesiredMigration['target']>;
  /** `unread`: the role may read nothing of it. */
  readonly catalog?: Partial<TargetCatalog> | 'unread';
  readonly observed?: Partial<ObservedMigration>;
  /** Code and a part of the detail. */
  readonly expected: readonly string[];
}

const on = (network: string, over: object = {}): Partial<WantedServer> => ({ networks: [{ network, mac: 'keep', ...over }] });

const rows: readonly Row[] = [
  { name: 'all is there', expected: [] },
  {
    name: 'nothing could be read: nothing is checked',
    catalog: 'unread',
    server: { ...on('nowhere'), keyName: 'x', securityGroups: ['x'] },
    expected: [],
  },
  {
    name: 'a security group that is not there',
    server: { securityGroups: ['web', 'wbe'] },
    expected: ['MP2020 no security group "wbe"'],
  },
  { name: 'a key pair that is not there', server: { keyName: 'opps' }, expected: ['MP2020 no key pair "opps"'] },
  {
    name: 'a key pair of a user who has none',
    server: { keyName: 'ops' },
    catalog: { keyPairs: [] },
    expected: ['MP2020 no key pair "ops"'],
  },
  {
    name: 'a flavor with less than the source has',
    catalog: { flavorSizes: [{ id: 'f-1', name: 'm1.large', cpus: 1, memoryMiB: 2048 }] },
    expected: ['MP2031 1 of 2 vCPUs and 2048 of 4096 MiB'],
  },
  {
    name: 'a flavor by id',
    server: { flavor: 'f-1' },
    catalog: { flavorSizes: [{ id: 'f-1', name: 'm1.large', cpus: 1, memoryMiB: 4096 }] },
    expected: ['MP2031 1 of 2 vCPUs'],
  },

  {
    name: 'MAC on a shared network of another project',
    server: on('public'),
    expected: [`MP2032 MAC address ${MAC} cannot be chosen on network "public"`],
  },
  {
    name: 'MAC and address there',
    server: on('net-2', { fixedIp: '198.51.100.7' }),
    expected: [`MP2032 MAC address ${MAC} and address 198.51.100.7 cannot be chosen`],
  },
  { name: 'neither: Neutron chooses', server: on('public', { mac: 'new' }), expected: [] },
  {
    name: 'an address outside of the subnets',
    server: on('prod', { fixedIp: '198.51.100.7' }),
    expected: ['MP2032 address 198.51.100.7 is not in network "prod", whose subnets are 192.0.2.0/24'],
  },
  {
    name: 'an address on a network without subnets',
    catalog: { networkDetails: [{ ...lan, subnets: [] }] },
    server: on('prod', { fixedIp: '192.0.2.7' }),
    expected: ['MP2032 address 192.0.2.7 is not in network "prod", which has no subnet'],
  },
  {
    name: 'subnets may not be read: not checked',
    catalog: { networkDetails: [{ id: 'net-1', name: 'prod', mayChooseAddresses: true }] },
    server: on('prod', { fixedIp: '198.51.100.7' }),
    expected: [],
  },
  {
    name: 'the MAC is taken',
    catalog: { ports: [port({ mac: MAC })] },
    expected: [`MP2032 MAC address ${MAC} is taken on network "prod" by port port-1`],
  },
  {
    name: 'the address is taken',
    catalog: { ports: [port({ server: 'srv-9' as never })] },
    server: on('prod', { fixedIp: '192.0.2.9' }),
    expected: ['MP2032 address 192.0.2.9 is taken on network "prod" by port port-1 of server srv-9'],
  },
  { name: 'the MAC is on another network: no clash', catalog: { ports: [port({ mac: MAC, network: 'net-2' })] }, expected: [] },
  {
    name: 'an earlier try of ours holds it: used again',
    catalog: { ports: [port({ mac: MAC, description: `migplan id=${IDENTITY} nic=0 asked=0123456789ab` })] },
    expected: [],
  },
  {
    name: 'the same of a version that did not note what it asked for',
    catalog: { ports: [port({ mac: MAC, description: `migplan id=${IDENTITY} nic=0` })] },
    expected: [],
  },
  {
    name: 'the same where a cloud has no descriptions',
    catalog: { ports: [port({ mac: MAC, description: 'erp-db01-nic0-0123456789ab' })] },
    expected: [],
  },
  {
    name: 'a port with our mark on somebody else’s server',
    catalog: { ports: [port({ mac: MAC, server: 'srv-9' as never, description: `migplan id=${IDENTITY} nic=0` })] },
    expected: [`MP2032 MAC address ${MAC} is taken`],
  },

  {
    name: 'address pairs and port security on a shared network of another project',
    server: on('public', { mac: 'new', allowedAddressPairs: [{ ip: '198.51.100.250' }] }),
    expected: ['MP2032 allowed address pairs 198.51.100.250 cannot be chosen on network "public"'],
  },
  {
    name: 'port security off there',
    server: on('public', { mac: 'new', portSecurity: false }),
    expected: ['MP2032 port security off cannot be chosen on network "public"'],
  },
  {
    name: 'port security on there',
    server: on('public', { mac: 'new', portSecurity: true }),
    expected: ['MP2032 port security on cannot be chosen on network "public"'],
  },
  {
    name: 'no address there',
    server: on('public', { mac: 'new', fixedIps: [] }),
    expected: ['MP2032 no address cannot be chosen on network "public"'],
  },
  {
    name: 'the second of two addresses is outside of the subnets',
    server: on('prod', { fixedIps: ['192.0.2.7', '198.51.100.7'] }),
    expected: ['MP2032 address 198.51.100.7 is not in network "prod"'],
  },
  {
    name: 'an address that follows from the MAC cannot be chosen',
    catalog: { networkDetails: [{ ...lan, subnets: ['192.0.2.0/24', 'fd00::/64'], automaticSubnets: ['fd00::/64'] }] },
    server: on('prod', { fixedIps: ['192.0.2.7', 'fd00::7'] }),
    expected: ['MP2032 address fd00::7 cannot be chosen on network "prod": addresses of its subnet follow from the MAC'],
  },
  {
    name: 'a port without an address, and a Nova that boots none',
    catalog: { servers: { tags: true, portsWithoutAddress: false } },
    server: on('prod', { fixedIps: [] }),
    expected: ['MP2032 the NIC has no address on the source, and Nova refuses a server'],
  },
  {
    name: 'fixedIp and fixedIps',
    server: on('prod', { fixedIp: '192.0.2.7', fixedIps: ['192.0.2.8'] }),
    expected: ['MP2063 target.server.networks[0] has fixedIp and fixedIps: a port cannot have both'],
  },
  {
    name: 'security groups without port security',
    server: on('prod', { portSecurity: false, securityGroups: ['web'], allowedAddressPairs: [{ ip: '192.0.2.9' }] }),
    expected: [
      'MP2063 target.server.networks[0] has portSecurity: false and securityGroups',
      'MP2063 target.server.networks[0] has portSecurity: false and allowedAddressPairs',
    ],
  },
  {
    name: 'a group of one port that is not there',
    server: on('prod', { securityGroups: ['wbe'] }),
    expected: ['MP2020 no security group "wbe"'],
  },

  {
    name: 'an encrypted type',
    catalog: { volumeTypeTraits: [type({ encrypted: true })] },
    observed: { volumes: { '2000': [] } },
    expected: ['MP2030 volume type "ssd" is encrypted'],
  },
  {
    name: 'a multiattach type',
    catalog: { volumeTypeTraits: [type({ multiattach: true })] },
    observed: { volumes: { '2000': [] } },
    expected: ['MP2030 volume type "ssd" is multiattach'],
  },
  {
    name: 'an encrypted type by default',
    target: { volumeType: undefined as never },
    catalog: { volumeTypeTraits: [type({ encrypted: true })] },
    observed: { volumes: { '2000': [] } },
    expected: ['MP2030 volume type "ssd", which is the cloud\'s default, is encrypted'],
  },
  {
    name: 'a volume that is there and is encrypted',
    observed: { volumes: { '2000': [s.volume({ encrypted: true })] } },
    expected: ['MP2030 volume vol-1 of type "ssd" is encrypted'],
  },
  {
    name: 'a volume of another type than is asked for by now: it keeps its own, and that is told',
    target: { volumeType: 'gold' },
    catalog: { volumeTypes: ['gold'], volumeTypeTraits: [type({}), type({ id: 't-2', name: 'gold' })] },
    expected: ['MP2086 volume vol-1 is of type "ssd", asked for is "gold"'],
  },
  {
    name: 'a volume in another zone than is asked for by now: it stays there, and that is told',
    target: { availabilityZone: 'az2' },
    observed: { volumes: { '2000': [s.volume({ availabilityZone: 'az1' })] } },
    expected: ['MP2088 volume vol-1 is in zone "az1", asked for is "az2": a volume that exists stays in its zone'],
  },
  ...['az2', undefined].map((availabilityZone) => ({
    name: `a volume in the zone that is asked for, or that is not told: ${availabilityZone}`,
    target: { availabilityZone: 'az2' },
    observed: { volumes: { '2000': [s.volume(availabilityZone === undefined ? {} : { availabilityZone })] } },
    expected: [],
  })),
  {
    name: 'hardware that was taken out of the manifest stays on the boot volume, and that is told',
    observed: {
      volumes: {
        '2000': [
          s.volume({
            imageMetadata: { hw_machine_type: 'pc', os_type: 'linux', hw_vif_model: 'e1000', hw_disk_bus: 'ide', note: 'x' },
          }),
        ],
      },
    },
    expected: [
      'MP2088 boot volume vol-1 has hw_disk_bus "ide", for which neither manifest nor source asks: it stays, and the server gets what it says',
      'MP2088 boot volume vol-1 has hw_vif_model "e1000"',
    ],
  },
  {
    name: 'hardware that the manifest asks for stays without a word',
    target: { hardware: 'emulated', imageMetadata: { hw_video_model: 'vga' } },
    observed: {
      volumes: {
        '2000': [
          s.volume({
            imageMetadata: {
              ...{ hw_machine_type: 'pc', os_type: 'linux', hw_vif_model: 'e1000', hw_disk_bus: 'ide' },
              hw_video_model: 'x',
            },
          }),
        ],
      },
    },
    expected: [],
  },
  {
    name: 'the same type by its id',
    target: { volumeType: 't-2' },
    catalog: { volumeTypes: ['t-2'], volumeTypeTraits: [type({ id: 't-2', name: 'gold' })] },
    observed: { volumes: { '2000': [s.volume({ type: 'gold' })] } },
    expected: [],
  },
  {
    name: 'a type that is no longer used does not matter',
    catalog: { volumeTypes: [], volumeTypeTraits: [type({ id: 't-9', name: 'luks', encrypted: true })] },
    expected: [],
  },
];

describe('what the target forbids', () => {
  test.each(rows)('$name', ({ server = {}, target = {}, catalog = {}, observed = {}, expected }) => {
    const desired = s.desired({
      target: { provider: 'cloud', volumeType: 'ssd', ...target, server: { ...s.withServer.target.server, ...server } },
    });
    const plan = planMigration(
      desired,
      s.observed({ catalog: catalog === 'unread' ? s.catalog : { ...full, ...catalog }, ...observed }),
      { now: s.NOW },
    );
    const found = plan.diagnostics.map(({ code, detail }) => `${code} ${detail}`);
    expect(found).toEqual(expected.map((part) => expect.stringContaining(part.slice(part.indexOf(' ') + 1))));
    expect(plan.diagnostics.map(({ code }) => code)).toEqual(expected.map((part) => part.slice(0, 6)));
    expect(plan.actions.length > 0).toBe(plan.diagnostics.every(({ severity }) => severity === 'warning'));
  });
});
