import { isProviderError } from '../../../contracts/provider-error.js';
import type { ServerRequest, TargetServer } from '../../../contracts/target-provider.js';
import { serverId } from '../../../model/ids.js';
import type { ServerMake } from '../../../model/observed-target.js';
import { own } from '../../../model/own.js';
import type { CloudClient } from '../http/cloud-client.js';
import { conflict } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';

/** Servers that Nova is taking away, or has. */
const GONE = ['DELETED', 'SOFT_DELETED'];

/** The newest first: of several that were made of one VM it is the one. */
export async function listServers(client: CloudClient): Promise<TargetServer[]> {
  const servers = await listAll(client, { service: 'compute', path: '/servers/detail', name: 'servers' });
  return servers.filter(isThere).sort(newestFirst).map(decodeServer);
}

/** ISO times, all in UTC. */
function newestFirst(a: JsonCursor, b: JsonCursor): number {
  const [one, other] = [a, b].map((server) => server.at('created').brief() ?? '') as [string, string];
  return one === other ? 0 : one > other ? -1 : 1;
}

/** Undefined: there is none any more. */
export async function getServer(client: CloudClient, id: string): Promise<TargetServer | undefined> {
  try {
    const answer = await client.ask({ service: 'compute', method: 'GET', path: `/servers/${id}` });
    const server = answer.at('server');
    return GONE.includes(server.at('status').text()) ? undefined : decodeServer(server);
  } catch (error) {
    if (isProviderError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** The server of an earlier try: the one with the identity in its metadata. */
export async function findServer(
  client: CloudClient,
  { metadata, identityKey }: Pick<ServerRequest, 'metadata' | 'identityKey'>,
): Promise<TargetServer | undefined> {
  const identity = own(metadata, identityKey);
  const servers = (await listServers(client)).filter(
    (server) => identity !== undefined && own(server.metadata, identityKey) === identity,
  );
  if (servers.length > 1) {
    const ids = servers.map(({ id }) => id).join(', ');
    throw conflict(client.site('GET /servers/detail'), `several servers have ${identityKey}=${identity}: ${ids}`, [
      'Delete all but one, then run again.',
    ]);
  }
  return servers[0];
}

export function isThere(server: JsonCursor): boolean {
  return !GONE.includes(server.at('status').text()) && server.at('OS-EXT-STS:task_state').optionalText() !== 'deleting';
}

function decodeServer(server: JsonCursor): TargetServer {
  const fault = server.at('fault').isAbsent() ? undefined : server.at('fault').at('message').optionalText();
  return {
    id: serverId(server.at('id').text()),
    name: server.at('name').optionalText() ?? '',
    status: server.at('status').text(),
    ...(fault !== undefined && { fault }),
    metadata: server.at('metadata').texts(),
    make: makeOf(server),
  };
}

function makeOf(server: JsonCursor): ServerMake {
  const flavor = server.at('flavor').isAbsent()
    ? undefined
    : (server.at('flavor').at('original_name').optionalText() ?? server.at('flavor').at('id').optionalText());
  const availabilityZone = server.at('OS-EXT-AZ:availability_zone').optionalText();
  const told = server.keys();
  return {
    ...(flavor !== undefined && { flavor }),
    ...(availabilityZone !== undefined && { availabilityZone }),
    ...(told.includes('key_name') && { keyName: server.at('key_name').optionalText() ?? '' }),
    ...(told.includes('security_groups') && {
      securityGroups: server
        .at('security_groups')
        .optionalList()
        .map((group) => group.at('name').text()),
    }),
  };
}
