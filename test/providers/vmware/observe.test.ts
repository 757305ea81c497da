import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WorldConfig } from '../../../lab/vcenter-sim/index.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import type { VmSelector } from '../../../src/model/desired.js';
import type { ObservedVm, VmLookup } from '../../../src/model/observed-source.js';
import { startVmwareLab, type VmwareLab } from './lab.js';

type VmConfig = WorldConfig['datacenters'][number]['vms'][number];

const MiB = 2 ** 20;
const disks = [{ capacityBytes: MiB, uuid: '6000C29a-0000-0000-0000-000000000000' }];
const uuid = (n: number): string => `50000000-0000-0000-0000-${String(n).padStart(12, '0')}`;

const erp: VmConfig = {
  name: 'erp/db 50%',
  moref: 'vm-500',
  instanceUuid: uuid(0),
  folder: 'erp/prod',
  firmware: 'efi',
  secureBoot: true,
  guestId: 'windows2019srv_64Guest',
  guestFullName: 'Microsoft Windows Server 2019 (64-bit)',
  cpus: 4,
  memoryMb: 8192,
  cbtEnabled: true,
  bootOrder: [2001],
  nics: [
    { mac: '00:50:56:AA:00:01', network: 'VM Network', type: 'e1000e' },
    { mac: '00:50:56:aa:00:02', network: 'dv-app' },
    { mac: '00:50:56:aa:00:03', network: 'segment', type: 'sriov' },
  ],
  disks: [
    { capacityBytes: 2 * MiB, uuid: '6000C29a-0000-0000-0000-000000000001' },
    { capacityBytes: MiB, unit: 1, uuid: '6000C29a-0000-0000-0000-000000000002' },
    { capacityBytes: MiB, bus: 1, mode: 'independent_persistent', uuid: '6000C29a-0000-0000-0000-000000000003' },
    { capacityBytes: MiB, controller: 'ahci', backing: 'rdm-physical', uuid: '6000C29a-0000-0000-0000-000000000004' },
  ],
};

const states: Readonly<Record<string, Partial<VmConfig>>> = {
  plain: {},
  template: { template: true, power: 'poweredOff' },
  suspended: { power: 'suspended' },
  disconnected: { connectionState: 'disconnected' },
  'fault-tolerant': { faultTolerant: true },
  unmerged: { consolidationNeeded: true },
  asking: { question: 'Did you copy it or move it?' },
  encrypted: { encrypted: true },
  tpm: { hasTpm: true },
  'held-by-backup': { disabledMethods: ['RelocateVM_Task', 'CreateSnapshot_Task'] },
  'old-hardware': { hwVersion: 4 },
  untrackable: { cbtSupported: false },
};

let lab: VmwareLab;
let source: SourceProvider;
const count = (method: string): number => lab.sim.control.calls().calls.filter((call) => call.method === method).length;

beforeAll(async () => {
  const networks = [
    { name: 'VM Network' },
    { name: 'dv-app', kind: 'distributed' as const },
    { name: 'segment', kind: 'opaque' as const },
  ];
  const many = Array.from({ length: 30 }, (_, index) => ({
    name: `web${index}`,
    folder: 'web',
    instanceUuid: uuid(100 + index),
    disks,
  }));
  const ide = { capacityBytes: MiB, controller: 'ide' as const };
  const scsi = { capacityBytes: MiB };
  const ideVms = [
    { name: 'ide-bios', folder: 'boot', disks: [scsi, ide] },
    { name: 'ide-efi', folder: 'boot', firmware: 'efi' as const, disks: [scsi, ide] },
    { name: 'ide-ordered', folder: 'boot', bootOrder: [2000], disks: [scsi, ide] },
  ];
  const stateVms = Object.entries(states).map(([name, change]) => ({ name, folder: 'states', disks, ...change }));
  const unicodeVms = [
    { name: 'b\u00fcro'.normalize('NFD'), moref: 'vm-601', folder: 'm\u00fcnchen'.normalize('NFD'), disks },
    { name: 'caf\u00e9'.normalize('NFC'), moref: 'vm-602', folder: 'c', disks },
    { name: 'caf\u00e9'.normalize('NFD'), moref: 'vm-603', folder: 'c', disks },
    // One letter with two marks, in either order: neither is the composed form.
    { name: 'na\u0307\u0323', moref: 'vm-604', folder: 'd', disks },
    { name: 'na\u0323\u0307', moref: 'vm-605', folder: 'd', disks },
  ];
  lab = await startVmwareLab({
    soap: { pageMax: 7 },
    datacenters: [
      { name: 'DC1', networks, vms: [erp, { name: 'twin', folder: 'a', disks }, ...many, ...stateVms, ...ideVms] },
      { name: 'DC2', vms: [{ name: 'twin', folder: 'b', disks }, ...unicodeVms] },
    ],
  });
  source = await lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());
beforeEach(() => lab.sim.control.clearCalls());

const path = (text: string): VmSelector => ({ kind: 'path', path: text });
const observe = async (...selectors: VmSelector[]): Promise<readonly VmLookup[]> => source.observe(selectors);
async function vm(selector: VmSelector): Promise<ObservedVm> {
  const [lookup] = await observe(selector);
  return lookup?.kind === 'found' ? lookup.vm : expect.unreachable(JSON.stringify(lookup));
}

test('one VM with all it has', async () => {
  const { bootTime, ...seen } = await vm(path('/DC1/vm/erp/prod/erp%2fdb 50%'));
  expect(bootTime).toMatch(/^\d{4}-/);
  const steady = JSON.stringify(seen, (key, value) => (key === 'epoch' ? 'EPOCH' : value), 2);
  await expect(`${steady}\n`).toMatchFileSnapshot('../../golden/vmware-observed-vm.json');
});

test.each([
  ['ide-bios', 'ide', 'default', 'a BIOS begins with its IDE disks'],
  ['ide-efi', 'scsi', 'default', 'EFI does not'],
  ['ide-ordered', 'scsi', 'boot-order', 'the boot order goes before that'],
])('IDE and SCSI disks: %s boots from %s by its %s: %s', async (name, bus, from) => {
  const { disks, bootDisk, bootDiskFrom } = await vm(path(name));
  expect([disks.find(({ key }) => key === bootDisk)?.slot.bus, bootDiskFrom]).toEqual([bus, from]);
});

test('snapshots with parents, and which one is current', async () => {
  const target = { vm: 'web29' };
  const first = await lab.sim.control.createForeignSnapshot({ ...target, name: 'before 50%/upgrade', description: 'by hand' });
  const second = await lab.sim.control.createForeignSnapshot({ ...target, name: 'after' });
  const { snapshots, currentSnapshot, obstacles } = await vm(path('web29'));
  expect(snapshots).toMatchObject([
    { ref: first.moref, name: 'before 50%/upgrade', description: 'by hand', createdAt: expect.stringMatching(/^\d{4}-/) },
    { ref: second.moref, parent: first.moref },
  ]);
  expect([currentSnapshot, obstacles]).toEqual([second.moref, []]);
});

test('what stands in the way', async () => {
  const seen = await observe(...Object.keys(states).map((name) => path(`/DC1/vm/states/${name}`)));
  const told = seen.map((lookup) =>
    lookup.kind === 'found' ? [lookup.vm.name, lookup.vm.cbt.supported, ...lookup.vm.obstacles] : [lookup.kind],
  );
  await expect(`${JSON.stringify(told, undefined, 2)}\n`).toMatchFileSnapshot('../../golden/vmware-obstacles.json');
});

describe('names', () => {
  test.each([
    ['an escaped slash', '/DC1/vm/erp/prod/erp%2fdb 50%25'],
    ['a percent as it is shown', 'DC1/vm/erp/prod/erp%2Fdb 50%'],
    ['a bare name', 'erp%2fdb 50%'],
    ['a bare name with a slash in front', '/erp%2fdb 50%25'],
  ])('%s', async (_name, text) => {
    expect((await vm(path(text))).ref).toBe('vm-500');
  });

  test.each([
    ['a bare name', 'b\u00fcro'],
    ['a path with a folder of that kind', '/DC2/vm/m\u00fcnchen/b\u00fcro'],
  ])('a name typed NFC and stored NFD is found, and no look-alike is suggested: %s', async (_name, text) => {
    expect(await observe(path(text.normalize('NFC')))).toMatchObject([{ kind: 'found', vm: { ref: 'vm-601' } }]);
  });

  test('of names that look the same, the one in the very form that was typed is meant', async () => {
    const found = await observe(path('caf\u00e9'.normalize('NFC')), path('/DC2/vm/c/caf\u00e9'.normalize('NFD')));
    expect(found).toMatchObject([{ vm: { ref: 'vm-602' } }, { vm: { ref: 'vm-603' } }]);
  });

  test.each(['n\u1ea1\u0307', '/DC2/vm/d/n\u1ea1\u0307'])(
    'several names that look the same are told apart by reference: %s',
    async (text) => {
      const [found] = await observe(path(text));
      expect(found).toEqual({
        kind: 'ambiguous',
        candidates: [
          '/DC2/vm/d/na\u0307\u0323 (vm-604, in another Unicode form)',
          '/DC2/vm/d/na\u0323\u0307 (vm-605, in another Unicode form)',
        ],
      });
    },
  );

  test('one name in two places', async () => {
    expect(await observe(path('twin'), path('/DC2/vm/b/twin'))).toMatchObject([
      { kind: 'ambiguous', candidates: ['/DC1/vm/a/twin', '/DC2/vm/b/twin'] },
      { kind: 'found', vm: { name: 'twin' } },
    ]);
  });

  test('a name that is nearly right, a folder instead of a VM, and nothing like it', async () => {
    expect(await observe(path('/DC1/vm/a/twins'), path('/DC1/vm/web'), path('/DC1/vm/zzzzzzzzzz'))).toMatchObject([
      { kind: 'not-found', nearest: ['/DC1/vm/a/twin', '/DC2/vm/b/twin'] },
      { kind: 'not-found', nearest: expect.arrayContaining([expect.stringMatching(/^\/DC1\/vm\/web\/web\d$/)]) },
      { kind: 'not-found', nearest: [], check: 'check the path in vCenter' },
    ]);
    expect(count('CreateContainerView')).toBe(1);
    expect(count('DestroyView')).toBe(1);
  });
});

describe('in bulk', () => {
  test('for many VMs there is one listing, and no call for each', async () => {
    const selectors = [
      ...Array.from({ length: 29 }, (_, index) => path(`/DC1/vm/web/web${index}`)),
      { kind: 'instanceUuid' as const, instanceUuid: uuid(129).toUpperCase() },
      { kind: 'moref' as const, moref: 'vm-500' },
    ];
    const seen = await observe(...selectors);
    expect(seen.map((lookup) => (lookup.kind === 'found' ? lookup.vm.name : lookup.kind))).toEqual([
      ...Array.from({ length: 30 }, (_, index) => `web${index}`),
      'erp/db 50%',
    ]);
    expect([count('FindByInventoryPath'), count('FindByUuid'), count('CreateContainerView')]).toEqual([0, 0, 1]);
  });

  test('for few there is no listing', async () => {
    await observe(path('/DC1/vm/a/twin'), { kind: 'instanceUuid', instanceUuid: uuid(100) }, { kind: 'moref', moref: 'vm-500' });
    expect([count('FindByInventoryPath'), count('FindByUuid'), count('CreateContainerView')]).toEqual([1, 1, 0]);
  });

  test('the session may end in the middle of the listing', async () => {
    lab.sim.control.addFault({ method: 'ContinueRetrievePropertiesEx', nth: 3, do: { fault: { type: 'NotAuthenticated' } } });
    lab.sim.control.addFault({ method: 'RetrievePropertiesEx', nth: 2, do: { fault: { type: 'NotAuthenticated' } } });
    expect(await observe(path('twin'))).toMatchObject([{ kind: 'ambiguous' }]);
    expect([count('Login'), count('CreateContainerView')]).toEqual([2, 3]);
    lab.sim.control.clearFaults();
  });

  test('a VM that vanishes after it was found', async () => {
    lab.sim.control.deleteVm({ vm: 'web28' });
    const found = await observe(
      { kind: 'instanceUuid', instanceUuid: uuid(128) },
      { kind: 'instanceUuid', instanceUuid: uuid(127) },
    );
    expect(found.map(({ kind }) => kind)).toEqual(['not-found', 'found']);
  });
});
