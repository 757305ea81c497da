import pLimit from 'p-limit';
import { isProviderError } from '../../../contracts/provider-error.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { optionalRead } from '../http/optional-read.js';
import { listAll } from '../http/pages.js';
import { isThere } from '../objects/servers.js';
import { groupList, networkList } from '../target/names.js';

const CALLS_AT_ONCE_MAX = 4;

/** A project's servers and what hangs on them, as the services list them. */
export interface SourceLists {
  readonly servers: readonly JsonCursor[];
  readonly volumes: readonly JsonCursor[];
  readonly snapshots: readonly JsonCursor[];
  readonly ports: readonly JsonCursor[];
  /** Names of networks by id. */
  readonly networkNames: ReadonlyMap<string, string>;
  /** Names of security groups by id; those that the role may read. */
  readonly groupNames: ReadonlyMap<string, string>;
}

/** A fixed number of lists, however many servers are asked for. */
export async function readSourceLists(client: CloudClient): Promise<SourceLists> {
  const limit = pLimit(CALLS_AT_ONCE_MAX);
  const project_id = await client.projectId();
  const [servers, volumes, snapshots, ports, networks, groups] = await Promise.all([
    limit(() => listAll(client, { service: 'compute', path: '/servers/detail', name: 'servers' })),
    limit(() => listAll(client, { service: 'volume', path: '/volumes/detail', name: 'volumes' })),
    limit(() => listSnapshots(client)),
    limit(() => listAll(client, { service: 'network', path: '/ports', name: 'ports', query: { project_id } })),
    limit(() => listAll(client, networkList)),
    limit(() => optionalRead(() => listAll(client, groupList), [])),
  ]);
  return {
    servers: servers.filter(isThere),
    volumes,
    snapshots,
    ports,
    networkNames: namesById(networks),
    groupNames: namesById(groups),
  };
}

const namesById = (entries: readonly JsonCursor[]): ReadonlyMap<string, string> =>
  new Map(entries.map((entry) => [entry.at('id').text(), entry.at('name').optionalText() ?? '']));

export const listSnapshots = (client: CloudClient): Promise<JsonCursor[]> =>
  listAll(client, { service: 'volume', path: '/snapshots/detail', name: 'snapshots' });

/** Text properties of images by id, for those that still exist and may be seen. */
export async function readImageProperties(
  client: CloudClient,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const limit = pLimit(CALLS_AT_ONCE_MAX);
  const found = await Promise.all([...new Set(ids)].map((id) => limit(() => imageProperties(client, id))));
  return new Map(found.flatMap((entry) => (entry === undefined ? [] : [entry])));
}

async function imageProperties(
  client: CloudClient,
  id: string,
): Promise<readonly [string, Readonly<Record<string, string>>] | undefined> {
  try {
    return [id, (await client.ask({ service: 'image', method: 'GET', path: `/images/${id}` })).texts()];
  } catch (error) {
    if (isProviderError(error, 'not-found', 'denied', 'unsupported')) return undefined;
    throw error;
  }
}
