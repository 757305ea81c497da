import { type PlanTrial, planTrial } from './plan-trial.js';
import { cloud, kept, lan, lastly, MAC, made, mapped, newMac, on, port, shared, twoNics } from './target-world.js';
import type { Trial } from './tried.js';

const nics: readonly PlanTrial[] = [
  {
    advice:
      'write target.server.networks with an entry for each NIC, this one with mac: new and no address: Neutron then chooses both',
    spec: on('public', { fixedIp: '198.51.100.7' }),
    seen: cloud(),
    write: on('public', { mac: 'new' }),
    leads: newMac,
  },
  {
    // What the cloud then allows is what the provider makes of the field.
    advice: 'or, where the cloud allows it: addressesOnSharedNetworks: true at the provider in migplan.yaml',
    spec: on('public'),
    seen: cloud(),
    provider: { addressesOnSharedNetworks: true },
    done: cloud({ networkDetails: [lan, { ...shared, mayChooseAddresses: true }] }),
    leads: kept,
  },
  {
    advice: 'write target.server.networks with an entry for each NIC: Neutron then chooses an address',
    spec: on('prod', { fixedIps: [] }),
    seen: cloud({ servers: { tags: true, portsWithoutAddress: false } }),
    write: on('prod'),
    leads: kept,
  },
  {
    advice: 'remove <…>: Neutron gives the port one by itself',
    spec: on('prod', { fixedIps: ['192.0.2.7', 'fd00::7'] }),
    seen: cloud({ networkDetails: [{ ...lan, subnets: ['192.0.2.0/24', 'fd00::/64'], automaticSubnets: ['fd00::/64'] }] }),
    write: on('prod', { fixedIps: ['192.0.2.7'] }),
    leads: kept,
  },
  ...[{ fixedIp: '192.0.2.7' }, {}, { network: 'public', mac: 'new' }].map(
    (entry): PlanTrial => ({
      advice: 'write target.server.networks with another fixedIp for this NIC, or none, or another network',
      spec: on('prod', { fixedIp: '198.51.100.7' }),
      seen: cloud(),
      write: on('prod', entry),
      leads: lastly,
    }),
  ),
  {
    advice: 'openstack port delete <…>, if nothing needs it',
    spec: on('prod'),
    seen: cloud({ ports: [{ ...port, mac: MAC }] }),
    done: cloud(),
    leads: kept,
  },
  {
    advice: 'or write mac: new',
    spec: on('prod'),
    seen: cloud({ ports: [{ ...port, mac: MAC }] }),
    write: on('prod', { mac: 'new' }),
    leads: newMac,
  },
  {
    advice: 'or write another fixedIp',
    spec: on('prod', { fixedIp: '192.0.2.9' }),
    seen: cloud({ ports: [port] }),
    write: on('prod', { fixedIp: '192.0.2.10' }),
    leads: kept,
  },
  {
    advice: 'add "<…>" to target.mapping.networks, with the name of a network, or skip to leave the NIC out',
    spec: mapped({ 'VM Network': 'prod' }),
    seen: { ...twoNics, ...cloud() },
    write: mapped({ 'VM Network': 'prod', 'Backup-PG': 'prod' }),
    leads: new RegExp(`nics ${MAC},00:50:56:aa:bb:02`),
  },
  {
    advice: 'add "<…>" to target.mapping.networks, with the name of a network, or skip to leave the NIC out',
    spec: mapped({ 'VM Network': 'prod' }),
    seen: { ...twoNics, ...cloud() },
    write: mapped({ 'VM Network': 'prod', 'Backup-PG': 'skip' }),
    leads: new RegExp(`nics ${MAC}$`),
  },
  {
    advice: 'or write target.server.networks, with one entry for each NIC in its order',
    spec: mapped({ 'VM Network': 'prod' }),
    seen: { ...twoNics, ...cloud() },
    write: made({ networks: ['prod', 'prod'] }),
    leads: new RegExp(`nics ${MAC},00:50:56:aa:bb:02`),
  },
  {
    advice: 'add an entry for each NIC in its order; the entry skip leaves a NIC out',
    spec: made(),
    seen: { ...twoNics, ...cloud() },
    write: made({ networks: ['prod', 'skip'] }),
    leads: new RegExp(`nics ${MAC}$`),
  },
  {
    advice: 'remove the entries that are over: there is one for each NIC, in its order',
    spec: made({ networks: ['prod', 'prod'] }),
    seen: cloud(),
    write: made({ networks: ['prod'] }),
    leads: kept,
  },
  ...[{ fixedIp: '192.0.2.7' }, { fixedIps: ['192.0.2.8'] }].map(
    (entry): PlanTrial => ({
      advice: 'remove <…>, or <…>',
      spec: on('prod', { fixedIp: '192.0.2.7', fixedIps: ['192.0.2.8'] }),
      seen: cloud(),
      write: on('prod', entry),
      leads: kept,
    }),
  ),
  {
    advice: 'remove "<…>", or correct it',
    spec: made({}, { mapping: { networks: { 'VM Netwrok': 'prod' } } }),
    seen: cloud(),
    write: made(),
    leads: kept,
  },
  {
    advice: 'remove "<…>", or correct it',
    spec: made({ networks: undefined }, { mapping: { networks: { 'VM Network': 'prod', other: 'prod' } } }),
    seen: cloud(),
    write: mapped({ 'VM Network': 'prod' }),
    leads: kept,
  },
  ...[
    { write: mapped({ 'VM Network': 'prod' }), leads: kept },
    { write: { target: { provider: 'cloud', volumeType: 'ssd' } }, leads: /sync/ },
  ].map(
    (way): PlanTrial => ({
      advice: 'write target.server, or remove "<…>"',
      spec: { target: { provider: 'cloud', volumeType: 'ssd', mapping: { networks: { 'VM Network': 'prod' } } } },
      seen: cloud(),
      ...way,
    }),
  ),
  {
    advice: 'known: <…>',
    spec: made({ securityGroups: ['wbe'] }),
    seen: cloud(),
    write: made({ securityGroups: ['web'] }),
    leads: kept,
  },
  {
    advice: 'key pairs belong to a user: make one with the credentials migplan uses, or remove keyName',
    spec: made({ keyName: 'ops' }),
    seen: cloud({ keyPairs: [] }),
    write: made(),
    leads: kept,
  },
  {
    advice: 'choose a larger flavor, or leave it when that is meant',
    spec: made({ flavor: 'm1.small' }),
    seen: cloud(),
    write: made(),
    leads: kept,
  },
];

export const nicTrials: readonly Trial[] = [...nics].map(planTrial);
