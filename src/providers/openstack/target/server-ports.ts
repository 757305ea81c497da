import { isProviderError } from '../../../contracts/provider-error.js';
import type { MadeServer, ServerRequest } from '../../../contracts/target-provider.js';
import type { ServerId } from '../../../model/ids.js';
import type { ObservedPort } from '../../../model/observed-target.js';
import { portTrouble } from '../../../model/port-trouble.js';
import type { CloudClient } from '../http/cloud-client.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { pollUntil } from '../http/poll.js';
import { decodePort } from './networks.js';
import { freePortsOf, listOwnPorts } from './port-mark.js';

/** Neutron's agents tell of a port some seconds after the server runs. */
const CONNECT_MS = 30_000;

type Settled = Pick<MadeServer, 'ports' | 'portsUnknown'>;

/**
 * The server's ports, once they are connected or the time is over. Ports that a dead run had asked for besides are taken away. The server
 * runs, so what the cloud refuses here is told and ends nothing.
 */
export async function settledPorts(client: CloudClient, request: ServerRequest, id: ServerId): Promise<Settled> {
  if (request.ports.length === 0) return {};
  try {
    const listed = await listOwnPorts(client);
    await removeSpare(client, request, listed);
    return { ports: await untilConnected(client, id, listed) };
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return { portsUnknown: error };
  }
}

/** The server is there, so a port with its mark that it does not have is one that nobody waits for. */
async function removeSpare(client: CloudClient, request: ServerRequest, listed: readonly JsonCursor[]): Promise<void> {
  for (const port of freePortsOf(request, listed)) await deleteIfThere(client, 'network', `/ports/${port.at('id').text()}`);
}

async function untilConnected(
  client: CloudClient,
  id: ServerId,
  listed: readonly JsonCursor[],
): Promise<readonly ObservedPort[]> {
  let ports = ofServer(id, listed);
  const mayChange = (): boolean => ports.some(({ link }) => link !== undefined && portTrouble(link) === 'down');
  if (!mayChange()) return ports;
  await pollUntil(client.clock, CONNECT_MS, async () => {
    ports = ofServer(id, await listOwnPorts(client));
    return mayChange() ? undefined : true;
  });
  return ports;
}

const ofServer = (id: ServerId, listed: readonly JsonCursor[]): ObservedPort[] =>
  listed.map(decodePort).filter(({ server }) => server === id);
