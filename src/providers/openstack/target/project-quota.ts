import type { LimitFunction } from 'p-limit';
import type { TargetCatalog } from '../../../model/observed-target.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { optionalRead } from '../http/optional-read.js';

type Quota = TargetCatalog['quota'];

/** Room left in the project, as far as its role may read it. `ports`: how many it has; undefined: not known. */
export async function readQuota(client: CloudClient, limit: LimitFunction, ports: Promise<number | undefined>): Promise<Quota> {
  const [volumes, servers, portsLimit, used] = await Promise.all([
    limit(() => readVolumeQuota(client)),
    limit(() => optionalRead(() => serverQuota(client), {})),
    limit(() => optionalRead(() => portLimit(client), undefined)),
    ports,
  ]);
  const portsLeft = portsLimit === undefined || used === undefined ? {} : { portsLeft: Math.max(0, portsLimit - used) };
  return { ...volumes, ...servers, ...portsLeft };
}

/** Of volumes and their snapshots alone. */
export const readVolumeQuota = (client: CloudClient): Promise<Quota> => optionalRead(() => volumeQuota(client), {});

async function volumeQuota(client: CloudClient): Promise<Quota> {
  const path = `/os-quota-sets/${await client.projectId()}`;
  const quota = (await client.ask({ service: 'volume', method: 'GET', path, query: { usage: 'true' } })).at('quota_set');
  const perVolume = quota.at('per_volume_gigabytes').at('limit').number();
  const volumesLeft = room(quota.at('volumes'));
  const gigabytesLeft = room(quota.at('gigabytes'));
  const snapshots = quota.at('snapshots');
  const snapshotsLeft = snapshots.isAbsent() ? undefined : room(snapshots);
  return {
    ...(volumesLeft !== undefined && { volumesLeft }),
    ...(snapshotsLeft !== undefined && { snapshotsLeft }),
    ...(gigabytesLeft !== undefined && { gigabytesLeft }),
    ...(perVolume >= 0 && { perVolumeGigabytes: perVolume }),
    ...byType('volumesLeftByType', quota, 'volumes_'),
    ...byType('gigabytesLeftByType', quota, 'gigabytes_'),
    ...byType('snapshotsLeftByType', quota, 'snapshots_'),
  };
}

/** Cinder adds `volumes_TYPE`, `gigabytes_TYPE` and `snapshots_TYPE` for each volume type. */
function byType<K extends string>(key: K, quota: JsonCursor, prefix: string): { readonly [P in K]?: Record<string, number> } {
  const rooms = quota
    .keys()
    .filter((name) => name.startsWith(prefix))
    .map((name) => [name.slice(prefix.length), room(quota.at(name))] as const);
  const limited = rooms.filter((entry): entry is [string, number] => entry[1] !== undefined);
  return limited.length === 0 ? {} : ({ [key]: Object.fromEntries(limited) } as { readonly [P in K]?: Record<string, number> });
}

/** A negative limit means none; then there is nothing to say. Reserved is what requests under way will take. */
function room(quota: JsonCursor): number | undefined {
  const limit = quota.at('limit').number();
  return limit < 0 ? undefined : Math.max(0, limit - quota.at('in_use').number() - quota.at('reserved').number());
}

async function serverQuota(client: CloudClient): Promise<Quota> {
  const answer = await client.ask({ service: 'compute', method: 'GET', path: '/limits' });
  const absolute = answer.at('limits').at('absolute');
  const left = (max: string, used: string): number | undefined => {
    const limit = absolute.at(max).number();
    return limit < 0 ? undefined : Math.max(0, limit - absolute.at(used).number());
  };
  const instancesLeft = left('maxTotalInstances', 'totalInstancesUsed');
  const coresLeft = left('maxTotalCores', 'totalCoresUsed');
  const ramMiBLeft = left('maxTotalRAMSize', 'totalRAMUsed');
  const items = absolute.at('maxServerMeta');
  const serverMetadataMax = items.isAbsent() || items.number() < 0 ? undefined : items.number();
  return {
    ...(instancesLeft !== undefined && { instancesLeft }),
    ...(coresLeft !== undefined && { coresLeft }),
    ...(ramMiBLeft !== undefined && { ramMiBLeft }),
    ...(serverMetadataMax !== undefined && { serverMetadataMax }),
  };
}

async function portLimit(client: CloudClient): Promise<number | undefined> {
  const path = `/quotas/${await client.projectId()}`;
  const limit = (await client.ask({ service: 'network', method: 'GET', path })).at('quota').at('port').number();
  return limit < 0 ? undefined : limit;
}
