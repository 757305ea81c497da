import { isoSeconds } from '../clock.js';
import { type Cloud, isAdmin, projectOf } from '../cloud.js';
import type { Token } from '../identity/model.js';
import { type AuthorizedCall, isObject, type JsonObject, type Reply } from '../wire/message.js';
import { lookingUpFirst, type Route, secured } from '../wire/route.js';
import type { Network, Port, SecurityGroup, Subnet } from './model.js';
import { createPort, mayUse, networkRefusal } from './port-create.js';

/** Neutron v2.0: networks and groups to read, ports to make. */
export function networkRoutes(cloud: Cloud): Route[] {
  const { networking } = cloud;
  const visible = (token: Token) => networking.networks.filter((network) => mayUse(network, token));
  return [
    secured('GET', '/v2.0/networks', (call) => listed('networks', visible(call.token).map(networkView), call)),
    secured('GET', '/v2.0/subnets', (call) => listed('subnets', visible(call.token).flatMap(subnetViews), call)),
    secured('GET', '/v2.0/subnets/{id}', (call) => shown('subnet', visible(call.token).flatMap(subnetViews), call)),
    secured('GET', '/v2.0/security-groups', (call) => listed('security_groups', ownGroups(cloud, call).map(groupView), call)),
    secured('GET', '/v2.0/quotas/{project}', (call) => quota(call)),
    ...portRoutes(cloud),
  ];
}

function portRoutes(cloud: Cloud): Route[] {
  const { ports } = cloud.networking;
  const own = ({ token }: AuthorizedCall) =>
    [...ports.values()].filter((port) => isAdmin(token) || port.projectId === projectOf(token).id);
  const find = (call: AuthorizedCall): Port => {
    const port = own(call).find(({ id }) => id === call.params['id']);
    if (port === undefined) throw absent('port', call);
    return port;
  };
  return [
    lookingUpFirst(
      secured('POST', '/v2.0/ports', (call) => ({
        status: 201,
        body: { port: portView(createPort(cloud, call, bodyOf(call))) },
      })),
    ),
    secured('GET', '/v2.0/ports', (call) => listed('ports', own(call).map(portView), call)),
    secured('GET', '/v2.0/ports/{id}', (call) => ({ status: 200, body: { port: portView(find(call)) } })),
    secured('DELETE', '/v2.0/ports/{id}', (call) => {
      ports.delete(find(call).id);
      return { status: 204 };
    }),
  ];
}

function bodyOf({ body }: AuthorizedCall): JsonObject {
  const port = isObject(body) ? body['port'] : undefined;
  if (!isObject(port)) throw networkRefusal(400, 'HTTPBadRequest', 'Resource body required');
  return port;
}

const ownGroups = (cloud: Cloud, { token }: AuthorizedCall): SecurityGroup[] =>
  cloud.networking.securityGroups.filter(({ projectId }) => projectId === projectOf(token).id);

function quota({ token, params }: AuthorizedCall): Reply {
  const { id, quota: limits } = projectOf(token);
  if (params['project'] !== id) throw networkRefusal(403, 'PolicyNotAuthorized', 'rule:get_quota is disallowed by policy');
  return {
    status: 200,
    body: { quota: { port: limits.ports, network: 100, subnet: 100, security_group: 10, security_group_rule: 100 } },
  };
}

type View = { readonly id: string } & Readonly<Record<string, unknown>>;

const notAttributes = new Set(['limit', 'marker', 'fields', 'sort_key', 'sort_dir', 'page_reverse']);

/** Every attribute is a filter, compared as text. */
function listed(name: string, views: readonly View[], { query }: AuthorizedCall): Reply {
  const filters = [...query].filter(([key]) => !notAttributes.has(key));
  const matches = (view: View) => filters.every(([key, value]) => String(view[key]).toLowerCase() === value.toLowerCase());
  return { status: 200, body: { [name]: views.filter(matches) } };
}

function shown(name: string, views: readonly View[], call: AuthorizedCall): Reply {
  const view = views.find(({ id }) => id === call.params['id']);
  if (view === undefined) throw absent(name, call);
  return { status: 200, body: { [name]: view } };
}

const typeNames: Readonly<Record<string, string>> = {
  network: 'Network',
  subnet: 'Subnet',
  port: 'Port',
  security_group: 'SecurityGroup',
};

const absent = (name: string, { params }: AuthorizedCall) => {
  const type = typeNames[name] ?? name;
  return networkRefusal(404, `${type}NotFound`, `${type} ${params['id']} could not be found.`);
};

const networkView = ({ id, name, projectId, shared, portSecurity, subnets }: Network) => ({
  id,
  name,
  tenant_id: projectId,
  project_id: projectId,
  shared,
  status: 'ACTIVE',
  admin_state_up: true,
  'router:external': false,
  mtu: 1500,
  port_security_enabled: portSecurity,
  subnets: subnets.map((subnet) => subnet.id),
});

const subnetViews = ({ projectId, subnets }: Network) =>
  subnets.map(({ id, name, networkId, cidr }: Subnet) => ({
    id,
    name,
    network_id: networkId,
    tenant_id: projectId,
    project_id: projectId,
    ip_version: 4,
    cidr,
    gateway_ip: null,
    enable_dhcp: false,
  }));

const groupView = ({ id, name, projectId }: SecurityGroup) => ({
  id,
  name,
  description: name === 'default' ? 'Default security group' : '',
  tenant_id: projectId,
  project_id: projectId,
  security_group_rules: [],
});

export const portView = (port: Port) => ({
  id: port.id,
  name: port.name,
  description: port.description,
  network_id: port.networkId,
  tenant_id: port.projectId,
  project_id: port.projectId,
  mac_address: port.macAddress,
  fixed_ips: port.fixedIps.map(({ subnetId, address }) => ({ subnet_id: subnetId, ip_address: address })),
  status: port.status,
  admin_state_up: port.adminStateUp,
  device_id: port.deviceId,
  device_owner: port.deviceOwner,
  security_groups: port.securityGroups,
  port_security_enabled: port.portSecurity,
  allowed_address_pairs: port.allowedAddressPairs,
  extra_dhcp_opts: [],
  ip_allocation: port.ipAllocation,
  revision_number: 1,
  tags: [],
  'binding:vnic_type': 'normal',
  created_at: isoSeconds(port.createdMs),
  updated_at: isoSeconds(port.createdMs),
  ...port.attributes,
});
