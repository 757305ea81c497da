import type { NotCarried } from '../../../model/observed-source.js';
import type { JsonCursor } from '../http/json-cursor.js';

/**
 * What becomes of one property of a source. carried: the target gets it, or the plan says why not; not-applicable: it says
 * nothing about the target; told: the target goes without it, and the plan shows the value.
 */
export type Disposition =
  | { readonly is: 'carried' | 'not-applicable' }
  | { readonly is: 'told'; readonly note?: string; readonly unless?: string | ((value: string) => boolean) };

export type DispositionTable = Readonly<Record<string, Disposition>>;

const carried: Disposition = { is: 'carried' };
const none: Disposition = { is: 'not-applicable' };
const told = (note?: string, unless?: string | ((value: string) => boolean)): Disposition => ({
  is: 'told',
  ...(note !== undefined && { note }),
  ...(unless !== undefined && { unless }),
});
const all = <K extends string>(names: readonly K[], as: Disposition): Record<K, Disposition> =>
  Object.fromEntries(names.map((name) => [name, as])) as Record<K, Disposition>;

/** A server as Nova shows it up to 2.100, to administrators too. */
export const serverProperties: DispositionTable = {
  ...all(
    ['name', 'description', 'metadata', 'tags', 'key_name', 'security_groups', 'os-extended-volumes:volumes_attached'],
    carried,
  ),
  'OS-EXT-AZ:availability_zone': told('target.availabilityZone says where the server is made', 'nova'),
  pinned_availability_zone: told(),
  ...all(['accessIPv4', 'accessIPv6'], told()),
  config_drive: told('cloud-init finds no configuration drive there', (value) => value.toLowerCase() !== 'true'),
  'OS-EXT-SRV-ATTR:user_data': told('not shown: it may hold secrets'),
  'OS-EXT-SRV-ATTR:hostname': none,
  server_groups: told('the scheduler keeps no such rule on the target'),
  'OS-SCH-HNT:scheduler_hints': told(),
  scheduler_hints: told(),
  trusted_image_certificates: told(),
  locked: told(undefined, 'false'),
  locked_reason: told(),
  'OS-DCF:diskConfig': none,
  // Its ephemeral and swap disks, addresses that float and vTPM are told apart.
  ...all(['flavor', 'addresses'], carried),
  ...all(
    [
      ...[
        'id',
        'status',
        'tenant_id',
        'user_id',
        'links',
        'image',
        'created',
        'updated',
        'progress',
        'fault',
        'hostId',
        'host_status',
      ],
      ...['OS-SRV-USG:launched_at', 'OS-SRV-USG:terminated_at', 'OS-EXT-STS:task_state', 'OS-EXT-STS:vm_state'],
      ...['OS-EXT-STS:power_state', 'OS-EXT-SRV-ATTR:host', 'OS-EXT-SRV-ATTR:hypervisor_hostname'],
      ...['OS-EXT-SRV-ATTR:instance_name', 'OS-EXT-SRV-ATTR:kernel_id', 'OS-EXT-SRV-ATTR:launch_index'],
      ...['OS-EXT-SRV-ATTR:ramdisk_id', 'OS-EXT-SRV-ATTR:reservation_id', 'OS-EXT-SRV-ATTR:root_device_name'],
    ],
    none,
  ),
};

/** A port as Neutron shows it with all extensions of its own. */
export const portProperties: DispositionTable = {
  ...all(['network_id', 'mac_address', 'fixed_ips', 'admin_state_up', 'security_groups'], carried),
  ...all(['allowed_address_pairs', 'port_security_enabled'], carried),
  ...all(['name', 'description', 'tags', 'dns_domain', 'extra_dhcp_opts', 'qos_policy_id', 'device_profile'], told()),
  'binding:vnic_type': told('the target gets a normal port', 'normal'),
  numa_affinity_policy: told(),
  hints: told(),
  hardware_offload_type: told(),
  data_plane_status: none,
  trunk_details: told('the VLANs of a trunk do not reach the guest'),
  ...all(
    [
      ...['id', 'project_id', 'tenant_id', 'status', 'device_id', 'device_owner', 'created_at', 'updated_at', 'revision_number'],
      ...['ip_allocation', 'dns_name', 'dns_assignment', 'qos_network_policy_id', 'resource_request', 'standard_attr_id'],
      ...['propagate_uplink_status', 'trusted', 'binding:host_id', 'binding:profile', 'binding:vif_details', 'binding:vif_type'],
    ],
    none,
  ),
};

/** A volume as Cinder shows it at 3.70, to administrators too. */
export const volumeProperties: DispositionTable = {
  ...all(['size', 'metadata', 'volume_image_metadata', 'bootable', 'attachments'], carried),
  name: told(),
  description: told(),
  volume_type: told('target.volumeType says what type it gets'),
  availability_zone: told('target.availabilityZone says where it is made', 'nova'),
  encrypted: told('the volume type of the target decides', 'false'),
  multiattach: told(undefined, 'false'),
  consistencygroup_id: told(),
  group_id: told(),
  ...all(
    [
      ...['id', 'status', 'created_at', 'updated_at', 'snapshot_id', 'source_volid', 'links', 'user_id', 'replication_status'],
      ...['os-vol-tenant-attr:tenant_id', 'os-vol-host-attr:host', 'os-vol-mig-status-attr:migstat', 'migration_status'],
      ...['os-vol-mig-status-attr:name_id', 'service_uuid', 'shared_targets', 'provider_id', 'volume_type_id', 'cluster_name'],
      ...['consumes_quota'],
    ],
    none,
  ),
};

const VALUE_LENGTH_MAX = 200;

/** What of one thing stays behind, in the order of the table; then what the table does not know. */
export function leftBehindOf(of: string, thing: JsonCursor, table: DispositionTable): NotCarried[] {
  const unknown = thing.keys().filter((key) => !Object.hasOwn(table, key));
  const listed = Object.entries(table).flatMap(([property, disposition]): NotCarried[] => {
    const value = disposition.is === 'told' ? thing.at(property).brief() : undefined;
    if (disposition.is !== 'told' || value === undefined) return [];
    const { unless, note } = disposition;
    if (typeof unless === 'function' ? unless(value) : unless === value) return [];
    return [{ of, property, value: shown(property, value), ...(note !== undefined && { note }) }];
  });
  const others = unknown.toSorted().flatMap((property): NotCarried[] => {
    const value = thing.at(property).brief();
    return value === undefined ? [] : [{ of, property, value: shown(property, value), note: 'this migplan does not know it' }];
  });
  return [...listed, ...others];
}

/** User data hold passwords and keys of many guests. */
function shown(property: string, value: string): string {
  if (property.endsWith('user_data')) return `${value.length} characters of base64`;
  return value.length > VALUE_LENGTH_MAX ? `${value.slice(0, VALUE_LENGTH_MAX)}…` : value;
}
