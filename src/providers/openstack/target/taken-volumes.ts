import type { ProviderError } from '../../../contracts/provider-error.js';
import type { ServerRequest, TargetServer } from '../../../contracts/target-provider.js';
import type { ServerId, VolumeId } from '../../../model/ids.js';
import { own } from '../../../model/own.js';
import { attachmentsOf, heldOr, isHeld } from '../access/attachments.js';
import type { CloudClient } from '../http/cloud-client.js';
import { held } from '../http/errors.js';
import { pollUntil } from '../http/poll.js';
import { getVolume } from '../objects/get-volume.js';
import { findServer, getServer } from '../objects/servers.js';

/** How long Nova may take from reserving a server's volumes to listing it, and from a request that fails to giving them back. */
const SETTLE_MS = 30_000;

interface TakenVolume {
  readonly volume: VolumeId;
  readonly status: string;
}

/**
 * Nova did not take the request. Resolves when asking again may end otherwise: our own server has appeared, or who held the
 * volumes has let go of them. Throws who holds them, or `refused` itself where nobody does and the reason is another one.
 */
export async function untilFreeOrOurs(client: CloudClient, request: ServerRequest, refused: ProviderError): Promise<void> {
  if ((await lookAgain(client, request)) === 'free') throw refused;
  const seen = await pollUntil(client.clock, SETTLE_MS, async () => {
    const now = await lookAgain(client, request);
    return typeof now === 'string' ? now : undefined;
  });
  if (seen !== undefined) return;
  const last = await takenVolume(client, request.volumes);
  if (last !== undefined) throw await heldOr(client, last.volume, refused);
}

/** Throws when a server that is not of this VM has one of the volumes. */
async function lookAgain(client: CloudClient, request: ServerRequest): Promise<'ours' | 'free' | TakenVolume> {
  if ((await findServer(client, request)) !== undefined) return 'ours';
  const taken = await takenVolume(client, request.volumes);
  if (taken === undefined) return 'free';
  const stranger = await strangerWith(client, taken.volume, request);
  if (stranger === undefined) return taken;
  throw heldByStranger(client, taken, stranger);
}

async function takenVolume(client: CloudClient, volumes: readonly VolumeId[]): Promise<TakenVolume | undefined> {
  for (const volume of volumes) {
    const status = (await getVolume(client, volume))?.at('status').text();
    if (status !== undefined && isHeld(status)) return { volume, status };
  }
  return undefined;
}

/** A server of this project that has the volume and another identity. One that is not listed yet may be ours. */
async function strangerWith(
  client: CloudClient,
  volume: VolumeId,
  { metadata, identityKey }: ServerRequest,
): Promise<TargetServer | undefined> {
  const holders = (await attachmentsOf(client, volume)).flatMap(({ server }): ServerId[] =>
    server === undefined ? [] : [server],
  );
  for (const id of holders) {
    const server = await getServer(client, id);
    if (server !== undefined && own(server.metadata, identityKey) !== own(metadata, identityKey)) return server;
  }
  return undefined;
}

const heldByStranger = (client: CloudClient, { volume, status }: TakenVolume, { id, name }: TargetServer): ProviderError =>
  held(client.site('POST /servers'), `volume ${volume} is ${status} by server ${id} (${name}), which is not of this VM`, [
    `If server ${id} is not to have it: openstack server remove volume ${id} ${volume}; then run again.`,
  ]);
