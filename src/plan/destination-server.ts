import type { DesiredMigration, DesiredNetwork, DesiredServer } from '../model/desired.js';
import type { ObservedMigration, ObservedNic, ObservedVm } from '../model/observed.js';

/** One port of the server to be made; what is absent, Neutron chooses. */
export interface WantedNic {
  readonly network: string;
  readonly mac?: string;
  readonly fixedIp?: string;
}

export interface DestinationServer {
  readonly server: DesiredServer;
  readonly nics: readonly WantedNic[];
}

/**
 * The server to be made, with what the manifest leaves open taken from the source server: its flavor, networks with MAC and
 * fixed address, and key pair, called as the mapping says or else the same. undefined: none is wanted.
 */
export function destinationServer(
  { target }: DesiredMigration,
  vm: ObservedVm,
  catalog: ObservedMigration['catalog'],
): DestinationServer | undefined {
  const { server, mapping } = target;
  if (server === undefined) return undefined;
  const { flavor, networks, keyName, ...rest } = server;
  const key = keyName ?? sourceKey(vm, target.mapping?.keyPairs ?? {}, catalog.keyPairs);
  const sourceFlavor = vm.cloud?.flavor ?? '';
  return {
    server: {
      ...rest,
      flavor: flavor ?? mapping?.flavors[sourceFlavor] ?? sourceFlavor,
      networks: networks ?? [],
      ...(key === undefined ? {} : { keyName: key }),
    },
    nics: networks === undefined ? vm.nics.map((nic) => sameNic(nic, mapping?.networks ?? {})) : listedNics(networks, vm),
  };
}

/** NICs take the manifest's networks in order; a NIC more than networks gets none, so nothing is plugged by accident. */
const listedNics = (networks: readonly DesiredNetwork[], vm: ObservedVm): WantedNic[] =>
  networks.map(({ network, mac, fixedIp }, index) => {
    const kept = mac === 'keep' ? vm.nics[index]?.mac : undefined;
    return { network, ...(kept === undefined ? {} : { mac: kept }), ...(fixedIp === undefined ? {} : { fixedIp }) };
  });

/** A port has one address here: the first IPv4 one, else the first. */
function sameNic({ network, mac, addresses = [] }: ObservedNic, names: Readonly<Record<string, string>>): WantedNic {
  const fixedIp = addresses.find((address) => !address.includes(':')) ?? addresses[0];
  return { network: names[network] ?? network, mac, ...(fixedIp === undefined ? {} : { fixedIp }) };
}

/**
 * The guest has had its key since its first boot, so a key pair is for the record only: one that the destination does not
 * have, and that nobody mapped, is left out.
 */
function sourceKey(
  { cloud }: ObservedVm,
  names: Readonly<Record<string, string>>,
  known: readonly string[] | undefined,
): string | undefined {
  const name = cloud?.keyName;
  if (name === undefined) return undefined;
  return names[name] ?? (known?.includes(name) === true ? name : undefined);
}
