import { isProviderError } from '../../../contracts/provider-error.js';
import type { PortRequest, ServerRequest } from '../../../contracts/target-provider.js';
import type { AddressPair } from '../../../model/desired.js';
import { sameAddress } from '../../../model/ip-network.js';
import type { CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import { withNextSteps } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { descriptionOf, freePortsOf, isFreeWith, listOwnPorts, markOf, type PortMark } from './port-mark.js';

/** Where a port goes, with names already turned into ids. */
export interface ResolvedPort {
  readonly network: string;
  /** Absent: the project's default. */
  readonly securityGroups?: readonly string[];
}

interface WantedPort extends PortMark {
  readonly request: PortRequest;
  readonly resolved: ResolvedPort;
  /** What Neutron is told of it, beside its mark. */
  readonly asked: object;
}

/**
 * Ids of the server's ports, in the order of the request. Those of an earlier try are used again where they are what is asked for;
 * the others are taken away before any is made, because they may have the addresses.
 */
export async function ensurePorts(
  client: CloudClient,
  server: ServerRequest,
  resolvedPorts: readonly ResolvedPort[],
): Promise<string[]> {
  if (server.ports.length === 0) return [];
  const wanted = server.ports.map((request, index) => wantedPort(server, index, { request, resolved: resolvedPorts[index]! }));
  const kept = await keepFitting(client, server, wanted);
  const ids: string[] = [];
  for (const [index, port] of wanted.entries()) ids.push(kept[index] ?? (await createPort(client, port)));
  return ids;
}

const wantedPort = (server: ServerRequest, index: number, port: Pick<WantedPort, 'request' | 'resolved'>): WantedPort => ({
  ...markOf(server, index),
  ...port,
  asked: askedOf(port),
});

/**
 * Among all ports of the project, because the manifest may have been changed to another network or name since. Only ports
 * that nothing uses: the marked port of a running server is not taken away from it.
 */
async function keepFitting(
  client: CloudClient,
  server: ServerRequest,
  wanted: readonly WantedPort[],
): Promise<(string | undefined)[]> {
  const free = freePortsOf(server, await listOwnPorts(client));
  const kept = wanted.map((port) => free.find((found) => isAsked(found, port) && fits(found, port)));
  for (const port of free) if (!kept.includes(port)) await deleteIfThere(client, 'network', `/ports/${port.at('id').text()}`);
  return kept.map((port) => port?.at('id').text());
}

/**
 * Whether it was made by the same request. That cannot be seen by what Neutron answers: who gives no MAC, no address or no group
 * gets one, and the answer looks like that to a request that named it. Without a description nobody knows, and it is made anew.
 */
const isAsked = (port: JsonCursor, wanted: WantedPort): boolean =>
  port.at('description').optionalText() === descriptionOf(wanted, wanted.asked);

/** The port itself may have been changed since the earlier try. What is absent, Neutron chose. */
function fits(port: JsonCursor, { request, resolved }: WantedPort): boolean {
  const { mac, fixedIps, allowedAddressPairs = [], portSecurity, connected = true } = request;
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
    (portSecurity === undefined ||
      port.at('port_security_enabled').isAbsent() ||
      port.at('port_security_enabled').flag() === portSecurity) &&
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

/** In Neutron's words. */
function askedOf({ request, resolved }: Pick<WantedPort, 'request' | 'resolved'>): object {
  const { mac, fixedIps, allowedAddressPairs = [], portSecurity, connected } = request;
  const pairs = allowedAddressPairs.map(({ ip, mac: own }) => ({
    ip_address: ip,
    ...(own !== undefined && { mac_address: own.toLowerCase() }),
  }));
  return {
    network_id: resolved.network,
    ...(mac !== undefined && { mac_address: mac.toLowerCase() }),
    ...(fixedIps !== undefined && { fixed_ips: fixedIps.map((ip_address) => ({ ip_address })) }),
    ...(portSecurity !== undefined && { port_security_enabled: portSecurity }),
    ...(resolved.securityGroups !== undefined && portSecurity !== false && { security_groups: resolved.securityGroups }),
    ...(pairs.length > 0 && { allowed_address_pairs: pairs }),
    ...(connected === false && { admin_state_up: false }),
  };
}

async function createPort(client: CloudClient, wanted: WantedPort): Promise<string> {
  const { name, request, asked } = wanted;
  const port = { ...asked, name, description: descriptionOf(wanted, asked) };
  try {
    return await createOnce({
      clock: client.clock,
      send: async () => {
        const answer = await client.ask({ service: 'network', method: 'POST', path: '/ports', body: { port } });
        return answer.at('port').at('id').text();
      },
      find: async () => (await findMade(client, wanted))?.at('id').text(),
    });
  } catch (error) {
    const late = isProviderError(error, 'conflict') ? await findMade(client, wanted) : undefined;
    // The address is taken by the port that a dead run asked for: the cloud has made it since we looked.
    if (late !== undefined && fits(late, wanted)) return late.at('id').text();
    throw withAdvice(error, request);
  }
}

/** What the request has made, whose answer got lost. All that was there before is gone: without a description the name will do. */
const findMade = async (client: CloudClient, wanted: WantedPort): Promise<JsonCursor | undefined> =>
  (await listOwnPorts(client))
    .filter(isFreeWith(wanted))
    .find((port) => port.at('description').isAbsent() || isAsked(port, wanted));

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
