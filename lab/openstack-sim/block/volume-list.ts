import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import { type AuthorizedCall, badRequest, type Reply } from '../wire/message.js';
import { linksOf, pageOf } from '../wire/paging.js';
import { volumeNotFound } from './find-volume.js';
import type { Volume } from './model.js';
import { volumeFilter } from './volume-filter.js';
import { volumeDetail } from './volume-view.js';

const WITH_COUNT = 45;

/** `GET /volumes/detail`: filter, sort, then page. */
export function listVolumes(cloud: Cloud, call: AuthorizedCall): Reply {
  const passes = volumeFilter(cloud, call);
  const order = sortOrder(call.query.get('sort') ?? legacySort(call) ?? cloud.config.volumeOrder);
  const found = visibleVolumes(cloud, call).filter(passes).sort(order);
  const projectId = projectOf(call.token).id;
  const { items, next } = pageOf(found, call, {
    pageSizeMax: cloud.config.pageSize,
    url: `${call.baseUrl}/volume/v3/${projectId}${call.path}`,
    markerNotFound: volumeNotFound,
  });
  const count =
    call.version >= WITH_COUNT && call.query.get('with_count')?.toLowerCase() === 'true' ? { count: found.length } : {};
  return {
    status: 200,
    body: { volumes: items.map((volume) => volumeDetail(cloud, volume, call)), ...linksOf('volumes', next), ...count },
  };
}

function visibleVolumes(cloud: Cloud, { token, query }: AuthorizedCall): Volume[] {
  const everyProject = isAdmin(token) && ['1', 'true', 'True'].includes(query.get('all_tenants') ?? '');
  return [...cloud.block.volumes.values()].filter(({ projectId }) => everyProject || projectId === projectOf(token).id);
}

const legacySort = ({ query }: AuthorizedCall) =>
  query.has('sort_key') ? `${query.get('sort_key')}:${query.get('sort_dir') ?? 'desc'}` : undefined;

const sortValues: Readonly<Record<string, (volume: Volume) => string | number>> = {
  name: ({ name }) => name ?? '',
  // The database keeps whole seconds, so many volumes of a batch are equal and their ids decide.
  created_at: ({ createdMs }) => Math.floor(createdMs / 1000),
};

function sortOrder(text: string): (a: Volume, b: Volume) => number {
  const keys = text.split(',').map((part) => {
    const [key = '', direction = 'desc'] = part.trim().split(':');
    const read = sortValues[key];
    if (read === undefined) throw badRequest(`Invalid input received: Invalid sort key: ${key}`);
    return { read, sign: direction === 'asc' ? 1 : -1 };
  });
  const tieSign = keys.at(-1)?.sign ?? -1;
  return (a, b) => {
    for (const { read, sign } of keys) {
      if (read(a) !== read(b)) return read(a) < read(b) ? -sign : sign;
    }
    return a.id < b.id ? -tieSign : tieSign;
  };
}
