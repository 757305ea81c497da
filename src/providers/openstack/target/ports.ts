import { createHash } from 'node:crypto';
import { isProviderError } from '../../../contracts/provider-error.js';
import type { PortRequest, ServerRequest } from '../../../contracts/target-provider.js';
import type { AddressPair } from '../../../model/desired.js';
import { sameAddress } from '../../../model/ip-network.js';
import { plainName } from '../../../model/plain-text.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import { withNextSteps } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';

/** Where a port goes, with names already turned into ids. */
export interface ResolvedPort {
  readonly network: string;
  /** Absent: the project's default. */
  readonly securityGroups?: readonly string[];
}

/** What a port is recognised by. */
interface PortMark {
  /** What the name ends in, whatever the server is called. */
  readonly ending: string;
  /** The description: whose port it is and which NIC, whatever device it hangs on. */
  readonly ownerTag: string;
}

interface WantedPort extends PortMark {
  readonly name: string;
  readonly request: PortRequest;
  readonly resolved: ResolvedPort;
}

/** Ids of the server's ports, in the order of the request. Those of an earlier try are used again. */
export async function ensurePorts(
  client: CloudClient,
  server: ServerRequest,
  resolvedPorts: readonly ResolvedPort[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, request] of server.ports.entries()) {
    ids.push(await ensurePort(client, { ...markOf(server, index), request, resolved: resolvedPorts[index]! }));
  }
  return ids;
}

const TEXT_MAX = 255;
const HASH_LENGTH = 12;

/** The description says in the clear whose port it is; the name ends in a hash of that, so that it is one of a kind. */
/** Of the NIC at this place in the request. */
export function markOf({ name, identityKey, metadata }: ServerRequest, index: number): PortMark & Pick<WantedPort, 'name'> {
  const ownerTag = `migplan ${identityKey}=${metadata[identityKey] ?? ''} nic=${index}`;
  const hash = createHash('sha256').update(ownerTag).digest('hex').slice(0, HASH_LENGTH);
  const ending = `-nic${index}-${hash}`;
  const start = plainName(name).slice(0, TEXT_MAX - ending.length);
  return { name: `${start}${ending}`, ending, ownerTag: ownerTag.slice(0, TEXT_MAX) };
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
const findPort = async (client: CloudClient, wanted: PortMark): Promise<JsonCursor | undefined> =>
  (await listOwnPorts(client)).find(isFreeWith(wanted));

/** Ports of this project: an administrator's list has everybody's. */
export async function listOwnPorts(client: CloudClient): Promise<JsonCursor[]> {
  const project = await client.projectId();
  const query = { project_id: project };
  const ports = await listAll(client, { service: 'network', path: '/ports', name: 'ports', query });
  return ports.filter((port) => port.at('project_id').optionalText() === project);
}

/** No server has it, and it is marked so. */
export const isFreeWith =
  ({ ownerTag, ending }: PortMark) =>
  (port: JsonCursor): boolean => {
    const isFree = port.at('device_id').optionalText() === undefined;
    // Clouds without the description attribute are known by the name alone.
    const isMarked = port.at('description').isAbsent() || port.at('description').text() === ownerTag;
    return isFree && isMarked && port.at('name').optionalText()?.endsWith(ending) === true;
  };

/** The manifest may have been changed since the earlier try. */
function fits(port: JsonCursor, { request, resolved }: WantedPort): boolean {
  const { mac, fixedIps, allowedAddressPairs = [], portSecurity = true, connected = true } = request;
  const portMac = port.at('mac_address').text().toLowerCase();
  const addresses = port
    .at('fixed_ips')
    .optionalList()
    .map((entry) => entry.at('ip_address').text());
  const groups = port
    .at('security_groups')
    .optionalList()
    .map((group) => group.text());
  const { securityGroups } = resolved;
  return (
    port.at('network_id').optionalText() === resolved.network &&
    (mac === undefined || portMac === mac.toLowerCase()) &&
    (fixedIps === undefined || hasAddresses(addresses, fixedIps)) &&
    (securityGroups === undefined || sameSet(groups, securityGroups)) &&
    sameSet(pairsOf(port).map(pairKey(portMac)), allowedAddressPairs.map(pairKey(portMac))) &&
    (port.at('port_security_enabled').isAbsent() || port.at('port_security_enabled').flag() === portSecurity) &&
    (port.at('admin_state_up').isAbsent() || port.at('admin_state_up').flag() === connected)
  );
}

/** Neutron may add addresses that follow from the MAC; to a port that shall have none it adds nothing. */
const hasAddresses = (found: readonly string[], wanted: readonly string[]): boolean =>
  wanted.length === 0 ? found.length === 0 : wanted.every((address) => found.some((other) => sameAddress(address, other)));

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.toSorted().join() === b.toSorted().join();

export const pairsOf = (port: JsonCursor): AddressPair[] =>
  port
    .at('allowed_address_pairs')
    .optionalList()
    .map((pair) => {
      const mac = pair.at('mac_address').optionalText()?.toLowerCase();
      return { ip: pair.at('ip_address').text(), ...(mac !== undefined && { mac }) };
    });

const pairKey =
  (portMac: string) =>
  ({ ip, mac = portMac }: AddressPair): string =>
    `${ip} ${mac.toLowerCase()}`;

async function createPort(client: CloudClient, wanted: WantedPort): Promise<string> {
  const { name, ownerTag: description, request, resolved } = wanted;
  const pairs = (request.allowedAddressPairs ?? []).map(({ ip, mac }) => ({
    ip_address: ip,
    ...(mac !== undefined && { mac_address: mac.toLowerCase() }),
  }));
  const port = {
    network_id: resolved.network,
    name,
    description,
    ...(request.mac !== undefined && { mac_address: request.mac.toLowerCase() }),
    ...(request.fixedIps !== undefined && { fixed_ips: request.fixedIps.map((ip_address) => ({ ip_address })) }),
    ...(request.portSecurity === false && { port_security_enabled: false }),
    ...(resolved.securityGroups !== undefined && request.portSecurity !== false && { security_groups: resolved.securityGroups }),
    ...(pairs.length > 0 && { allowed_address_pairs: pairs }),
    ...(request.connected === false && { admin_state_up: false }),
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
    const late = isProviderError(error, 'conflict') ? await findPort(client, wanted) : undefined;
    // The address is taken by the port that a dead run asked for: the cloud has made it since we looked.
    if (late !== undefined && fits(late, wanted)) return late.at('id').text();
    throw withAdvice(error, request);
  }
}

/** Members may choose addresses on their own networks only (Neutron's default policy). */
function withAdvice(error: unknown, { network, mac, fixedIps, allowedAddressPairs, portSecurity }: PortRequest): unknown {
  const isChosen = [mac, fixedIps, allowedAddressPairs, portSecurity].some((choice) => choice !== undefined);
  if (!isChosen) return error;
  if (isProviderError(error, 'denied')) {
    return withNextSteps(error, [
      `Network ${network} may not let its users choose addresses, address pairs and port security: write target.server.networks with mac: new and none of them, or ask for the right to.`,
    ]);
  }
  if (!isProviderError(error, 'conflict')) return error;
  return withNextSteps(error, [
    `Another port on network ${network} has the address: delete it, or write mac: new or another fixedIp in the manifest.`,
  ]);
}
