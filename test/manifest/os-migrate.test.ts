import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { draftOf } from '../../src/manifest/migration-draft.js';
import { readWorkloads } from '../../src/manifest/os-migrate-read.js';
import { workloadsText } from '../../src/manifest/os-migrate-write.js';
import { migrationFiles } from '../../src/manifest/write-migration.js';
import type { ObservedVm } from '../../src/model/observed.js';
import * as s from '../plan/scene.js';
import { fullProject } from './full-documents.js';
import { loadFiles } from './in-folder.js';

const RHEL = 'pc-i440fx-rhel7.6.0';

/** As release 1.0.5 writes it: all that an image of the old cloud said is in volume_image_metadata. */
const workloads = (migrationParams = ''): string => `os_migrate_version: 1.0.5
resources:
- _info: {created_at: '2019', flavor_id: f1, hypervisor_hostname: null, id: 59f20000-0000-4000-8000-000000000001,
          project_id: p1, security_group_ids: [sg1], status: SHUTOFF, user_id: u1}
  _migration_params:
    additional_volumes: [{uuid: null}]
    boot_disk_copy: true
    boot_volume: {uuid: null}
    boot_volume_params: {availability_zone: null, description: null, name: null, volume_type: null}
    data_copy: true
    floating_ip_mode: auto
    port_creation_mode: nova
    use_nbdkit_direct: false${migrationParams}
  params:
    name: legacy-app
    image_ref: null
    flavor_ref: {name: m1.old, project_name: null, domain_name: null}
    key_name: ops
    security_group_refs: [{name: default, project_name: demo, domain_name: Default}]
    ports:
    - _info: {mac_address: 'fa:16:3e:00:00:01'}
      params: {fixed_ips_refs: [{ip_address: 10.0.0.5, subnet_ref: null}], network_ref: {name: tenant-net}}
      type: openstack.network.ServerPort
    volumes:
    - _info:
        attachments: [{attachment_id: c3c8, device: /dev/vdb, volume_id: 7b40}]
        id: 7b40
        is_bootable: false
        size: 10
      params: {name: data, volume_image_metadata: {hw_machine_type: q35}, volume_type: tripleo}
      type: openstack.network.ServerVolume
    - _info:
        attachments: [{attachment_id: c3c8, device: /dev/vda, host_name: compute-0, server_id: 59f2, volume_id: 7b3f}]
        id: 7b3f0a52-1f0e-4c61-9f6f-2f4d9a0f9c11
        is_bootable: true
        size: 20
      _migration_params: {}
      params:
        availability_zone: nova
        description: ''
        name: ''
        volume_image_metadata:
          checksum: d41d
          container_format: bare
          disk_format: qcow2
          hw_disk_bus: virtio
          hw_machine_type: ${RHEL}
          image_id: aa11
          image_name: rhel7
          min_disk: '0'
          min_ram: '0'
          size: '123'
        volume_type: tripleo
      type: openstack.network.ServerVolume
  type: openstack.compute.Server
- {type: openstack.network.Network, params: {name: x}}
`;

function draftsOf(text: string) {
  const reading = readWorkloads(text, 'old');
  return reading.kind === 'workloads' ? reading : expect.unreachable(String(reading.why));
}

const project = {
  ...fullProject,
  spec: {
    ...fullProject.spec,
    providers: { ...fullProject.spec.providers, old: fullProject.spec.providers['cloud-other'] },
    defaults: { target: { provider: 'cloud-other' } },
  },
};

/** The manifests are what a person would keep in git: the loader takes them as they are. */
async function loaded(drafts: Parameters<typeof migrationFiles>[0]) {
  const files = migrationFiles(drafts).map(({ name, text }) => [`vms/${name}.yaml`, text] as const);
  const { migrations, diagnostics } = await loadFiles({ 'migplan.yaml': JSON.stringify(project), ...Object.fromEntries(files) });
  expect(diagnostics).toEqual([]);
  return migrations;
}

describe('workloads.yml of os-migrate', () => {
  test('HW1 becomes a manifest with an explicit machine type; what only the image was stays behind', async () => {
    const { drafts, skipped } = draftsOf(workloads());
    expect(skipped).toEqual(['openstack.network.Network']);
    const [migration] = await loaded(drafts);
    expect(migration).toMatchObject({
      name: 'legacy-app',
      phase: 'seed',
      source: { provider: 'old', vm: { kind: 'server', server: '59f20000-0000-4000-8000-000000000001' } },
      hwMachineType: RHEL,
      target: {
        imageMetadata: { hw_disk_bus: 'virtio' },
        server: {
          flavor: 'm1.old',
          keyName: 'ops',
          securityGroups: ['default'],
          networks: [{ network: 'tenant-net', mac: 'keep', fixedIp: '10.0.0.5' }],
        },
      },
    });
    expect(migration?.target.imageMetadata).toEqual({ hw_disk_bus: 'virtio' });
  });

  test.each([
    ['_migration_params', workloads('\n    hw_machine_type: q35').replace(`          hw_machine_type: ${RHEL}\n`, '')],
    ['volume_image_metadata', workloads().replace(RHEL, 'q35')],
    ['both', workloads('\n    hw_machine_type: q35').replace(RHEL, 'q35')],
  ])('HW4 the type is edited in %s', async (_place, text) => {
    const [migration] = await loaded(draftsOf(text).drafts);
    expect(migration?.hwMachineType).toBe('q35');
  });

  test('two different machine types: refused, both named', () => {
    const reading = readWorkloads(workloads('\n    hw_machine_type: q35'), 'old');
    expect(reading).toEqual({
      kind: 'contradictory',
      why: [
        `legacy-app has two machine types: q35 in _migration_params.hw_machine_type, and ${RHEL} in volume_image_metadata of its boot volume`,
      ],
    });
  });

  test('a file without a machine type becomes preserve: default would lose the type of a live source', async () => {
    const [migration] = await loaded(draftsOf(workloads().replace(`          hw_machine_type: ${RHEL}\n`, '')).drafts);
    expect(migration?.hwMachineType).toBe('preserve');
  });

  test.each([
    ['- a\n- b', 'it has no os_migrate_version and no list of resources'],
    ['{', 'not valid YAML'],
  ])('%j is none', (text, why) => {
    const reading = readWorkloads(text);
    expect(reading.kind === 'not-workloads' && reading.why).toContain(why);
  });
});

/** A server with its volume, as the source provider tells it. */
function server(): ObservedVm {
  const vm = s.cloudVm({ name: 'legacy-app', instanceUuid: '59f20000-0000-4000-8000-000000000001' });
  const cloud = vm.cloud!;
  const { imageMetadata } = cloud;
  const volume = {
    disk: vm.disks[0]!.key,
    id: s.volumeId('vol-9'),
    name: 'root',
    description: '',
    type: 'tripleo',
    availabilityZone: 'nova',
    bootable: true,
    device: '/dev/vda',
    imageMetadata,
    metadata: {},
  };
  return { ...vm, cloud: { ...cloud, volumes: [volume] } };
}

describe('export', () => {
  test('HW1 HW2 to os-migrate and back: metadata kept, machine type editable', async () => {
    const text = workloadsText([server()]);
    const [resource] = (parse(text) as { resources: { params: { volumes: { params: Record<string, unknown> }[] } }[] }).resources;
    expect(resource?.params.volumes[0]?.params['volume_image_metadata']).toEqual(server().cloud?.imageMetadata);
    expect(resource).toMatchObject({ _migration_params: { hw_machine_type: RHEL } });
    const [kept] = await loaded(draftsOf(text).drafts);
    expect(kept).toMatchObject({ hwMachineType: RHEL, target: { imageMetadata: { hw_disk_bus: 'virtio' } } });
    const [edited] = await loaded(draftsOf(text.replaceAll(`hw_machine_type: ${RHEL}\n`, 'hw_machine_type: q35\n')).drafts);
    expect(edited?.hwMachineType).toBe('q35');
  });

  test('HW1 HW2 to a manifest, with names of the destination', async () => {
    const mapping = { flavors: { 'm1.old': 'm1.new' }, networks: { 'tenant-net': 'prod' } };
    const [migration] = await loaded([draftOf(server(), { provider: 'old', mapping })]);
    expect(migration).toMatchObject({
      hwMachineType: RHEL,
      target: { server: { flavor: 'm1.new', networks: [{ network: 'prod', mac: 'keep', fixedIp: '10.0.0.5' }] } },
    });
  });

  test('the file says where the machine type comes from, and what else may be written', () => {
    expect(migrationFiles([draftOf(server(), { provider: 'old' })])[0]?.text).toMatchInlineSnapshot(`
      "# legacy-app
      # - Hard disk 1, 40 GiB

      apiVersion: migplan.dev/v1alpha1
      kind: Migration
      metadata:
        name: legacy-app
      spec:
        source:
          provider: old
          server: 59f20000-0000-4000-8000-000000000001
        target:
          server:
            flavor: m1.old
            networks:
              - network: tenant-net
                mac: keep
                fixedIp: 10.0.0.5
            securityGroups:
              - default
            keyName: ops
        # seed, sync or cutover
        phase: seed
        # recorded on the boot volume. Also: preserve, default, pc, q35, or an exact type
        hwMachineType: pc-i440fx-rhel7.6.0
      "
    `);
  });

  test('a server without a recorded type is written as preserve', async () => {
    const vm = server();
    const { machineType: _, ...cloud } = vm.cloud!;
    const [migration] = await loaded([draftOf({ ...vm, cloud }, { provider: 'old' })]);
    expect(migration?.hwMachineType).toBe('preserve');
  });

  test.each([
    ['bios', 'pc'],
    ['efi', 'q35'],
  ] as const)('HW1 HW2 from VMware: %s is %s', async (firmware, machineType) => {
    const vm = s.vm({ firmware });
    const [migration] = await loaded([draftOf(vm, { provider: 'vc-other' })]);
    expect(migration).toMatchObject({ hwMachineType: machineType, source: { vm: { kind: 'instanceUuid' } } });
  });

  test('names are fit for files, and two VMs of one name stay two', () => {
    const vms = [s.vm({ name: 'a b/ç' }), s.vm({ name: 'a b/ç', instanceUuid: 'cafe0000-0000-1111-2222-333344445555' })];
    expect(migrationFiles(vms.map((vm) => draftOf(vm, { provider: 'vc-other' }))).map(({ name }) => name)).toEqual([
      'a-b-',
      'a-b--cafe0000',
    ]);
  });
});
