import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import type { ObservedVm } from '../../../src/model/observed-source.js';
import { PASSWORD, startVmwareLab, USER, type VmwareLab } from './lab.js';

const disks = [{ capacityBytes: 2 ** 20 }];
let lab: VmwareLab;
let source: SourceProvider;

beforeAll(async () => {
  const fitted = {
    annotation: 'Owner: ERP team\nCall before 8',
    customAttributes: { 'Cost center': '4711', backup: 'gold' },
    cpuAllocation: { reservation: 2000, shares: 'high' as const },
    memoryAllocation: { limit: 4096 },
    hotAdd: true,
    coresPerSocket: 2,
    cpus: 4,
    extraConfig: {
      'guestinfo.userdata': 'cGFzc3dvcmQ6IGh1bnRlcjI=',
      'guestinfo.vmtools.versionString': '12.3.5',
      'pciPassthru.use64bitMMIO': 'TRUE',
      'scsi0.pciSlotNumber': '16',
      'sharedFolder0.hostPath': '/srv/secret',
    },
    nics: [
      { mac: '00:50:56:aa:00:01', network: 'VM Network', ips: ['192.0.2.10', 'fe80::1', '2001:db8::10'] },
      { mac: '00:50:56:aa:00:02', network: 'VM Network', connected: false },
    ],
  };
  const other = { customAttributes: { Backup: 'none', backup: 'silver' } };
  lab = await startVmwareLab({
    users: [
      { name: USER, password: PASSWORD },
      { name: 'limited', password: PASSWORD, unreadableProperties: ['config.extraConfig'] },
    ],
    soap: { pageMax: 1 },
    datacenters: [
      {
        name: 'DC1',
        vms: [
          { name: 'fitted', disks, ...fitted },
          { name: 'off', power: 'poweredOff', disks, ...fitted },
          { name: 'other', disks, ...other },
          { name: 'plain', disks },
        ],
      },
    ],
  });
  source = await lab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

async function observe(...names: string[]): Promise<ObservedVm[]> {
  const found = await source.observe(names.map((path) => ({ kind: 'path', path })));
  return found.map((lookup) => (lookup.kind === 'found' ? lookup.vm : expect.unreachable()));
}
const lines = ({ leftBehind = [] }: ObservedVm): string[] => leftBehind.map(({ property, value }) => `${property} = ${value}`);

test('what no migration carries is told: annotation, reservations, limits, shares, hot add, attributes; of settings the names', async () => {
  const [fitted, other, plain] = await observe('fitted', 'other', 'plain');
  expect(lines(fitted!)).toEqual([
    'annotation = Owner: ERP team\nCall before 8',
    'cpuAllocation = reservation 2000, shares high (2000)',
    'memoryAllocation = limit 4096',
    'memoryHotAddEnabled = on',
    'cpuHotAddEnabled = on',
    'guestinfo = guestinfo.userdata',
    'shared folders = sharedFolder0.hostPath',
    'advanced settings = pciPassthru.use64bitMMIO',
    'numCoresPerSocket = 2',
    'custom attribute Cost center = 4711',
    'custom attribute backup = gold',
  ]);
  expect(lines(other!)).toEqual(['custom attribute Backup = none', 'custom attribute backup = silver']);
  expect(lines(plain!)).toEqual([]);
});

test('no value of a setting, a secret perhaps, is anywhere in what was observed', async () => {
  expect(JSON.stringify(await observe('fitted'))).not.toMatch(/cGFzc3dvcmQ|srv\/secret/);
});

test('addresses that the guest reports, without those it gives itself; none of a VM that is off', async () => {
  const [fitted, off] = await observe('fitted', 'off');
  expect(fitted!.nics.map(({ guestAddresses }) => guestAddresses)).toEqual([['192.0.2.10', '2001:db8::10'], undefined]);
  expect(off!.nics.map(({ guestAddresses }) => guestAddresses)).toEqual([undefined, undefined]);
});

test('a NIC that is not connected when the VM starts stays unplugged', async () => {
  const [fitted] = await observe('fitted');
  expect(fitted!.nics.map(({ connected }) => connected)).toEqual([undefined, false]);
});

test('a property that the server does not know is missing, and the rest is told', async () => {
  const [{ ref }] = (await observe('fitted')) as [ObservedVm];
  const again = await lab.open();
  const name = 'availableField';
  lab.sim.control.addFault({
    method: 'RetrievePropertiesEx',
    nth: 1,
    do: { fault: { type: 'InvalidProperty', fields: { name } } },
  });
  const [found] = await again.observe([{ kind: 'moref', moref: ref }]);
  lab.sim.control.clearFaults();
  const told = found?.kind === 'found' ? lines(found.vm) : expect.unreachable();
  expect(told).toContain('custom attribute 101 = 4711');
  expect(told).toContain('memoryAllocation = limit 4096');
});

test('a property that the account may not read stops nothing, and that it is not known is told', async () => {
  const limited = await lab.open({ user: 'limited' });
  const [found] = await limited.observe([{ kind: 'path', path: 'fitted' }]);
  const told = found?.kind === 'found' ? (found.vm.leftBehind ?? []) : expect.unreachable();
  expect(told.map(({ property }) => property)).not.toContain('guestinfo');
  expect(told).toContainEqual({
    of: 'VM',
    property: 'config.extraConfig',
    value: 'unknown',
    note: 'this account may not read it',
  });
});
