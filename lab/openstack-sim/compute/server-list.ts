import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import { type AuthorizedCall, badRequest, type Reply } from '../wire/message.js';
import { linksOf, pageOf } from '../wire/paging.js';
import { serverDetail } from './server-view.js';

/** `GET /servers/detail`, newest first; `name` is a regular expression, as in Nova. */
export function listServers(cloud: Cloud, call: AuthorizedCall): Reply {
  const { query, token, baseUrl, path } = call;
  const everyProject = isAdmin(token) && ['1', 'true', 'True'].includes(query.get('all_tenants') ?? '');
  const name = nameTest(query.get('name') ?? '');
  const status = query.get('status')?.toUpperCase();
  const found = [...cloud.compute.servers.values()]
    .filter(({ projectId }) => everyProject || projectId === projectOf(token).id)
    .filter((server) => name.test(server.name) && (status ?? server.status) === server.status)
    .reverse();
  const { items, next } = pageOf(found, call, {
    pageSizeMax: cloud.config.pageSize,
    url: `${baseUrl}/compute/v2.1${path}`,
    markerNotFound: (marker) => badRequest(`marker [${marker}] not found`),
  });
  return {
    status: 200,
    body: { servers: items.map((server) => serverDetail(cloud, server, call)), ...linksOf('servers', next) },
  };
}

function nameTest(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw badRequest(`Invalid regular expression: ${text}`);
  }
}
