import type { LimitFunction } from 'p-limit';
import type { FlavorSize, TargetCatalog } from '../../../model/observed-target.js';
import type { Service } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { serverTraitsOf } from '../http/microversion.js';
import { optionalRead } from '../http/optional-read.js';
import { listAll } from '../http/pages.js';
import { flavorList, listOwnGroups } from './names.js';
import { readNetworks, readPorts } from './networks.js';
import { readQuota } from './project-quota.js';
import { readVolumeTypes } from './volume-types.js';

export interface CatalogOptions {
  readonly limit: LimitFunction;
  /** Whether MAC and address may be chosen on networks of other projects too. */
  readonly addressesAnywhere: boolean;
}

/** What a manifest may name, and room left. A part that the role may not read stays empty. */
export async function readCatalog(client: CloudClient, { limit, addressesAnywhere }: CatalogOptions): Promise<TargetCatalog> {
  const read = <T>(part: () => Promise<T>): Promise<T | undefined> => limit(() => optionalRead(part, undefined));
  const ports = read(() => readPorts(client));
  const [flavors, networks, types, volumeZones, computeZones, groups, keyPairs, portsFound, quota] = await Promise.all([
    read(() => readFlavors(client)),
    read(() => readNetworks(client, { anywhere: addressesAnywhere })),
    read(() => readVolumeTypes(client)),
    read(() => readZones(client, 'volume')),
    read(() => readZones(client, 'compute')),
    read(() => listOwnGroups(client)),
    read(() => readKeyPairs(client)),
    ports,
    readQuota(
      client,
      limit,
      ports.then((found) => found?.length),
    ),
  ]);
  const compute = await client.microversion('compute');
  return {
    flavors: namesOf(flavors),
    networks: namesOf(networks),
    volumeTypes: namesOf(types),
    availabilityZones: volumeZones ?? [],
    quota,
    ...(flavors !== undefined && { flavorSizes: flavors }),
    ...(networks !== undefined && { networkDetails: networks }),
    ...(types !== undefined && { volumeTypeTraits: types }),
    ...(computeZones !== undefined && { serverZones: computeZones }),
    ...(groups !== undefined && {
      securityGroups: distinct(groups.flatMap(nameAndId)),
      securityGroupDetails: groups.map(detailsOf),
    }),
    ...(keyPairs !== undefined && { keyPairs }),
    ...(portsFound !== undefined && { ports: portsFound }),
    ...(compute !== undefined && { servers: serverTraitsOf(compute) }),
  };
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)];

/** Names and ids: both may be written in a manifest. */
const namesOf = (entries: readonly { readonly name: string; readonly id: string }[] = []): string[] =>
  distinct(entries.flatMap(({ name, id }) => [name, id])).filter((name) => name !== '');

const nameAndId = (entry: JsonCursor): string[] => [
  entry.at('name').optionalText() ?? entry.at('id').text(),
  entry.at('id').text(),
];

const detailsOf = (entry: JsonCursor): { id: string; name: string } => ({
  id: entry.at('id').text(),
  name: entry.at('name').optionalText() ?? '',
});

async function readFlavors(client: CloudClient): Promise<FlavorSize[]> {
  const flavors = await listAll(client, { ...flavorList, path: '/flavors/detail' });
  return flavors.map((flavor) => ({
    id: flavor.at('id').text(),
    name: flavor.at('name').text(),
    cpus: flavor.at('vcpus').whole(),
    memoryMiB: flavor.at('ram').whole(),
  }));
}

async function readZones(client: CloudClient, service: Service): Promise<string[]> {
  const answer = await client.ask({ service, method: 'GET', path: '/os-availability-zone' });
  const zones = answer.at('availabilityZoneInfo').list();
  return zones
    .filter((zone) => zone.at('zoneState').at('available').flag())
    .map((zone) => zone.at('zoneName').text())
    .sort();
}

/** Key pairs belong to the user who calls, not to the project. */
async function readKeyPairs(client: CloudClient): Promise<string[]> {
  const answer = await client.ask({ service: 'compute', method: 'GET', path: '/os-keypairs' });
  return answer
    .at('keypairs')
    .list()
    .map((entry) => entry.at('keypair').at('name').text())
    .sort();
}
