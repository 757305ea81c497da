import { describe, expect, test } from 'vitest';
import {
  type DispositionTable,
  portProperties,
  serverProperties,
  volumeProperties,
} from '../../../src/providers/openstack/source/source-properties.js';
import { OldCloud } from './old-cloud.js';
import { PASSWORD } from './sim-cloud.js';

// What the API references list, told apart from the tables: a property that a table forgets is found here.
const references: Readonly<Record<string, readonly [DispositionTable, string]>> = {
  server: [
    serverProperties,
    `accessIPv4 accessIPv6 addresses config_drive created description fault flavor hostId host_status id image key_name links locked
     locked_reason metadata name OS-DCF:diskConfig OS-EXT-AZ:availability_zone OS-EXT-SRV-ATTR:host OS-EXT-SRV-ATTR:hostname
     OS-EXT-SRV-ATTR:hypervisor_hostname OS-EXT-SRV-ATTR:instance_name OS-EXT-SRV-ATTR:kernel_id OS-EXT-SRV-ATTR:launch_index
     OS-EXT-SRV-ATTR:ramdisk_id OS-EXT-SRV-ATTR:reservation_id OS-EXT-SRV-ATTR:root_device_name OS-EXT-SRV-ATTR:user_data
     OS-EXT-STS:power_state OS-EXT-STS:task_state OS-EXT-STS:vm_state os-extended-volumes:volumes_attached OS-SRV-USG:launched_at
     OS-SRV-USG:terminated_at pinned_availability_zone progress scheduler_hints security_groups server_groups status tags tenant_id
     trusted_image_certificates updated user_id`,
  ],
  port: [
    portProperties,
    `admin_state_up allowed_address_pairs binding:host_id binding:profile binding:vif_details binding:vif_type binding:vnic_type
     created_at data_plane_status description device_id device_owner device_profile dns_assignment dns_domain dns_name extra_dhcp_opts
     fixed_ips hardware_offload_type hints id ip_allocation mac_address name network_id numa_affinity_policy port_security_enabled
     project_id propagate_uplink_status qos_network_policy_id qos_policy_id resource_request revision_number security_groups status tags
     tenant_id trunk_details trusted updated_at`,
  ],
  volume: [
    volumeProperties,
    `attachments availability_zone bootable cluster_name consistencygroup_id consumes_quota created_at description encrypted group_id id
     links metadata migration_status multiattach name os-vol-host-attr:host os-vol-mig-status-attr:migstat
     os-vol-mig-status-attr:name_id os-vol-tenant-attr:tenant_id provider_id replication_status service_uuid shared_targets size
     snapshot_id source_volid status updated_at user_id volume_image_metadata volume_type volume_type_id`,
  ],
};

describe('every property of a source is carried, told or not applicable', () => {
  test.each(Object.entries(references))('each that the API reference lists of a %s', (_, [table, names]) => {
    expect(
      names
        .trim()
        .split(/\s+/)
        .filter((name) => !Object.hasOwn(table, name)),
    ).toEqual([]);
  });

  test('each that a cloud answers with, to an administrator too', async () => {
    const users = [
      { name: 'demo', password: PASSWORD, roles: { demo: ['member'] } },
      { name: 'admin', password: PASSWORD, roles: { demo: ['admin'] } },
    ] as const;
    await using old = await OldCloud.start({ users });
    const { id } = await old.plant();
    const client = await old.client('admin');
    const { server } = (await client.call('compute', 'GET', `/servers/${id}`, { version: '2.93' })).body;
    const { ports } = (await client.call('network', 'GET', `/v2.0/ports?device_id=${id}`)).body;
    const { volumes } = (await client.call('volumev3', 'GET', '/volumes/detail', { version: '3.70' })).body;
    const unlisted = (thing: object, table: DispositionTable) => Object.keys(thing).filter((key) => !Object.hasOwn(table, key));
    expect(unlisted(server, serverProperties)).toEqual([]);
    expect(unlisted(ports[0], portProperties)).toEqual([]);
    expect(unlisted(volumes[0], volumeProperties)).toEqual([]);
  });

  test('what is told, with values, in a fixed order; what the tables do not know is told too', async () => {
    await using old = await OldCloud.start();
    const { id } = await old.plant({ volumes: [{ sizeGiB: 1, name: 'root' }], server: { config_drive: true } });
    const { control } = old.cloud.sim;
    const { id: port } = control.ports().find(({ deviceId }) => deviceId === id)!;
    control.giveServer(id, {
      locked: true,
      server_groups: ['group-1'],
      'OS-EXT-SRV-ATTR:user_data': 'I2Nsb3VkLWNvbmZpZw==',
      'ACME:billing': { code: 7 },
      flavor: { original_name: 'm1.small', vcpus: 1, ram: 512, disk: 0, ephemeral: 10, swap: 512, extra_specs: {} },
      addresses: { lan: [{ addr: '203.0.113.5', version: 4, 'OS-EXT-IPS:type': 'floating' }] },
    });
    control.givePort(port, { qos_policy_id: 'qos-1', trunk_details: { trunk_id: 't', sub_ports: [] } });
    await using source = await old.open();
    const [lookup] = await source.observe([{ kind: 'server', server: id }]);
    const vm = lookup?.kind === 'found' ? lookup.vm : expect.unreachable();
    expect(vm.leftBehind?.map(({ of, property, value }) => `${of} ${property} = ${value}`)).toEqual([
      'server config_drive = True',
      'server OS-EXT-SRV-ATTR:user_data = 20 characters of base64',
      'server server_groups = ["group-1"]',
      'server locked = true',
      'server ACME:billing = {"code":7}',
      'server ephemeral disk = 10 GiB',
      'server swap disk = 512 MiB',
      'server floating address = 203.0.113.5',
      'nic 0 qos_policy_id = qos-1',
      'nic 0 trunk_details = {"trunk_id":"t","sub_ports":[]}',
      'disk 0 name = root',
      'disk 0 volume_type = local',
    ]);
  });
});
