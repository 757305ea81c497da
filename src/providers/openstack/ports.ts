import { createHash } from 'node:crypto';
import type { PortRequest, ServerRequest } from '../provider.js';
import { isProviderError } from '../provider-error.js';
import type { Answer } from './answer.js';
import type { CloudClient } from './cloud-client.js';
import { createOnce } from './create-once.js';
import { deleteIfThere } from './delete-if-there.js';
import { withNextSteps } from './errors.js';
import { listAll } from './pages.js';
import { plainName } from './plain-text.js';

/** Where a port goes, with names already turned into ids. */
export interface PortPlace {
  readonly network: string;
  readonly securityGroups: readonly string[];
}

interface WantedPort {
  readonly name: string;
  /** What the name ends in, whatever the server is called. */
  readonly ending: string;
  /** The description: whose port it is and which NIC, whatever device it hangs on. */
  readonly mark: string;
  readonly request: PortRequest;
  readonly place: PortPlace;
}

/** Ids of the server's ports, in the order of the request. Those of an earlier try are used again. */
export async function ensurePorts(client: CloudClient, server: ServerRequest, places: readonly PortPlace[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, request] of server.ports.entries()) {
    ids.push(await ensurePort(client, { ...markOf(server, index), request, place: places[index]! }));
  }
  return ids;
}

const TEXT_MAX = 255;
const HASH_LENGTH = 12;

/** The description says in the clear whose port it is; the name ends in a hash of that, so that it is one of a kind. */
function markOf({ name, identityKey, metadata }: ServerRequest, index: number): Pick<WantedPort, 'name' | 'ending' | 'mark'> {
  const mark = `migplan ${identityKey}=${metadata[identityKey] ?? ''} nic=${index}`;
  const hash = createHash('sha256').update(mark).digest('hex').slice(0, HASH_LENGTH);
  const ending = `-nic${index}-${hash}`;
  const start = plainName(name).slice(0, TEXT_MAX - ending.length);
  return { name: `${start}${ending}`, ending, mark: mark.slice(0, TEXT_MAX) };
}

async function ensurePort(client: CloudClient, wanted: WantedPort): Promise<string> {
  const found = await findPort(client, wanted);
  if (found !== undefined && fits(found, wanted)) return found.at('id').text();
  if (found !== undefined) await deleteIfThere(client, 'network', `/ports/${found.at('id').text()}`);
  return createPort(client, wanted);
}

/**
 * Among all ports of the project, because the manifest may have been changed to another network or name since. Only ports
 * that no server uses: the marked port of a running server is not taken away from it.
 */
async function findPort(client: CloudClient, { mark, ending }: WantedPort): Promise<Answer | undefined> {
  const project = await client.projectId();
  const query = { project_id: project };
  const ports = await listAll(client, { service: 'network', path: '/ports', name: 'ports', query });
  return ports.find((port) => {
    const isFree = port.at('device_id').optionalText() === undefined;
    const isOwn = port.at('project_id').optionalText() === project;
    // Clouds without the description attribute are known by the name alone.
    const isMarked = port.at('description').isAbsent() || port.at('description').text() === mark;
    return isOwn && isFree && isMarked && port.at('name').optionalText()?.endsWith(ending) === true;
  });
}

/** The manifest may have been changed since the earlier try. */
function fits(port: Answer, { request: { mac, fixedIp }, place }: WantedPort): boolean {
  const addresses = port
    .at('fixed_ips')
    .optionalList()
    .map((entry) => entry.at('ip_address').optionalText());
  const groups = port
    .at('security_groups')
    .optionalList()
    .map((group) => group.text());
  return (
    port.at('network_id').optionalText() === place.network &&
    (mac === undefined || port.at('mac_address').text().toLowerCase() === mac.toLowerCase()) &&
    (fixedIp === undefined || addresses.includes(fixedIp)) &&
    (place.securityGroups.length === 0 || place.securityGroups.toSorted().join() === groups.toSorted().join())
  );
}

async function createPort(client: CloudClient, wanted: WantedPort): Promise<string> {
  const { name, mark: description, request, place } = wanted;
  const port = {
    network_id: place.network,
    name,
    description,
    ...(request.mac !== undefined && { mac_address: request.mac.toLowerCase() }),
    ...(request.fixedIp !== undefined && { fixed_ips: [{ ip_address: request.fixedIp }] }),
    ...(place.securityGroups.length > 0 && { security_groups: place.securityGroups }),
  };
  try {
    return await createOnce({
      clock: client.clock,
      send: async () => {
        const answer = await client.ask({ service: 'network', method: 'POST', path: '/ports', body: { port } });
        return answer.at('port').at('id').text();
      },
      find: async () => (await findPort(client, wanted))?.at('id').text(),
    });
  } catch (error) {
    throw withAdvice(error, request);
  }
}

/** Members may choose addresses on their own networks only (Neutron's default policy). */
function withAdvice(error: unknown, { network, mac, fixedIp }: PortRequest): unknown {
  if (mac === undefined && fixedIp === undefined) return error;
  if (isProviderError(error, 'denied')) {
    return withNextSteps(error, [
      `Network ${network} may not let its users choose addresses: write mac: new and no fixedIp in the manifest, or ask for the right to.`,
    ]);
  }
  if (!isProviderError(error, 'conflict')) return error;
  return withNextSteps(error, [
    `Another port on network ${network} has the address: delete it, or write mac: new or another fixedIp in the manifest.`,
  ]);
}
