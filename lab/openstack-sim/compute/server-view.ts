import { isoMicroseconds, isoSeconds } from '../clock.js';
import { type Cloud, isAdmin } from '../cloud.js';
import type { AuthorizedCall } from '../wire/message.js';
import { vmStateOf } from './find-server.js';
import type { Flavor, Server } from './model.js';

const FLAVOR_EMBEDDED = 47;
const LOCKED = 9;
const DESCRIPTION = 19;
const TAGS = 26;

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
    config_drive: '',
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
    ...(server.status !== 'ERROR' && { security_groups: [{ name: 'default' }] }),
    ...(isAdmin(call.token) && { 'OS-EXT-SRV-ATTR:host': server.domain === undefined ? null : 'sim' }),
    ...laterFields(server, version),
    ...(server.fault && {
      fault: { code: server.fault.code, message: server.fault.message, created: isoSeconds(server.fault.createdMs) },
    }),
  };
}

const laterFields = (server: Server, version: number) => ({
  ...(version >= LOCKED && { locked: false }),
  ...(version >= DESCRIPTION && { description: server.name }),
  ...(version >= TAGS && { tags: [] }),
});

const embeddedFlavor = ({ name, vcpus, ramMiB, diskGiB }: Flavor) => ({
  original_name: name,
  vcpus,
  ram: ramMiB,
  disk: diskGiB,
  ephemeral: 0,
  swap: 0,
  extra_specs: {},
});

function addressesOf(cloud: Cloud, server: Server): Record<string, object[]> {
  const addresses: Record<string, object[]> = {};
  for (const { portId } of server.ports) {
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
