import { stringify } from 'yaml';
import { GiB } from '../../model/ids.js';
import type { CloudVolume, ObservedNic, ObservedVm, OpenStackGuest } from '../../model/observed-source.js';

/** The release whose files are written: os-migrate refuses those of another one. */
export const OS_MIGRATE_VERSION = '1.0.5';

/** What a file for os-migrate does not say of a server, for it would be made up: `NAME: property: value`. */
export const notWritten = (vms: readonly ObservedVm[]): string[] =>
  vms.flatMap(({ name, leftBehind = [] }) =>
    leftBehind
      .filter(({ of, property }) => of === 'server' && property !== 'config_drive')
      .map(({ property, value }) => `${name}: ${property}: ${value}`),
  );

/**
 * Servers of an OpenStack cloud as os-migrate's workloads.yml. volume_image_metadata stays as it is; the machine type stands
 * once more in `_migration_params.hw_machine_type`, where it can be edited and is read back first.
 */
export function workloadsText(vms: readonly ObservedVm[]): string {
  const resources = vms.flatMap((vm) => (vm.openstackGuest === undefined ? [] : [serverResource(vm, vm.openstackGuest)]));
  return stringify({ os_migrate_version: OS_MIGRATE_VERSION, resources }, { sortMapEntries: true, lineWidth: 120 });
}

const ref = (name: string) => ({ name, project_name: null, domain_name: null });

const hasConfigDrive = ({ leftBehind = [] }: ObservedVm): boolean =>
  leftBehind.some(({ of, property, value }) => of === 'server' && property === 'config_drive' && value.toLowerCase() === 'true');

/** Every field that release 1.0.5 reads without asking whether it is there; null is what it writes for one that has no value. */
const serverResource = (vm: ObservedVm, openstackGuest: OpenStackGuest) => ({
  type: 'openstack.compute.Server',
  _info: { id: vm.instanceUuid, status: vm.power === 'off' ? 'SHUTOFF' : 'ACTIVE' },
  _migration_params: {
    additional_volumes: openstackGuest.volumes.slice(1).map(() => ({ uuid: null })),
    boot_disk_copy: true,
    boot_volume: { uuid: null },
    boot_volume_params: { availability_zone: null, description: null, name: null, volume_type: null },
    data_copy: true,
    floating_ip_mode: 'auto',
    hw_machine_type: openstackGuest.machineType?.value ?? null,
    nbdkit_export_name: null,
    nbdkit_socket_uri: null,
    port_creation_mode: 'nova',
    use_nbdkit_direct: false,
  },
  params: {
    name: vm.name,
    availability_zone: openstackGuest.availabilityZone ?? null,
    config_drive: hasConfigDrive(vm) ? true : null,
    description: openstackGuest.description ?? null,
    disk_config: null,
    floating_ips: [],
    metadata: openstackGuest.metadata ?? {},
    scheduler_hints: null,
    tags: openstackGuest.tags ?? [],
    user_data: null,
    flavor_ref: ref(openstackGuest.flavor),
    image_ref: null,
    key_name: openstackGuest.keyName ?? null,
    ports: vm.nics.map(portResource),
    security_group_refs: openstackGuest.securityGroups.map(ref),
    volumes: openstackGuest.volumes.map((volume) => volumeResource(volume, vm)),
  },
});

const portResource = ({ mac, network, addresses = [] }: ObservedNic) => ({
  type: 'openstack.network.ServerPort',
  _info: { mac_address: mac },
  _migration_params: {},
  params: {
    binding_profile: {},
    fixed_ips_refs: addresses.map((ip_address) => ({ ip_address, subnet_ref: null })),
    network_ref: ref(network),
  },
});

const volumeResource = (volume: CloudVolume, { disks, instanceUuid }: ObservedVm) => ({
  type: 'openstack.network.ServerVolume',
  _info: {
    attachments: [{ device: volume.device, server_id: instanceUuid, volume_id: volume.id }],
    id: volume.id,
    is_bootable: volume.bootable,
    size: (disks.find(({ key }) => key === volume.disk)?.capacity ?? 0) / GiB,
  },
  _migration_params: {},
  params: {
    availability_zone: volume.availabilityZone,
    description: volume.description,
    name: volume.name,
    volume_image_metadata: volume.imageMetadata,
    volume_type: volume.type,
  },
});
