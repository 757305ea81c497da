import { subnetHolds } from '../../model/ip-network.js';
import type { NetworkDetails, ObservedPort, ServerTraits, TargetCatalog } from '../../model/observed-target.js';
import { normalizeUuid } from '../../model/uuid.js';
import { findNetwork, type WantedNic } from '../core/destination-nics.js';
import type { PlanContext } from '../core/plan-context.js';
import { portsWithAddress, portsWithMac } from '../core/port-index.js';
import type { TargetProblem } from '../core/target-problem.js';

/** Where a cloud has no descriptions, a free port of ours is known by the end of its name only. */
const ownPortName = /-nic\d+-[0-9a-f]{12}$/;

/** MAC and fixed IP of each port, as far as Neutron's rules and the project's ports tell before one is made. */
export function addressDiagnostics(context: PlanContext): TargetProblem[] {
  const { vm, observed } = context;
  const { networkDetails = [] } = observed.catalog;
  const mark = normalizeUuid(vm.instanceUuid);
  const isOwn = ({ description, server }: ObservedPort): boolean =>
    server === undefined ? description.includes(mark) || ownPortName.test(description) : server === observed.server?.id;
  return context.nics.flatMap(({ becomes: nic, field }) => {
    const details = typeof nic === 'string' ? undefined : findNetwork(networkDetails, nic.network);
    if (details === undefined || typeof nic === 'string') return [];
    const problems = [
      ...policyProblems(nic, details),
      ...addresslessProblems(nic, observed.catalog.servers),
      ...subnetProblems(nic, details),
      ...takenProblems(nic, details, { catalog: observed.catalog, isOwn }),
    ];
    return problems.map((problem) => ({
      code: 'MP2032' as const,
      field,
      ...problem,
    }));
  });
}

type Found = Pick<TargetProblem, 'detail' | 'nextSteps'>;

const chooseNone =
  'write target.server.networks with an entry for each NIC, this one with mac: new and no address: Neutron then chooses both';

/** What of a port its network's owner may choose, and nobody else. */
function chosenOf({ mac, fixedIps, allowedAddressPairs = [], portSecurity }: WantedNic): string[] {
  return [
    ...(mac === undefined ? [] : [`MAC address ${mac}`]),
    ...(fixedIps === undefined ? [] : fixedIps.length === 0 ? ['no address'] : [addressesText(fixedIps)]),
    ...(allowedAddressPairs.length === 0 ? [] : [`allowed address pairs ${allowedAddressPairs.map(({ ip }) => ip).join(', ')}`]),
    ...(portSecurity === undefined ? [] : [`port security ${portSecurity ? 'on' : 'off'}`]),
  ];
}

const addressesText = (addresses: readonly string[]): string =>
  `${addresses.length === 1 ? 'address' : 'addresses'} ${addresses.join(', ')}`;

function policyProblems(nic: WantedNic, { name, mayChooseAddresses }: NetworkDetails): Found[] {
  const chosen = chosenOf(nic);
  if (mayChooseAddresses || chosen.length === 0) return [];
  return [
    {
      detail:
        `${chosen.join(' and ')} cannot be chosen on network "${name}": it is shared by another project, and Neutron's policy ` +
        'leaves that to its owner (HTTP 403)',
      nextSteps: [chooseNone, 'or, where the cloud allows it: addressesOnSharedNetworks: true at the provider in migplan.yaml'],
    },
  ];
}

/** Older Nova refuses to boot with such a port. */
function addresslessProblems({ fixedIps }: WantedNic, servers: ServerTraits | undefined): Found[] {
  if (fixedIps?.length !== 0 || servers?.portsWithoutAddress !== false) return [];
  return [
    {
      detail: 'the NIC has no address on the source, and Nova refuses a server with such a port',
      nextSteps: ['write target.server.networks with an entry for each NIC: Neutron then chooses an address'],
    },
  ];
}

function subnetProblems({ fixedIps = [] }: WantedNic, { name, subnets, automaticSubnets = [] }: NetworkDetails): Found[] {
  if (subnets === undefined) return [];
  const known = subnets.length === 0 ? 'which has no subnet' : `whose subnets are ${subnets.join(', ')}`;
  return fixedIps.flatMap((address): Found[] => {
    if (automaticSubnets.some((subnet) => subnetHolds(subnet, address))) {
      return [
        {
          detail: `address ${address} cannot be chosen on network "${name}": addresses of its subnet follow from the MAC address`,
          nextSteps: [`remove ${address}: Neutron gives the port one by itself`],
        },
      ];
    }
    if (subnets.some((subnet) => subnetHolds(subnet, address))) return [];
    return [
      {
        detail: `address ${address} is not in network "${name}", ${known}`,
        nextSteps: ['write target.server.networks with another fixedIp for this NIC, or none, or another network'],
      },
    ];
  });
}

interface Ports {
  readonly catalog: TargetCatalog;
  readonly isOwn: (port: ObservedPort) => boolean;
}

function takenProblems({ mac, fixedIps = [] }: WantedNic, { id, name }: NetworkDetails, { catalog, isOwn }: Ports): Found[] {
  const other = (ports: readonly ObservedPort[]): ObservedPort | undefined => ports.find((port) => !isOwn(port));
  const withMac = mac === undefined ? undefined : other(portsWithMac(catalog, id, mac));
  const holder = ({ id: port, server }: ObservedPort): string =>
    `port ${port}${server === undefined ? '' : ` of server ${server}`}`;
  const found = (what: string, port: ObservedPort, instead: string): Found => ({
    detail: `${what} is taken on network "${name}" by ${holder(port)}`,
    nextSteps: [`openstack port delete ${port.id}, if nothing needs it`, instead],
  });
  return [
    ...(withMac === undefined ? [] : [found(`MAC address ${mac}`, withMac, 'or write mac: new')]),
    ...fixedIps.flatMap((address) => {
      const port = other(portsWithAddress(catalog, id, address));
      return port === undefined ? [] : [found(`address ${address}`, port, 'or write another fixedIp')];
    }),
  ];
}
