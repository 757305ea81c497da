import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { describeSourceProvider } from '../../conformance/source-provider.js';
import { startVmwareLab, type VmwareLab } from './lab.js';

const MiB = 2 ** 20;
/** Each test takes a VM of its own. */
const VMS = 24;

let lab: VmwareLab;
let taken = 0;
let seed = 1;

beforeAll(async () => {
  const disks = [
    { capacityBytes: 8 * MiB, content: { pattern: { seed: 1, dataRatio: 0.5 } } },
    { capacityBytes: 4 * MiB, controller: 'nvme' as const },
    { capacityBytes: 4 * MiB, bus: 1, mode: 'independent_persistent' as const },
  ];
  const vms = Array.from({ length: VMS }, (_, index) => ({ name: `erp/db${index}`, folder: 'erp', disks }));
  lab = await startVmwareLab({
    cbt: { maxExtents: 2, windowBytes: 2 * MiB, shuffle: true, overlap: true },
    datacenters: [{ name: 'DC1', vms }],
  });
});
afterAll(() => lab[Symbol.asyncDispose]());

describeSourceProvider('vmware on the simulated vCenter', async () => {
  const vm = `erp/db${taken++}`;
  return {
    provider: await lab.open(),
    selector: { kind: 'path', path: `/DC1/vm/erp/${vm.replace('/', '%2f')}` },
    prefix: 'conformance',
    write: async (disk, { offset, length }) => {
      await lab.sim.control.guestWrite({ vm, diskKey: disk, offset, length, fill: { seed: seed++ } });
    },
    pause: () => pause(10),
    cleanUp: async () => undefined,
  };
});
