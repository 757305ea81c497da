import type { LimitFunction } from 'p-limit';
import type { TargetCatalog } from '../../model/observed.js';
import { isProviderError } from '../provider-error.js';
import type { Answer } from './answer.js';
import type { CloudClient } from './cloud-client.js';
import type { Service } from './cloud-config.js';
import { flavorList, networkList } from './names.js';
import { type ListCall, listAll } from './pages.js';

const typeList: ListCall = { service: 'volume', path: '/types', name: 'volume_types', unlinked: true };

/** What a manifest may name, and room left. A part that the role may not read stays empty. */
export async function readCatalog(client: CloudClient, limit: LimitFunction): Promise<TargetCatalog> {
  const names = (list: ListCall): Promise<string[]> =>
    limit(() => optional(async () => (await listAll(client, list)).flatMap(namesOf), []));
  const zones = (service: Service): Promise<string[]> => limit(() => optional(() => readZones(client, service), []));
  const [flavors, networks, volumeTypes, volumeZones, computeZones, keyPairs, quota] = await Promise.all([
    names(flavorList),
    names(networkList),
    names(typeList),
    zones('volume'),
    zones('compute'),
    limit(() => optional<string[] | undefined>(() => readKeyPairs(client), undefined)),
    limit(() => optional(() => readQuota(client), {})),
  ]);
  return {
    flavors: distinct(flavors),
    networks: distinct(networks),
    volumeTypes: distinct(volumeTypes),
    availabilityZones: distinct([...volumeZones, ...computeZones]),
    ...(keyPairs !== undefined && { keyPairs }),
    quota,
  };
}

/** Names first, then ids: both may be written in a manifest. */
const namesOf = (entry: Answer): string[] =>
  [entry.at('name').optionalText() ?? '', entry.at('id').text()].filter((name) => name !== '');

const distinct = (names: readonly string[]): string[] => [...new Set(names)];

async function optional<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isProviderError(error, 'denied', 'not-found', 'unsupported')) return otherwise;
    throw error;
  }
}

async function readZones(client: CloudClient, service: Service): Promise<string[]> {
  const answer = await client.ask({ service, method: 'GET', path: '/os-availability-zone' });
  const zones = answer.at('availabilityZoneInfo').list();
  return zones.filter((zone) => zone.at('zoneState').at('available').flag()).map((zone) => zone.at('zoneName').text());
}

/** Key pairs belong to the user who calls, not to the project. */
async function readKeyPairs(client: CloudClient): Promise<string[]> {
  const answer = await client.ask({ service: 'compute', method: 'GET', path: '/os-keypairs' });
  return answer
    .at('keypairs')
    .list()
    .map((entry) => entry.at('keypair').at('name').text());
}

async function readQuota(client: CloudClient): Promise<TargetCatalog['quota']> {
  const path = `/os-quota-sets/${await client.projectId()}`;
  const quota = (await client.ask({ service: 'volume', method: 'GET', path, query: { usage: 'true' } })).at('quota_set');
  const perVolume = quota.at('per_volume_gigabytes').at('limit').number();
  return {
    ...room('volumesLeft', quota.at('volumes')),
    ...room('gigabytesLeft', quota.at('gigabytes')),
    ...(perVolume >= 0 && { perVolumeGigabytes: perVolume }),
  };
}

/** A negative limit means none; then there is nothing to say. Reserved is what requests under way will take. */
function room<K extends string>(key: K, quota: Answer): { readonly [P in K]?: number } {
  const limit = quota.at('limit').number();
  if (limit < 0) return {};
  const left = Math.max(0, limit - quota.at('in_use').number() - quota.at('reserved').number());
  return { [key]: left } as { readonly [P in K]?: number };
}
