import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import type { Token } from '../identity/model.js';
import { refuseReaders } from '../policy.js';
import { type AuthorizedCall, isObject, type JsonObject, Refusal } from '../wire/message.js';
import { contains, freeAddress, isMacAddress, macFor, parseAddress, usesAddress } from './addresses.js';
import type { AddressPair, FixedIp, Network, Port, Subnet } from './model.js';

export const networkRefusal = (status: number, type: string, message: string) => new Refusal(status, message, { type });

const badInput = (message: string) => networkRefusal(400, 'HTTPBadRequest', message);

/** Makes a port for the bearer. `wanted` is the body's `port` object in Neutron's spelling. Whose the network is decides who may. */
export function createPort(cloud: Cloud, call: AuthorizedCall, wanted: JsonObject): Port {
  const { token } = call;
  const network = findNetwork(cloud, token, wanted['network_id']);
  refuseReaders(cloud, call);
  refuseByPolicy(network, token, wanted);
  checkPortQuota(cloud, token);
  const id = cloud.ids.uuid();
  const macAddress = macOf(cloud, network, wanted['mac_address']) ?? macFor(id);
  const portSecurity = (wanted['port_security_enabled'] ?? network.portSecurity) !== false;
  const port: Port = {
    id,
    networkId: network.id,
    projectId: projectOf(token).id,
    name: typeof wanted['name'] === 'string' ? wanted['name'] : '',
    description: typeof wanted['description'] === 'string' ? wanted['description'] : '',
    macAddress,
    fixedIps: fixedIpsOf(cloud, network, wanted['fixed_ips']),
    status: 'DOWN',
    deviceId: typeof wanted['device_id'] === 'string' ? wanted['device_id'] : '',
    deviceOwner: typeof wanted['device_owner'] === 'string' ? wanted['device_owner'] : '',
    securityGroups: securityGroupsOf(cloud, token, { ...wanted, port_security_enabled: portSecurity }),
    portSecurity,
    adminStateUp: wanted['admin_state_up'] !== false,
    allowedAddressPairs: addressPairsOf({ ...wanted, port_security_enabled: portSecurity }, macAddress),
    ipAllocation: Array.isArray(wanted['fixed_ips']) && wanted['fixed_ips'].length === 0 ? 'none' : 'immediate',
    attributes: {},
    createdMs: cloud.clock.now(),
  };
  cloud.networking.ports.set(id, port);
  return port;
}

export const mayUse = (network: Network, token: Token): boolean =>
  isAdmin(token) || network.shared || network.projectId === projectOf(token).id;

function findNetwork(cloud: Cloud, token: Token, id: unknown): Network {
  if (typeof id !== 'string') throw badInput("Failed to parse request. Required attribute 'network_id' not specified");
  const network = cloud.networking.networks.find((candidate) => candidate.id === id);
  if (network === undefined || !mayUse(network, token))
    throw networkRefusal(404, 'NetworkNotFound', `Network ${id} could not be found.`);
  return network;
}

/** On a network of somebody else a member gets a port, but may choose neither MAC nor address. */
function refuseByPolicy(network: Network, token: Token, wanted: JsonObject): void {
  if (isAdmin(token) || network.projectId === projectOf(token).id) return;
  const fixedIps = Array.isArray(wanted['fixed_ips']) ? wanted['fixed_ips'].filter(isObject) : [];
  const refused = [
    wanted['mac_address'] !== undefined,
    fixedIps.some((fixed) => 'ip_address' in fixed),
    wanted['port_security_enabled'] !== undefined,
    wanted['allowed_address_pairs'] !== undefined,
  ];
  if (!refused.includes(true)) return;
  const rules = [
    ...(refused[0] ? ['rule:create_port:mac_address'] : []),
    ...(fixedIps.length > 0 ? [fixedIpsRule(fixedIps)] : []),
    ...(refused[2] ? ['rule:create_port:port_security_enabled'] : []),
    ...(refused[3] ? [addressPairsRule(wanted['allowed_address_pairs'])] : []),
  ];
  const text = rules.reduce((before, rule) => `(${before} and ${rule})`, 'rule:create_port');
  throw networkRefusal(403, 'PolicyNotAuthorized', `${text} is disallowed by policy`);
}

/** Names every part of every address, also those that anybody may choose. */
function fixedIpsRule(fixedIps: readonly JsonObject[]): string {
  const parts = fixedIps.flatMap((fixed) => Object.keys(fixed)).map((key) => `rule:create_port:fixed_ips:${key}`);
  return `(rule:create_port:fixed_ips and (${parts.join(' and ')}))`;
}

/** As `fixedIpsRule`: every part of every pair. */
function addressPairsRule(pairs: unknown): string {
  const parts = (Array.isArray(pairs) ? pairs.filter(isObject) : []).flatMap((pair) => Object.keys(pair));
  const rule = 'rule:create_port:allowed_address_pairs';
  return parts.length === 0 ? rule : `(${rule} and (${parts.map((key) => `${rule}:${key}`).join(' and ')}))`;
}

/** A pair without a MAC address has that of the port. Without port security there is nothing to allow. */
function addressPairsOf(wanted: JsonObject, mac: string): AddressPair[] {
  const pairs = Array.isArray(wanted['allowed_address_pairs']) ? wanted['allowed_address_pairs'].filter(isObject) : [];
  if (pairs.length > 0 && wanted['port_security_enabled'] === false) {
    const message = 'Port Security must be enabled in order to have allowed address pairs on a port.';
    throw networkRefusal(409, 'AddressPairAndPortSecurityRequired', message);
  }
  return pairs.map((pair) => ({
    ip_address: String(pair['ip_address']),
    mac_address: typeof pair['mac_address'] === 'string' ? pair['mac_address'].toLowerCase() : mac,
  }));
}

function checkPortQuota(cloud: Cloud, token: Token): void {
  const { id, quota } = projectOf(token);
  const used = [...cloud.networking.ports.values()].filter(({ projectId }) => projectId === id).length;
  if (quota.ports >= 0 && used + 1 > quota.ports)
    throw networkRefusal(409, 'OverQuota', "Quota exceeded for resources: ['port'].");
}

function macOf(cloud: Cloud, network: Network, wanted: unknown): string | undefined {
  if (wanted === undefined) return undefined;
  const text = String(wanted);
  if (!isMacAddress(text)) throw badInput(`Invalid input for mac_address. Reason: '${text}' is not a valid MAC address.`);
  const mac = text.toLowerCase();
  const taken = [...cloud.networking.ports.values()].some((port) => port.networkId === network.id && port.macAddress === mac);
  if (!taken) return mac;
  const message = `Unable to complete operation for network ${network.id}. The mac address ${mac} is in use.`;
  throw networkRefusal(409, 'MacAddressInUse', message);
}

function fixedIpsOf(cloud: Cloud, network: Network, wanted: unknown): FixedIp[] {
  if (!Array.isArray(wanted)) {
    const [first] = network.subnets;
    return first === undefined ? [] : [{ subnetId: first.id, address: anyAddress(cloud, network, first) }];
  }
  return wanted.filter(isObject).map((entry) => fixedIpOf(cloud, network, entry));
}

function fixedIpOf(cloud: Cloud, network: Network, entry: JsonObject): FixedIp {
  const { subnet_id: subnetId, ip_address: address } = entry;
  const subnet = network.subnets.find(({ id }) => id === subnetId);
  if (subnetId !== undefined && subnet === undefined) {
    throw badInput(
      `Failed to create port on network ${network.id}, because fixed_ips included invalid subnet ${String(subnetId)}.`,
    );
  }
  if (typeof address !== 'string') {
    if (subnet === undefined) throw badInput('IP allocation requires subnet_id or ip_address.');
    return { subnetId: subnet.id, address: anyAddress(cloud, network, subnet) };
  }
  if (parseAddress(address) === undefined)
    throw badInput(`Invalid input for fixed_ips. Reason: '${address}' is not a valid IP address.`);
  const home = subnet ?? network.subnets.find((candidate) => contains(candidate, address));
  if (home === undefined || !contains(home, address)) throw invalidAddress(subnet, address);
  if ([...cloud.networking.ports.values()].some((port) => usesAddress(port, home.id, address))) {
    throw networkRefusal(409, 'IpAddressAlreadyAllocated', `IP address ${address} already allocated in subnet ${home.id}`);
  }
  return { subnetId: home.id, address };
}

function invalidAddress(subnet: Subnet | undefined, address: string): Refusal {
  if (subnet !== undefined) {
    return networkRefusal(400, 'InvalidIpForSubnet', `IP address ${address} is not a valid IP for the specified subnet.`);
  }
  const message = `IP address ${address} is not a valid IP for any of the subnets on the specified network.`;
  return networkRefusal(400, 'InvalidIpForNetwork', message);
}

function anyAddress(cloud: Cloud, network: Network, subnet: Subnet): string {
  const address = freeAddress(cloud.networking, subnet);
  if (address !== undefined) return address;
  throw networkRefusal(409, 'IpAddressGenerationFailure', `No more IP addresses available on network ${network.id}.`);
}

function securityGroupsOf(cloud: Cloud, token: Token, wanted: JsonObject): string[] {
  if (wanted['port_security_enabled'] === false) {
    if (!Array.isArray(wanted['security_groups']) || wanted['security_groups'].length === 0) return [];
    const message = 'Port security must be enabled and port must have an IP address in order to use security groups.';
    throw networkRefusal(400, 'PortSecurityAndIPRequiredForSecurityGroups', message);
  }
  const own = cloud.networking.securityGroups.filter(({ projectId }) => projectId === projectOf(token).id);
  const asked = wanted['security_groups'];
  if (!Array.isArray(asked)) return own.filter(({ name }) => name === 'default').map(({ id }) => id);
  return asked.map((id) => {
    if (own.some((group) => group.id === id)) return String(id);
    throw networkRefusal(404, 'SecurityGroupNotFound', `Security group ${String(id)} does not exist`);
  });
}
