import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import type { ProjectQuota } from '../config.js';
import type { Project } from '../identity/model.js';
import { type AuthorizedCall, denied, notFound, Refusal, type Reply } from '../wire/message.js';
import { type Route, secured } from '../wire/route.js';
import type { Snapshot, Volume } from './model.js';

/** What a project's volumes and snapshots take. Volumes in `error` count too. */
export const usageOf = ({ block }: Cloud, projectId: string): Usage => usageIn(block, (entry) => entry.projectId === projectId);

interface Usage {
  readonly volumes: number;
  readonly snapshots: number;
  readonly gigabytes: number;
}

function usageIn(block: Cloud['block'], isCounted: (entry: Volume | Snapshot) => boolean): Usage {
  const volumes = [...block.volumes.values()].filter(isCounted);
  const snapshots = [...block.snapshots.values()].filter(isCounted);
  const gigabytes = [...volumes, ...snapshots].reduce((sum, { sizeGiB }) => sum + sizeGiB, 0);
  return { volumes: volumes.length, snapshots: snapshots.length, gigabytes };
}

const exceeds = (wanted: number, limit: number) => limit >= 0 && wanted > limit;

const overLimit = (message: string) => new Refusal(413, message, { headers: { 'Retry-After': '0' } });

/** Refuses with 413 when the project has no room for `count` more volumes or snapshots and so many more gibibytes. */
export function checkQuota(
  cloud: Cloud,
  { id, quota }: Project,
  asked: { gigabytes: number; kind?: 'volumes' | 'snapshots'; count?: number; type?: string },
): void {
  const { gigabytes, kind = 'volumes', count = 1, type } = asked;
  if (kind === 'volumes' && exceeds(gigabytes, quota.perVolumeGigabytes)) {
    const limit = `${quota.perVolumeGigabytes}G`;
    throw overLimit(`VolumeSizeExceedsLimit: Requested volume size ${gigabytes}G is larger than maximum allowed limit ${limit}.`);
  }
  const used = usageOf(cloud, id);
  if (exceeds(used.gigabytes + gigabytes, quota.gigabytes)) {
    const numbers = `Requested ${gigabytes}G, quota is ${quota.gigabytes}G and ${used.gigabytes}G has been consumed.`;
    throw overLimit(`VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ${numbers}`);
  }
  if (exceeds(used[kind] + count, quota[kind])) {
    const name = kind === 'volumes' ? 'VolumeLimitExceeded' : 'SnapshotLimitExceeded';
    throw overLimit(`${name}: Maximum number of ${kind} allowed (${quota[kind]}) exceeded for quota '${kind}'.`);
  }
  if (type !== undefined) checkTypeQuota(cloud, { id, quota }, { type, gigabytes, count, kind });
}

/** Volumes and snapshots of one type are counted besides the totals, and refused in the same words. */
function checkTypeQuota(
  cloud: Cloud,
  { id, quota }: Pick<Project, 'id' | 'quota'>,
  { type, gigabytes, count, kind }: { type: string; gigabytes: number; count: number; kind: 'volumes' | 'snapshots' },
): void {
  const limits = limitsOfType(quota, type);
  const used = usageOfType(cloud, id, type);
  if (exceeds(used.gigabytes + gigabytes, limits.gigabytes)) {
    const numbers = `Requested ${gigabytes}G, quota is ${limits.gigabytes}G and ${used.gigabytes}G has been consumed.`;
    throw overLimit(
      `VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes_${type} quota. ${numbers}`,
    );
  }
  if (exceeds(used[kind] + count, limits[kind])) {
    const name = kind === 'volumes' ? 'VolumeLimitExceeded' : 'SnapshotLimitExceeded';
    throw overLimit(`${name}: Maximum number of ${kind} allowed (${limits[kind]}) exceeded for quota '${kind}_${type}'.`);
  }
}

const limitsOfType = ({ byVolumeType }: ProjectQuota, type: string) => ({
  volumes: -1,
  snapshots: -1,
  gigabytes: -1,
  ...byVolumeType[type],
});

const usageOfType = ({ block }: Cloud, projectId: string, name: string): Usage =>
  usageIn(block, (entry) => entry.projectId === projectId && entry.type.name === name);

export function quotaRoutes(cloud: Cloud): Route[] {
  return [secured('GET', '/os-quota-sets/{project}', (call) => quotaSet(cloud, call))];
}

function projectById(cloud: Cloud, { params, token }: AuthorizedCall): Project {
  const id = params['project'] as string;
  if (!isAdmin(token) && id !== projectOf(token).id) throw denied('volume_extension:quotas:show');
  const project = cloud.directory.projects.find((candidate) => candidate.id === id);
  if (project === undefined) throw notFound(`Project ${id} could not be found.`);
  return project;
}

function quotaSet(cloud: Cloud, call: AuthorizedCall): Reply {
  const { id, quota } = projectById(cloud, call);
  const used = usageOf(cloud, id);
  const withUsage = ['true', 'True', '1'].includes(call.query.get('usage') ?? '');
  const entry = (limit: number, inUse: number) => (withUsage ? { limit, in_use: inUse, reserved: 0 } : limit);
  const quotaSet = {
    id,
    volumes: entry(quota.volumes, used.volumes),
    gigabytes: entry(quota.gigabytes, used.gigabytes),
    snapshots: entry(quota.snapshots, used.snapshots),
    per_volume_gigabytes: entry(quota.perVolumeGigabytes, 0),
    backups: entry(10, 0),
    backup_gigabytes: entry(1000, 0),
    groups: entry(10, 0),
    ...Object.fromEntries(
      cloud.block.types.flatMap(({ name }) => {
        const [limits, taken] = [limitsOfType(quota, name), usageOfType(cloud, id, name)];
        return [
          [`volumes_${name}`, entry(limits.volumes, taken.volumes)],
          [`gigabytes_${name}`, entry(limits.gigabytes, taken.gigabytes)],
          [`snapshots_${name}`, entry(limits.snapshots, taken.snapshots)],
        ];
      }),
    ),
  };
  return { status: 200, body: { quota_set: quotaSet } };
}
