import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { draftOf } from '../../src/manifest/exchange/migration-draft.js';
import { readWorkloads } from '../../src/manifest/exchange/os-migrate-read.js';
import { notWritten, workloadsText } from '../../src/manifest/exchange/os-migrate-write.js';
import { migrationFiles } from '../../src/manifest/exchange/write-migration.js';
import type { ObservedVm } from '../../src/model/observed-source.js';
import * as s from '../plan/plan-fixture.js';
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
  const openstackGuest = vm.openstackGuest!;
  const { imageMetadata } = openstackGuest;
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
  return { ...vm, openstackGuest: { ...openstackGuest, volumes: [volume] } };
}

/** What people edit in such a file before they import it. */
const edits: readonly [string, (text: string) => string, object][] = [
  [
    'volume type of every volume',
    (text) => text.replaceAll('volume_type: tripleo', 'volume_type: ssd'),
    { target: { volumeType: 'ssd' } },
  ],
  [
    'zone of server and volumes',
    (text) =>
      text
        .replaceAll('availability_zone: nova', 'availability_zone: az2')
        .replace('params: {name: data,', 'params: {name: data, availability_zone: az2,')
        .replace('    name: legacy-app\n', '    name: legacy-app\n    availability_zone: az2\n'),
    { target: { availabilityZone: 'az2' } },
  ],
  [
    'MAC',
    (text) => text.replace('params: {fixed_ips_refs', "params: {mac_address: 'fa:16:3e:00:00:99', fixed_ips_refs"),
    { target: { server: { networks: [{ mac: 'fa:16:3e:00:00:99' }] } } },
  ],
  [
    'addresses, all of them',
    (text) => text.replace('subnet_ref: null}]', "subnet_ref: null}, {ip_address: '2001:db8::5', subnet_ref: null}]"),
    { target: { server: { networks: [{ fixedIps: ['10.0.0.5', '2001:db8::5'] }] } } },
  ],
  [
    'metadata, tags and description',
    (text) =>
      text.replace(
        '    image_ref: null\n',
        '    image_ref: null\n    metadata: {owner: erp}\n    tags: [blue]\n    description: the old one\n',
      ),
    { target: { server: { metadata: { owner: 'erp' }, tags: ['blue'], description: 'the old one' } } },
  ],
  ['machine type in volume_image_metadata', (text) => text.replace(RHEL, 'q35'), { hwMachineType: 'q35' }],
];

describe('what people edit in workloads.yml', () => {
  test.each(edits)('%s is kept', async (_what, edit, expected) => {
    const text = edit(workloads());
    expect(text).not.toBe(workloads());
    const [migration] = await loaded(draftsOf(text).drafts);
    expect(migration).toMatchObject(expected);
  });

  test.each([
    ['config_drive', '    config_drive: true\n', 'config_drive: true'],
    ['user data', '    user_data: I2Nsb3Vk\n', 'user_data: 8 characters, which may hold secrets'],
    ['scheduler hints', '    scheduler_hints: {group: g1}\n', 'scheduler_hints: {"group":"g1"}'],
    ['a field that a newer os-migrate writes', '    hostname: db\n', 'hostname: "db"'],
  ])('%s is listed as not kept', (_what, line, expected) => {
    const { drafts } = draftsOf(workloads().replace('    image_ref: null\n', `    image_ref: null\n${line}`));
    expect(drafts[0]?.leftOut).toContain(expected);
    expect(migrationFiles(drafts)[0]?.text).toContain(`# - Not kept: ${expected}`);
  });

  test('volumes of two types: both named, none chosen', async () => {
    const { drafts } = draftsOf(workloads().replace('volume_type: tripleo', 'volume_type: ssd'));
    expect(drafts[0]?.leftOut).toContain('volume_type of its volumes: tripleo, ssd');
    expect((await loaded(drafts))[0]?.target.volumeType).toBeUndefined();
  });

  test('groups of several ports are not laid on each of them', () => {
    const port = '    - {params: {network_ref: {name: dmz}}, type: openstack.network.ServerPort}\n    volumes:\n';
    const { drafts } = draftsOf(workloads().replace('    volumes:\n', port));
    expect(drafts[0]?.server).toMatchObject({ nics: [{ network: 'tenant-net' }, { network: 'dmz' }], securityGroups: [] });
    expect(drafts[0]?.leftOut).toContain('security_group_refs: ["default"] (each port keeps its own of the source)');
  });

  test('a name that is none of a manifest becomes the name of the server', async () => {
    const { drafts } = draftsOf(workloads().replace('name: legacy-app', 'name: "ERP DB / prod #1"'));
    expect((await loaded(drafts))[0]).toMatchObject({
      name: 'ERP-DB-prod-1',
      target: { server: { name: 'ERP DB / prod #1' } },
    });
  });

  test('the key that tells which VM a server was is not given away', async () => {
    const text = workloads().replace('    image_ref: null\n', '    image_ref: null\n    metadata: {migplan_vm: other, a: b}\n');
    const [file] = migrationFiles(draftsOf(text).drafts);
    const { diagnostics } = await loadFiles({ 'migplan.yaml': JSON.stringify(project), 'vms/a.yaml': file!.text });
    expect(diagnostics.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
      'MP1005 target.server.metadata.migplan_vm cannot be given: migplan writes it',
    ]);
  });

  test('an edited text cannot forge a field of the manifest', () => {
    const { drafts } = draftsOf(workloads().replace('image_ref: null', 'image_ref: null\n    user_data: "x\\n  phase: cutover"'));
    const { drafts: named } = draftsOf(workloads().replace('name: legacy-app', 'name: "a\\nphase: cutover"'));
    expect(
      migrationFiles([...drafts, ...named])
        .map(({ text }) => text)
        .join(''),
    ).not.toMatch(/^ *phase: cutover/m);
  });
});

describe('export', () => {
  test('HW1 HW2 to os-migrate and back: metadata kept, machine type editable', async () => {
    const text = workloadsText([server()]);
    const [resource] = (parse(text) as { resources: { params: { volumes: { params: Record<string, unknown> }[] } }[] }).resources;
    expect(resource?.params.volumes[0]?.params['volume_image_metadata']).toEqual(server().openstackGuest?.imageMetadata);
    expect(resource).toMatchObject({ _migration_params: { hw_machine_type: RHEL } });
    const [kept] = await loaded(draftsOf(text).drafts);
    expect(kept).toMatchObject({ hwMachineType: RHEL, target: { imageMetadata: { hw_disk_bus: 'virtio' } } });
    const [edited] = await loaded(draftsOf(text.replaceAll(`hw_machine_type: ${RHEL}\n`, 'hw_machine_type: q35\n')).drafts);
    expect(edited?.hwMachineType).toBe('q35');
  });

  test('every field that release 1.0.5 reads of a server is there', () => {
    const [resource] = (parse(workloadsText([server()])) as { resources: Record<string, Record<string, unknown>>[] }).resources;
    const port = (resource!['params']!['ports'] as Record<string, object>[])[0];
    expect(Object.keys(resource!['params']!).sort()).toEqual([
      'availability_zone',
      'config_drive',
      'description',
      'disk_config',
      'flavor_ref',
      'floating_ips',
      'image_ref',
      'key_name',
      'metadata',
      'name',
      'ports',
      'scheduler_hints',
      'security_group_refs',
      'tags',
      'user_data',
      'volumes',
    ]);
    expect(resource!['_migration_params']).toMatchObject({
      use_nbdkit_direct: false,
      nbdkit_socket_uri: null,
      nbdkit_export_name: null,
    });
    expect(Object.keys(port!['params']!).sort()).toEqual(['binding_profile', 'fixed_ips_refs', 'network_ref']);
  });

  test('notes of the server are written, and what would be made up is told', () => {
    const vm = server();
    const leftBehind = [
      { of: 'server', property: 'config_drive', value: 'True' },
      { of: 'server', property: 'scheduler_hints', value: '{"group":"g1"}' },
    ];
    const cloud = { ...vm.openstackGuest!, metadata: { owner: 'erp' }, tags: ['blue'], description: 'old' };
    const [resource] = (parse(workloadsText([{ ...vm, openstackGuest: cloud, leftBehind }])) as { resources: object[] })
      .resources;
    expect(resource).toMatchObject({
      params: { config_drive: true, metadata: { owner: 'erp' }, tags: ['blue'], description: 'old' },
    });
    expect(notWritten([{ ...vm, leftBehind }])).toEqual(['legacy-app: scheduler_hints: {"group":"g1"}']);
  });

  test('what a port of the source has is written out: addresses, pairs, groups, open ports', async () => {
    const vm = server();
    const port = { securityGroups: ['db'], allowedAddressPairs: [{ ip: '10.0.0.250' }], portSecurity: true };
    const nics = [
      { ...vm.nics[0]!, addresses: ['10.0.0.5', '2001:db8::5'], port },
      { ...vm.nics[0]!, key: 1, addresses: [], port: { ...port, allowedAddressPairs: [], portSecurity: false } },
    ];
    const [migration] = await loaded([draftOf({ ...vm, nics }, { provider: 'old' })]);
    expect(migration?.target.server?.networks).toEqual([
      {
        network: vm.nics[0]!.network,
        mac: 'keep',
        fixedIps: ['10.0.0.5', '2001:db8::5'],
        securityGroups: ['db'],
        allowedAddressPairs: [{ ip: '10.0.0.250' }],
      },
      { network: vm.nics[0]!.network, mac: 'keep', fixedIps: [], portSecurity: false },
    ]);
  });

  test('HW1 HW2 to a manifest, with names of the destination', async () => {
    const mapping = { flavors: { 'm1.old': 'm1.new' }, networks: { 'tenant-net': 'prod' } };
    const [migration] = await loaded([draftOf(server(), { provider: 'old', mapping })]);
    expect(migration).toMatchObject({
      hwMachineType: RHEL,
      target: { server: { flavor: 'm1.new', networks: [{ network: 'prod', mac: 'keep', fixedIps: ['fd00::5', '10.0.0.5'] }] } },
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
            keyName: ops
            networks:
              - network: tenant-net
                mac: keep
                fixedIps:
                  - fd00::5
                  - 10.0.0.5
            securityGroups:
              - default
        # seed, sync or cutover
        phase: seed
        # recorded on the boot volume. Also: preserve, default, pc, q35, or an exact type
        hwMachineType: pc-i440fx-rhel7.6.0
      "
    `);
  });

  test('a server without a recorded type is written as preserve', async () => {
    const vm = server();
    const { machineType: _, ...cloud } = vm.openstackGuest!;
    const [migration] = await loaded([draftOf({ ...vm, openstackGuest: cloud }, { provider: 'old' })]);
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
