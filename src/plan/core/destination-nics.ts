import type { AddressPair, DesiredMigration, DesiredPort } from '../../model/desired.js';
import { subnetHolds } from '../../model/ip-network.js';
import type { ObservedNic, ObservedVm } from '../../model/observed-source.js';
import type { NetworkDetails, TargetCatalog } from '../../model/observed-target.js';
import { byName } from '../../model/same-name.js';

/** One port of the server to be made, with all that reaches the cloud; what is absent, Neutron chooses. */
export interface WantedNic {
  readonly network: string;
  readonly mac?: string;
  /** None of them: the port has no address. */
  readonly fixedIps?: readonly string[];
  /** Names or ids. None of them: nothing may reach the port. Absent: the project's default group. */
  readonly securityGroups?: readonly string[];
  readonly allowedAddressPairs?: readonly AddressPair[];
  /** Absent: as the network has it. */
  readonly portSecurity?: boolean;
  /** false: the port is down until somebody sets it up. */
  readonly connected?: false;
}

/** What becomes of one NIC of the source. Nothing is left out: a NIC without a port is skipped on purpose, or an error. */
export interface NicFate {
  readonly source: ObservedNic;
  readonly becomes: WantedNic | 'skipped' | 'unmapped';
  /** What says so in the manifest. */
  readonly field: string;
}

interface Place {
  readonly target: DesiredMigration['target'];
  readonly vm: ObservedVm;
  readonly catalog: Pick<TargetCatalog, 'networkDetails'>;
}

/** In the source's order: by the manifest's list, where it has one, else by the name of the source's network. */
export function nicFates(target: Place['target'], vm: ObservedVm, catalog: Place['catalog']): NicFate[] {
  const { server } = target;
  if (server === undefined) return [];
  const place: Place = { target, vm, catalog };
  const { networks } = server;
  if (networks === undefined) return vm.nics.map((nic) => mappedNic(nic, place));
  return vm.nics.map((source, index) => {
    const entry = networks[index];
    if (entry === undefined) return { source, becomes: 'unmapped', field: 'spec.target.server.networks' };
    const becomes = entry === 'skip' ? 'skipped' : listedNic(entry, source, place);
    return { source, becomes, field: `spec.target.server.networks.${index}` };
  });
}

export const wantedNics = (fates: readonly NicFate[]): WantedNic[] =>
  fates.flatMap(({ becomes }) => (typeof becomes === 'string' ? [] : [becomes]));

const macWanted = (requested: DesiredPort['mac'], source: ObservedNic): Pick<WantedNic, 'mac'> => {
  if (requested === 'keep') return macOf(source);
  return requested === 'new' ? {} : { mac: requested.toLowerCase() };
};

const macOf = ({ mac }: ObservedNic): Pick<WantedNic, 'mac'> => (mac === '' ? {} : { mac });

/** Addresses belong to the source's network, and the manifest names another: they are carried over by name only. */
function listedNic(entry: DesiredPort, source: ObservedNic, place: Place): WantedNic {
  const { network, mac, fixedIp, fixedIps = fixedIp === undefined ? undefined : [fixedIp] } = entry;
  const { portSecurity } = entry;
  return {
    network,
    ...macWanted(mac, source),
    ...(fixedIps === undefined ? {} : { fixedIps }),
    ...(portSecurity === undefined ? {} : { portSecurity }),
    ...(portSecurity === false ? {} : groupsOf(source, place, entry.securityGroups)),
    ...(entry.allowedAddressPairs === undefined ? {} : { allowedAddressPairs: entry.allowedAddressPairs }),
    ...stateOf(source),
  };
}

/**
 * A network of a source cloud that is not listed is called the same on the destination. A port group of vSphere is another
 * kind of thing: that one has the name of a network proves nothing.
 */
function mappedNic(source: ObservedNic, place: Place): NicFate {
  const named = byName(place.target.mapping?.networks ?? {}, source.network);
  const network = named ?? (place.vm.traits.networks === 'target-names' ? source.network : undefined);
  const field = `spec.target.mapping.networks.${source.network}`;
  if (network === undefined) return { source, becomes: 'unmapped', field: 'spec.target.mapping.networks' };
  return { source, becomes: named === 'skip' ? 'skipped' : samePort(source, network, place), field };
}

/** The source's port again, as far as a port can be told what to be. */
function samePort(source: ObservedNic, network: string, place: Place): WantedNic {
  const { addresses, port } = source;
  const { networkDetails = [] } = place.catalog;
  const automatic = findNetwork(networkDetails, network)?.automaticSubnets ?? [];
  const chosen = addresses?.filter((address) => !automatic.some((subnet) => subnetHolds(subnet, address)));
  // All of its addresses are such as Neutron makes by itself.
  const fixedIps = chosen?.length === 0 && addresses?.length !== 0 ? undefined : chosen;
  const pairs = port?.allowedAddressPairs ?? [];
  return {
    network,
    ...macOf(source),
    ...(fixedIps === undefined ? {} : { fixedIps }),
    ...(port?.portSecurity === false ? { portSecurity: false } : groupsOf(source, place, undefined)),
    ...(pairs.length === 0 ? {} : { allowedAddressPairs: pairs }),
    ...stateOf(source),
  };
}

/** What the entry says, and none if it says so; else what the manifest says of all ports (none: the default), else what the source's port has. */
function groupsOf(
  { port }: ObservedNic,
  { target }: Place,
  own: readonly string[] | undefined,
): Pick<WantedNic, 'securityGroups'> {
  if (own !== undefined) return { securityGroups: own };
  const given = target.server?.securityGroups;
  if (given !== undefined) return given.length === 0 ? {} : { securityGroups: given };
  if (port === undefined || !port.portSecurity) return {};
  const names = target.mapping?.securityGroups ?? {};
  return { securityGroups: port.securityGroups.map((name) => byName(names, name) ?? name) };
}

const stateOf = ({ connected }: ObservedNic): Pick<WantedNic, 'connected'> => (connected === false ? { connected } : {});

/** By id, else by name when only one network has it. */
export function findNetwork(networks: readonly NetworkDetails[], wanted: string): NetworkDetails | undefined {
  const named = networks.filter(({ name }) => name === wanted);
  return networks.find(({ id }) => id === wanted) ?? (named.length === 1 ? named[0] : undefined);
}
