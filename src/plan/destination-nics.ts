import type { DesiredMigration, DesiredPort } from '../model/desired.js';
import type { ObservedNic, ObservedVm } from '../model/observed.js';
import { byName } from '../model/same-name.js';

/** One port of the server to be made; what is absent, Neutron chooses. */
export interface WantedNic {
  readonly network: string;
  readonly mac?: string;
  readonly fixedIp?: string;
}

/** What becomes of one NIC of the source. Nothing is left out: a NIC without a port is skipped on purpose, or an error. */
export interface NicFate {
  readonly source: ObservedNic;
  readonly becomes: WantedNic | 'skipped' | 'unmapped';
  /** What says so in the manifest. */
  readonly field: string;
}

type Target = DesiredMigration['target'];

/** In the source's order: by the manifest's list, where it has one, else by the name of the source's network. */
export function nicFates({ server, mapping }: Target, vm: ObservedVm): NicFate[] {
  if (server === undefined) return [];
  const { networks } = server;
  if (networks === undefined) return vm.nics.map((nic) => mappedNic(nic, mapping?.networks ?? {}, vm));
  return vm.nics.map((source, index) => {
    const entry = networks[index];
    if (entry === undefined) return { source, becomes: 'unmapped', field: 'spec.target.server.networks' };
    const becomes = entry === 'skip' ? 'skipped' : listedNic(entry, source);
    return { source, becomes, field: `spec.target.server.networks.${index}` };
  });
}

export const wantedNics = (fates: readonly NicFate[]): WantedNic[] =>
  fates.flatMap(({ becomes }) => (typeof becomes === 'string' ? [] : [becomes]));

const macOf = ({ mac }: ObservedNic): Pick<WantedNic, 'mac'> => (mac === '' ? {} : { mac });

function listedNic({ network, mac, fixedIp }: DesiredPort, source: ObservedNic): WantedNic {
  return { network, ...(mac === 'keep' ? macOf(source) : {}), ...(fixedIp === undefined ? {} : { fixedIp }) };
}

/**
 * A network of a source cloud that is not listed is called the same on the destination. A port group of vSphere is another
 * kind of thing: that one has the name of a network proves nothing.
 */
function mappedNic(source: ObservedNic, names: Readonly<Record<string, string>>, { cloud }: ObservedVm): NicFate {
  const network = byName(names, source.network) ?? (cloud === undefined ? undefined : source.network);
  const field = `spec.target.mapping.networks.${source.network}`;
  if (network === undefined) return { source, becomes: 'unmapped', field: 'spec.target.mapping.networks' };
  if (network === 'skip' && byName(names, source.network) !== undefined) return { source, becomes: 'skipped', field };
  return { source, becomes: sameNic(source, network), field };
}

/** A port has one address here: the first IPv4 one, else the first. */
function sameNic(source: ObservedNic, network: string): WantedNic {
  const { addresses = [] } = source;
  const fixedIp = addresses.find((address) => !address.includes(':')) ?? addresses[0];
  return { network, ...macOf(source), ...(fixedIp === undefined ? {} : { fixedIp }) };
}
