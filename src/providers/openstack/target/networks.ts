import { serverId } from '../../../model/ids.js';
import type { NetworkDetails, ObservedPort, PortLink } from '../../../model/observed-target.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { optionalRead } from '../http/optional-read.js';
import { listAll } from '../http/pages.js';
import { networkList } from './names.js';

const projectOf = (entry: JsonCursor): string | undefined =>
  entry.at('project_id').optionalText() ?? entry.at('tenant_id').optionalText();

/**
 * Networks with their subnets. Neutron's default policy lets the network's owner, administrators and the `advsvc` role choose
 * a port's MAC and address; a member on somebody else's shared network gets 403. `anywhere`: the Project says otherwise.
 */
export async function readNetworks(client: CloudClient, { anywhere }: { readonly anywhere: boolean }): Promise<NetworkDetails[]> {
  const networks = await listAll(client, networkList);
  const subnetList = { service: 'network', path: '/subnets', name: 'subnets' } as const;
  const subnets = await optionalRead(() => listAll(client, subnetList), undefined);
  const project = await client.projectId();
  const roles = await client.roles();
  const everywhere = anywhere || roles.includes('admin') || roles.includes('advsvc');
  return networks.map((network) => {
    const id = network.at('id').text();
    return {
      id,
      name: network.at('name').optionalText() ?? '',
      mayChooseAddresses: everywhere || projectOf(network) === project || projectOf(network) === undefined,
      ...(subnets !== undefined && { subnets: subnetsOf(id, subnets), ...automaticOf(id, subnets) }),
    };
  });
}

const subnetsOf = (network: string, subnets: readonly JsonCursor[]): string[] =>
  subnets.filter((subnet) => subnet.at('network_id').text() === network).map((subnet) => subnet.at('cidr').text());

/** SLAAC and stateless DHCPv6: Neutron adds such an address to every port by itself, and refuses one that is asked for. */
function automaticOf(network: string, subnets: readonly JsonCursor[]): Pick<NetworkDetails, 'automaticSubnets'> {
  const automatic = subnets.filter((subnet) =>
    ['slaac', 'dhcpv6-stateless'].includes(subnet.at('ipv6_address_mode').optionalText() ?? ''),
  );
  const found = subnetsOf(network, automatic);
  return found.length === 0 ? {} : { automaticSubnets: found };
}

/** Ports of this project: an administrator's list has everybody's. */
export async function readPorts(client: CloudClient): Promise<ObservedPort[]> {
  const project = await client.projectId();
  const ports = await listAll(client, { service: 'network', path: '/ports', name: 'ports', query: { project_id: project } });
  return ports.filter((port) => projectOf(port) === project).map(decodePort);
}

export function decodePort(port: JsonCursor): ObservedPort {
  const device = port.at('device_id').optionalText();
  const addresses = port.at('fixed_ips').optionalList();
  return {
    id: port.at('id').text(),
    network: port.at('network_id').text(),
    mac: port.at('mac_address').text().toLowerCase(),
    addresses: addresses.flatMap((entry) => entry.at('ip_address').optionalText() ?? []),
    ...(device !== undefined && { server: serverId(device) }),
    description: port.at('description').isAbsent() ? (port.at('name').optionalText() ?? '') : port.at('description').text(),
    ...linkOf(port),
  };
}

function linkOf(port: JsonCursor): { readonly link?: PortLink } {
  const status = port.at('status').optionalText();
  if (status === undefined) return {};
  const vnicType = port.at('binding:vnic_type').optionalText();
  const vifType = port.at('binding:vif_type').optionalText();
  const isOff = !port.at('admin_state_up').isAbsent() && !port.at('admin_state_up').flag();
  return {
    link: {
      status,
      ...(isOff && { isOff }),
      ...(vnicType !== undefined && { vnicType }),
      ...(vifType !== undefined && { vifType }),
    },
  };
}
