import { isoMicroseconds, isoSeconds } from '../clock.js';
import { type Cloud, isAdmin } from '../cloud.js';
import type { AuthorizedCall } from '../wire/message.js';
import { vmStateOf } from './find-server.js';
import type { Flavor, Server } from './model.js';

const FLAVOR_EMBEDDED = 47;
const LOCKED = 9;
const DESCRIPTION = 19;
const TAGS = 26;
const EXTENDED_ATTRIBUTES = 3;
const HOST_STATUS = 16;
const TRUSTED_CERTIFICATES = 63;
const SERVER_GROUPS = 71;
const LOCKED_REASON = 73;

export const serverLinks = ({ id }: Server, { baseUrl }: AuthorizedCall) => [
  { rel: 'self', href: `${baseUrl}/compute/v2.1/servers/${id}` },
  { rel: 'bookmark', href: `${baseUrl}/compute/servers/${id}` },
];

export const serverSummary = (server: Server, call: AuthorizedCall) => ({
  id: server.id,
  name: server.name,
  links: serverLinks(server, call),
});

const powerStates = { BUILD: 0, ACTIVE: 1, SHUTOFF: 4, ERROR: 0 } as const;

/** A server as `GET /servers/{id}` shows it. The machine type is nowhere in it. */
export function serverDetail(cloud: Cloud, server: Server, call: AuthorizedCall): Record<string, unknown> {
  const { version } = call;
  const groups = [...new Set(server.portIds.flatMap((portId) => groupNames(cloud, portId)))].map((name) => ({ name }));
  return {
    ...serverSummary(server, call),
    status: server.status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: Object.fromEntries(server.metadata),
    hostId: server.domain === undefined ? '' : 'a1'.repeat(28),
    // Booted from a volume: no image.
    image: '',
    flavor: version >= FLAVOR_EMBEDDED ? embeddedFlavor(server.flavor) : { id: server.flavor.id, links: [] },
    created: isoSeconds(server.createdMs),
    updated: isoSeconds(server.updatedMs),
    addresses: addressesOf(cloud, server),
    accessIPv4: '',
    accessIPv6: '',
    'OS-DCF:diskConfig': 'MANUAL',
    ...(server.status !== 'ERROR' && { progress: server.status === 'ACTIVE' ? 100 : 0 }),
    'OS-EXT-AZ:availability_zone': server.availabilityZone,
    config_drive: server.configDrive ? 'True' : '',
    key_name: server.keyName,
    'OS-SRV-USG:launched_at': server.domain === undefined ? null : isoMicroseconds(server.createdMs),
    'OS-SRV-USG:terminated_at': null,
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': vmStateOf(server),
    'OS-EXT-STS:power_state': powerStates[server.status],
    'os-extended-volumes:volumes_attached': server.volumes.map(({ volumeId, deleteOnTermination }) => ({
      id: volumeId,
      delete_on_termination: deleteOnTermination,
    })),
    ...(server.status !== 'ERROR' && { security_groups: groups }),
    ...(isAdmin(call.token) && adminFields(server, version)),
    ...laterFields(server, version),
    ...(server.fault && {
      fault: { code: server.fault.code, message: server.fault.message, created: isoSeconds(server.fault.createdMs) },
    }),
    ...server.attributes,
  };
}

const laterFields = (server: Server, version: number) => ({
  ...(version >= LOCKED && { locked: false }),
  ...(version >= DESCRIPTION && { description: server.description }),
  ...(version >= TAGS && { tags: server.tags }),
  ...(version >= TRUSTED_CERTIFICATES && { trusted_image_certificates: null }),
  ...(version >= SERVER_GROUPS && { server_groups: [] }),
  ...(version >= LOCKED_REASON && { locked_reason: null }),
});

/** What the default policy shows to administrators only. */
const adminFields = (server: Server, version: number) => ({
  'OS-EXT-SRV-ATTR:host': server.domain === undefined ? null : 'sim',
  'OS-EXT-SRV-ATTR:hypervisor_hostname': server.domain === undefined ? null : 'sim',
  'OS-EXT-SRV-ATTR:instance_name': `instance-${server.id.slice(0, 8)}`,
  ...(version >= EXTENDED_ATTRIBUTES && {
    'OS-EXT-SRV-ATTR:hostname': server.name.toLowerCase(),
    'OS-EXT-SRV-ATTR:kernel_id': '',
    'OS-EXT-SRV-ATTR:launch_index': 0,
    'OS-EXT-SRV-ATTR:ramdisk_id': '',
    'OS-EXT-SRV-ATTR:reservation_id': 'r-sim',
    'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda',
    'OS-EXT-SRV-ATTR:user_data': null,
  }),
  ...(version >= HOST_STATUS && { host_status: 'UP' }),
});

const embeddedFlavor = ({ name, vcpus, ramMiB }: Flavor) => ({
  original_name: name,
  vcpus,
  ram: ramMiB,
  disk: 0,
  ephemeral: 0,
  swap: 0,
  extra_specs: {},
});

/** Nova asks Neutron: the groups of all ports. */
function groupNames({ networking }: Cloud, portId: string): string[] {
  const own = networking.ports.get(portId)?.securityGroups ?? [];
  return networking.securityGroups.filter(({ id }) => own.includes(id)).map(({ name }) => name);
}

function addressesOf(cloud: Cloud, server: Server): Record<string, object[]> {
  const addresses: Record<string, object[]> = {};
  for (const portId of server.portIds) {
    const port = cloud.networking.ports.get(portId);
    const network = cloud.networking.networks.find(({ id }) => id === port?.networkId);
    if (port === undefined || network === undefined) continue;
    const entries = port.fixedIps.map(({ address }) => ({
      addr: address,
      version: 4,
      'OS-EXT-IPS:type': 'fixed',
      'OS-EXT-IPS-MAC:mac_addr': port.macAddress,
    }));
    addresses[network.name] = [...(addresses[network.name] ?? []), ...entries];
  }
  return addresses;
}
