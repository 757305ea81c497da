import { grouped } from '../../model/grouped.js';
import { addressKey } from '../../model/ip-network.js';
import type { ObservedPort, TargetCatalog } from '../../model/observed-target.js';

/** The ports of a project by what VMs are compared with them by: a cloud has as many as there are VMs, and each VM asks. */
interface PortIndex {
  readonly byServer: ReadonlyMap<string, readonly ObservedPort[]>;
  /** By network and MAC address, as the cloud writes it. */
  readonly byMac: ReadonlyMap<string, readonly ObservedPort[]>;
  /** By network and address, however it is written. */
  readonly byAddress: ReadonlyMap<string, readonly ObservedPort[]>;
}

type WithPorts = Pick<TargetCatalog, 'ports'>;

/** A list of ports is never changed: all VMs of a plan share one. */
const known = new WeakMap<readonly ObservedPort[], PortIndex>();

function indexOf(ports: readonly ObservedPort[]): PortIndex {
  const index = known.get(ports) ?? {
    byServer: grouped(ports, ({ server }) => (server === undefined ? [] : [server])),
    byMac: grouped(ports, ({ network, mac }) => [placed(network, mac)]),
    byAddress: grouped(ports, ({ network, addresses }) => addressesOf(addresses).map((key) => placed(network, key))),
  };
  known.set(ports, index);
  return index;
}

const placed = (network: string, key: string): string => `${network}\n${key}`;

const addressesOf = (addresses: readonly string[]): string[] => [
  ...new Set(addresses.map(addressKey).filter((key) => key !== undefined)),
];

/** All in the order of the catalog. */
export const portsOfServer = ({ ports = [] }: WithPorts, server: string): readonly ObservedPort[] =>
  indexOf(ports).byServer.get(server) ?? [];

export const portsWithMac = ({ ports = [] }: WithPorts, network: string, mac: string): readonly ObservedPort[] =>
  indexOf(ports).byMac.get(placed(network, mac.toLowerCase())) ?? [];

export function portsWithAddress({ ports = [] }: WithPorts, network: string, address: string): readonly ObservedPort[] {
  const key = addressKey(address);
  return key === undefined ? [] : (indexOf(ports).byAddress.get(placed(network, key)) ?? []);
}
