import { pushTo } from '../../model/grouped.js';
import { addressKey, sameAddress } from '../../model/ip-network.js';
import { findNetwork } from '../core/destination-nics.js';
import type { MigrationPlan } from '../plan-migration.js';
import { blocked, type PlannedMigration, projectOf } from './quota.js';

interface Claim {
  readonly place: string;
  readonly mac?: string;
  readonly fixedIps?: readonly string[];
  readonly by: string;
}

/** Two servers of one plan cannot have the same address on one network: the second of them is blocked. */
export function blockAddressClashes(planned: readonly PlannedMigration[]): MigrationPlan[] {
  const claims = new Claims();
  return planned.map((migration) => {
    const { desired, plan, catalog } = migration;
    const nics = plan.actions.flatMap((action) => (action.kind === 'create-server' ? action.nics : []));
    const wanted = nics.map(({ network, ...nic }): Claim => {
      const id = findNetwork(catalog.networkDetails ?? [], network)?.id ?? network;
      return { ...nic, place: `${projectOf(migration)} ${id}`, by: desired.address };
    });
    const why = wanted.flatMap((claim) => claims.near(claim).flatMap((earlier) => clash(claim, earlier)));
    if (why.length > 0) {
      const nextSteps = ['write mac: new or another fixedIp in one of the two'];
      return blocked(desired, plan, { code: 'MP2032', detail: why.join('; '), nextSteps, field: 'spec.target.server.networks' });
    }
    for (const claim of wanted) claims.add(claim);
    return plan;
  });
}

/** What the VMs before asked for, by what may be the same: compared one by one, it would be as many comparisons as there are pairs. */
class Claims {
  private readonly known = new Map<string, { readonly claim: Claim; readonly number: number }[]>();
  private count = 0;

  add(claim: Claim): void {
    const numbered = { claim, number: this.count++ };
    for (const key of keysOf(claim)) pushTo(this.known, key, numbered);
  }

  /** Those that have an address of this one, in the order they were added. */
  near(claim: Claim): Claim[] {
    const found = new Map(keysOf(claim).flatMap((key) => (this.known.get(key) ?? []).map((one) => [one.number, one.claim])));
    return [...found].sort(([a], [b]) => a - b).map(([, earlier]) => earlier);
  }
}

function keysOf({ place, mac, fixedIps = [] }: Claim): string[] {
  const addresses = fixedIps.map(addressKey).filter((key) => key !== undefined);
  const keys = [...(mac === undefined ? [] : [`mac ${mac.toLowerCase()}`]), ...new Set(addresses)];
  return keys.map((key) => `${place}\n${key}`);
}

function clash(claim: Claim, earlier: Claim): string[] {
  if (claim.place !== earlier.place) return [];
  const { mac, fixedIps = [] } = claim;
  const isSameMac = mac !== undefined && mac.toLowerCase() === earlier.mac?.toLowerCase();
  const sameIps = fixedIps.filter((address) => earlier.fixedIps?.some((other) => sameAddress(address, other)));
  return [
    ...(isSameMac ? [`MAC address ${mac} is asked for by ${earlier.by} too`] : []),
    ...sameIps.map((address) => `address ${address} is asked for by ${earlier.by} too`),
  ];
}
