import { isProviderError } from '../../../contracts/provider-error.js';
import type { MadeServer, ServerRequest, TargetServer } from '../../../contracts/target-provider.js';
import { invariant } from '../../../diag/diagnostic.js';
import { type ServerId, serverId, type VolumeId } from '../../../model/ids.js';
import { assertPlainMetadata, plainName } from '../../../model/plain-text.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import { conflict, failed, notFound, tooSlow } from '../http/errors.js';
import { pollUntil } from '../http/poll.js';
import { getVolume } from '../objects/get-volume.js';
import { findServer, getServer } from '../objects/servers.js';
import { resolveNames } from './names.js';
import { ensurePorts } from './ports.js';
import { settledPorts } from './server-ports.js';
import { untilFreeOrOurs } from './taken-volumes.js';

const CALL = 'POST /servers';
/** The cloud may still carry out what a dead run asked for, once for each run that died. */
const ATTEMPTS_MAX = 3;

/**
 * A running server with the request's identity: the one that is there, or a new one. One in ERROR is deleted and made
 * again, once; its metadata prove that it is ours. A refusal because the volumes are taken may come from a server that an earlier
 * run asked for and did not live to see: that one is taken.
 */
export async function createServer(client: CloudClient, request: ServerRequest, timeoutMs: number): Promise<MadeServer> {
  assertPlainMetadata(request.metadata);
  invariant((request.metadata[request.identityKey] ?? '') !== '', `server metadata have no ${request.identityKey}`);
  for (let attempt = 1; ; attempt++) {
    try {
      const server = (await takeOver(client, request, timeoutMs)) ?? (await make(client, request, timeoutMs));
      return { ...server, ...(await settledPorts(client, request, server.id)) };
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isProviderError(error, 'conflict')) throw error;
      await untilFreeOrOurs(client, request, error);
    }
  }
}

async function make(client: CloudClient, request: ServerRequest, timeoutMs: number): Promise<TargetServer> {
  const { flavor, resolvedPorts } = await resolveNames(client, request);
  const ports = await ensurePorts(client, request, resolvedPorts);
  const id = await createOnce({
    clock: client.clock,
    send: () => postServer(client, request, { flavor, ports }),
    find: async () => (await findServer(client, request))?.id,
  });
  const server = await untilSettled(client, id, timeoutMs);
  if (server.status === 'ACTIVE') return server;
  throw failed(client.site(CALL), `server ${id} went to ${server.status}: ${server.fault ?? 'the cloud gives no reason'}`, [
    'If no compute host has its machine type: set hwMachineType: pc or q35, and plan again; the server is then deleted and made anew.',
    'If no host has room for its flavor: ask who runs the cloud, then run the same plan again; the server is made anew.',
  ]);
}

/** The server of an earlier try when it runs, or still comes up. Undefined: there is none, or it was in ERROR and is deleted. */
async function takeOver(client: CloudClient, request: ServerRequest, timeoutMs: number): Promise<TargetServer | undefined> {
  const found = await findServer(client, request);
  if (found === undefined) return undefined;
  const server = found.status === 'BUILD' ? await untilSettled(client, found.id, timeoutMs) : found;
  if (server.status === 'ACTIVE') return server;
  if (server.status !== 'ERROR') {
    throw conflict(client.site('GET /servers/detail'), `server ${server.id} is there and is ${server.status}, not ACTIVE`, [
      `Bring it to ACTIVE, such as with: openstack server start ${server.id}`,
    ]);
  }
  await removeServer(client, server.id, { volumes: request.volumes, timeoutMs });
  return undefined;
}

/** Nova keeps the volumes of a server in ERROR reserved until it is deleted. */
async function removeServer(
  client: CloudClient,
  id: ServerId,
  { volumes, timeoutMs }: { volumes: readonly VolumeId[]; timeoutMs: number },
): Promise<void> {
  const path = `/servers/${id}`;
  await deleteIfThere(client, 'compute', path);
  const done = await pollUntil(client.clock, timeoutMs, async () => {
    if ((await getServer(client, id)) !== undefined) return undefined;
    for (const volume of volumes) {
      if ((await getVolume(client, volume))?.at('status').text() !== 'available') return undefined;
    }
    return true;
  });
  if (!done)
    throw tooSlow(
      client.site(`DELETE ${path}`),
      `server ${id} and its volumes are not released after ${Math.round(timeoutMs / 1000)} s`,
    );
}

async function postServer(
  client: CloudClient,
  request: ServerRequest,
  { flavor, ports }: { flavor: string; ports: readonly string[] },
): Promise<ServerId> {
  const server = {
    name: plainName(request.name),
    flavorRef: flavor,
    networks: ports.length === 0 ? 'none' : ports.map((port) => ({ port })),
    block_device_mapping_v2: request.volumes.map(mappingOf),
    metadata: request.metadata,
    ...(request.description !== undefined && { description: request.description }),
    ...(request.tags !== undefined && request.tags.length > 0 && { tags: request.tags }),
    ...(request.keyName !== undefined && { key_name: request.keyName }),
    ...(request.availabilityZone !== undefined && { availability_zone: request.availabilityZone }),
  };
  const answer = await client.ask({ service: 'compute', method: 'POST', path: '/servers', body: { server } });
  return serverId(answer.at('server').at('id').text());
}

/** Data disks are mapped at boot: a q35 guest has few slots for plugging them in later. */
const mappingOf = (uuid: VolumeId, index: number): object => ({
  uuid,
  source_type: 'volume',
  destination_type: 'volume',
  boot_index: index === 0 ? 0 : -1,
  delete_on_termination: false,
});

/** Until it is no longer in BUILD. */
async function untilSettled(client: CloudClient, id: ServerId, timeoutMs: number): Promise<TargetServer> {
  const settled = await pollUntil(client.clock, timeoutMs, async () => {
    const server = await getServer(client, id);
    if (server === undefined) throw notFound(client.site(CALL), `server ${id} was deleted while it was built`);
    return server.status === 'BUILD' ? undefined : server;
  });
  if (settled === undefined)
    throw tooSlow(client.site(CALL), `server ${id} is not ACTIVE after ${Math.round(timeoutMs / 1000)} s`);
  return settled;
}
