import type { DesiredMigration } from '../model/desired.js';
import type { ObservedVm } from '../model/observed.js';

/** One port of the server to be made; what is absent, Neutron chooses. */
export interface WantedNic {
  readonly network: string;
  readonly mac?: string;
  readonly fixedIp?: string;
}

/** NICs take the manifest's networks in order; a NIC more than networks gets none, so nothing is plugged by accident. */
export function wantedNics({ target: { server } }: DesiredMigration, vm: ObservedVm): WantedNic[] {
  return (server?.networks ?? []).map(({ network, mac, fixedIp }, index) => {
    const kept = mac === 'keep' ? vm.nics[index]?.mac : undefined;
    return { network, ...(kept === undefined ? {} : { mac: kept }), ...(fixedIp === undefined ? {} : { fixedIp }) };
  });
}
