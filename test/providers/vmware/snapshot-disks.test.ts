import { expect, test } from 'vitest';
import { snapshotRef } from '../../../src/model/ids.js';
import type { VmwareContext } from '../../../src/providers/vmware/context.js';
import { snapshotDisks } from '../../../src/providers/vmware/snapshots.js';
import { decodeAnswer } from '../../../src/providers/vmware/soap/decode.js';
import { property } from './envelope.js';

const disk = (key: number, backing: string): string =>
  `<VirtualDevice xsi:type="VirtualDisk"><key>${key}</key>${backing}<controllerKey>1000</controllerKey>` +
  `<unitNumber>${key % 100}</unitNumber><capacityInKB>1024</capacityInKB></VirtualDevice>`;
const flat = (mode: string, more = ''): string =>
  `<backing xsi:type="VirtualDiskFlatVer2BackingInfo"><fileName>[ds1] ${mode}.vmdk</fileName><diskMode>${mode}</diskMode>${more}</backing>`;

// vCenter lists every disk in the configuration of a snapshot, also those whose files go on changing.
test('disks that a snapshot lists but does not freeze are left out', async () => {
  const devices = [
    disk(2000, flat('persistent', '<uuid>u</uuid><changeId>52 2d/7</changeId>')),
    disk(2001, flat('independent_persistent')),
    disk(2002, flat('append')),
    disk(2003, flat('persistent', '<sharing>sharingMultiWriter</sharing>')),
    disk(
      2004,
      '<backing xsi:type="VirtualDiskRawDiskVer2BackingInfo"><deviceName>vml</deviceName><descriptorFileName>x</descriptorFileName></backing>',
    ),
  ];
  const answer = property('config.hardware.device', `<val xsi:type="ArrayOfVirtualDevice">${devices.join('')}</val>`);
  const session = {
    unknownPaths: new Set(),
    content: async () => ({ propertyCollector: { type: 'PropertyCollector', value: 'propertyCollector' } }),
    call: async (method: string) => decodeAnswer(answer, method).value,
  };
  const snapshotDisk = await snapshotDisks({ session } as unknown as VmwareContext, snapshotRef('snapshot-1'));
  expect(snapshotDisk).toEqual([
    { key: 2000, uuid: 'u', capacity: 2 ** 20, file: '[ds1] persistent.vmdk', changeId: { epoch: '52 2d', sequence: 7 } },
  ]);
});
