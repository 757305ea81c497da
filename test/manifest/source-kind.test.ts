import { expect, test } from 'vitest';
import { fullProject } from './full-documents.js';
import { loadFiles } from './in-folder.js';

interface Row {
  readonly name: string;
  readonly source: Readonly<Record<string, unknown>>;
  readonly target?: Readonly<Record<string, unknown>>;
  readonly expected: readonly string[];
}

const server = { source: { provider: 'cloud-other', server: 'legacy-app' } };
const vm = { source: { provider: 'vc-other', vm: '/DC1/vm/a' } };

const rows: readonly Row[] = [
  { name: 'a server of an OpenStack cloud', ...server, target: { server: {} }, expected: [] },
  { name: 'a rehearsal of one', source: { ...server.source, rehearsal: true }, expected: [] },
  {
    name: 'a server in a vCenter',
    source: { provider: 'vc-other', server: 'x' },
    expected: [
      'MP1019 source.provider is "vc-other", a provider of type vmware; source.server needs one of type openstack or nbd',
    ],
  },
  {
    name: 'an inventory path in an OpenStack cloud',
    source: { provider: 'cloud-other', vm: '/DC1/vm/a' },
    expected: ['MP1019 source.provider is "cloud-other", a provider of type openstack; source.vm needs one of type vmware'],
  },
  {
    name: 'a rehearsal of a VM',
    source: { ...vm.source, rehearsal: true },
    expected: ['MP1010 source.rehearsal is for servers of an OpenStack cloud; phase seed and sync leave any other VM as it is'],
  },
  {
    name: 'a VM whose server has neither flavor nor networks',
    ...vm,
    target: { server: {} },
    expected: [
      'MP1003 target.server.flavor is missing (name or id of a Nova flavor)',
      'MP1003 target.server.networks is missing (one entry for each NIC of the source VM, in its order, unless target.mapping.networks names its port groups)',
    ],
  },
  {
    name: 'a machine of image files, whose networks are called as on the target, and who says nothing of flavors',
    source: { provider: 'images', server: 'web01' },
    target: { server: {} },
    expected: ['MP1003 target.server.flavor is missing (name or id of a Nova flavor)'],
  },
  {
    name: 'a rehearsal of one that is off anyway',
    source: { provider: 'images', server: 'web01', rehearsal: true },
    expected: ['MP1010 source.rehearsal is for servers of an OpenStack cloud; phase seed and sync leave any other VM as it is'],
  },
  {
    name: 'a VM whose port groups are mapped needs no networks',
    ...vm,
    target: { server: { flavor: 'm1.large' }, mapping: { networks: { 'VM Network': 'prod', 'Backup-PG': 'skip' } } },
    expected: [],
  },
  {
    name: 'a VM with a NIC that is left out',
    ...vm,
    target: { server: { flavor: 'm1.large', networks: ['prod', 'skip'] } },
    expected: [],
  },
  {
    name: 'HW1 a machine type in two places',
    ...server,
    target: { imageMetadata: { hw_machine_type: 'pc' } },
    expected: ['MP1005 target.imageMetadata.hw_machine_type cannot be given: it is what hwMachineType says'],
  },
];

test.each(rows)('$name', async ({ source, target = {}, expected }) => {
  const migration = {
    apiVersion: 'migplan.dev/v1alpha1',
    kind: 'Migration',
    metadata: { name: 'a' },
    spec: { source, target: { provider: 'cloud-other', ...target } },
  };
  const { diagnostics } = await loadFiles({
    'migplan.yaml': JSON.stringify(fullProject),
    'vms/a.yaml': JSON.stringify(migration),
  });
  expect(diagnostics.map(({ code, detail }) => `${code} ${detail}`)).toEqual(expected);
});

test('one server has one manifest', async () => {
  const one = (name: string) =>
    JSON.stringify({
      apiVersion: 'migplan.dev/v1alpha1',
      kind: 'Migration',
      metadata: { name },
      spec: { ...server, target: { provider: 'cloud-other' } },
    });
  const { diagnostics } = await loadFiles({
    'migplan.yaml': JSON.stringify(fullProject),
    'vms/a.yaml': one('a'),
    'vms/b.yaml': one('b'),
  });
  expect(diagnostics.map(({ code }) => code)).toEqual(['MP1017']);
});
