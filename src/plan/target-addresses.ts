import { sameAddress, subnetHolds } from '../model/ip-network.js';
import type { NetworkPlace, ObservedPort } from '../model/observed.js';
import { normalizeUuid } from '../model/uuid.js';
import { nicFates, type WantedNic } from './destination-nics.js';
import type { Scene } from './scene.js';
import type { TargetProblem } from './target-problem.js';

/** Where a cloud has no descriptions, a free port of ours is known by the end of its name only. */
const ownPortName = /-nic\d+-[0-9a-f]{12}$/;

/** MAC and fixed IP of each port, as far as Neutron's rules and the project's ports tell before one is made. */
export function addressDiagnostics(scene: Scene): TargetProblem[] {
  const { desired, vm, observed } = scene;
  const { networkPlaces = [], ports = [] } = observed.catalog;
  const mark = normalizeUuid(vm.instanceUuid);
  const isOwn = ({ description, server }: ObservedPort): boolean =>
    server === undefined ? description.includes(mark) || ownPortName.test(description) : server === observed.server?.id;
  const others = ports.filter((port) => !isOwn(port));
  return nicFates(desired.target, vm).flatMap(({ becomes: nic, field }) => {
    const place = typeof nic === 'string' ? undefined : placeOf(networkPlaces, nic.network);
    if (place === undefined || typeof nic === 'string') return [];
    return [...policyProblems(nic, place), ...subnetProblems(nic, place), ...takenProblems(nic, place, others)].map(
      (problem) => ({
        code: 'MP2032' as const,
        field,
        ...problem,
      }),
    );
  });
}

/** By id, else by name when only one network has it. */
export function placeOf(places: readonly NetworkPlace[], wanted: string): NetworkPlace | undefined {
  const named = places.filter(({ name }) => name === wanted);
  return places.find(({ id }) => id === wanted) ?? (named.length === 1 ? named[0] : undefined);
}

type Found = Pick<TargetProblem, 'detail' | 'nextSteps'>;

const chooseNone = 'write mac: new and no fixedIp: Neutron then chooses both';

function policyProblems({ mac, fixedIp }: WantedNic, { name, mayChooseAddresses }: NetworkPlace): Found[] {
  if (mayChooseAddresses || (mac === undefined && fixedIp === undefined)) return [];
  const what = [...(mac === undefined ? [] : [`MAC address ${mac}`]), ...(fixedIp === undefined ? [] : [`address ${fixedIp}`])];
  return [
    {
      detail:
        `${what.join(' and ')} cannot be chosen on network "${name}": it is shared by another project, and Neutron's policy ` +
        'leaves that to its owner (HTTP 403)',
      nextSteps: [chooseNone, 'or, where the cloud allows it: addressesOnSharedNetworks: true at the provider in migplan.yaml'],
    },
  ];
}

function subnetProblems({ fixedIp }: WantedNic, { name, subnets }: NetworkPlace): Found[] {
  if (fixedIp === undefined || subnets === undefined || subnets.some((subnet) => subnetHolds(subnet, fixedIp))) return [];
  const known = subnets.length === 0 ? 'which has no subnet' : `whose subnets are ${subnets.join(', ')}`;
  return [{ detail: `address ${fixedIp} is not in network "${name}", ${known}`, nextSteps: ['correct fixedIp or the network'] }];
}

function takenProblems({ mac, fixedIp }: WantedNic, { id, name }: NetworkPlace, ports: readonly ObservedPort[]): Found[] {
  const here = ports.filter(({ network }) => network === id);
  const withMac = here.find((port) => mac !== undefined && port.mac === mac.toLowerCase());
  const withIp = here.find(({ addresses }) => fixedIp !== undefined && addresses.some((taken) => sameAddress(taken, fixedIp)));
  const holder = ({ id: port, server }: ObservedPort): string =>
    `port ${port}${server === undefined ? '' : ` of server ${server}`}`;
  const found = (what: string, port: ObservedPort, other: string): Found => ({
    detail: `${what} is taken on network "${name}" by ${holder(port)}`,
    nextSteps: [`openstack port delete ${port.id}, if nothing needs it`, other],
  });
  return [
    ...(withMac === undefined ? [] : [found(`MAC address ${mac}`, withMac, 'or write mac: new')]),
    ...(withIp === undefined ? [] : [found(`address ${fixedIp}`, withIp, 'or write another fixedIp')]),
  ];
}
