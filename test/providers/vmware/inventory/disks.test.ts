import { describe, expect, test } from 'vitest';
import { attachedDisks, toObservedDisk } from '../../../../src/providers/vmware/inventory/disks.js';
import { decodeAnswer } from '../../../../src/providers/vmware/soap/decode.js';
import type { Vim } from '../../../../src/providers/vmware/wsdl/vim.js';
import { property } from '../envelope.js';

function observed(devices: string) {
  const xml = property('config.hardware.device', `<val xsi:type="ArrayOfVirtualDevice">${devices}</val>`);
  const { objects } = decodeAnswer(xml, 'Test').value as Vim<'RetrieveResult'>;
  return attachedDisks(objects[0]!.propSet[0]!.val as Vim<'VirtualDevice'>[]).map(toObservedDisk);
}

const device = (type: string, fields: string): string => `<VirtualDevice xsi:type="${type}">${fields}</VirtualDevice>`;
const controller = (type: string, key: number, bus: number, more = ''): string =>
  device(type, `<key>${key}</key><busNumber>${bus}</busNumber>${more}`);
const scsi = (key: number, bus: number, sharedBus = 'noSharing'): string =>
  controller('ParaVirtualSCSIController', key, bus, `<sharedBus>${sharedBus}</sharedBus>`);
const backing = (type: string, fields: string): string => `<backing xsi:type="VirtualDisk${type}BackingInfo">${fields}</backing>`;
const flat = (fields = '<diskMode>persistent</diskMode>'): string =>
  backing('FlatVer2', `<fileName>[ds1] a.vmdk</fileName>${fields}`);

interface DiskXml {
  readonly key?: number;
  readonly controllerKey?: number;
  readonly unit?: number;
  readonly backing?: string;
  readonly capacity?: string;
}
const disk = ({
  key = 2000,
  controllerKey = 1000,
  unit = 0,
  backing = flat(),
  capacity = '<capacityInKB>1024</capacityInKB>',
}: DiskXml): string =>
  device(
    'VirtualDisk',
    `<key>${key}</key>${backing}<controllerKey>${controllerKey}</controllerKey><unitNumber>${unit}</unitNumber>${capacity}`,
  );

test('guest order comes from bus, controller and unit, whatever the keys and the order of devices', () => {
  const disks = observed(
    [
      disk({ key: 1, controllerKey: 200, unit: 1 }),
      disk({ key: 2, controllerKey: 31_000 }),
      disk({ key: 3, controllerKey: 1001, unit: 0 }),
      disk({ key: 4, controllerKey: 1000, unit: 10 }),
      disk({ key: 5, controllerKey: 1000, unit: 2 }),
      disk({ key: 6, controllerKey: 15_000, unit: 0 }),
      disk({ key: 7, controllerKey: 99, unit: 0 }),
      scsi(1000, 0),
      scsi(1001, 1),
      controller('VirtualIDEController', 200, 0),
      controller('VirtualNVMEController', 31_000, 0),
      controller('VirtualAHCIController', 15_000, 0),
    ].join(''),
  );
  expect(disks.map(({ key, slot }) => `${key} ${slot.bus}${slot.controller}:${slot.unit}`)).toEqual([
    '5 scsi0:2',
    '4 scsi0:10',
    '3 scsi1:0',
    '6 sata0:0',
    '2 nvme0:0',
    '1 ide0:1',
    '7 other0:0',
  ]);
});

describe('capacity', () => {
  test.each([
    ['<capacityInKB>1024</capacityInKB>', 2 ** 20],
    ['<capacityInKB>1</capacityInKB><capacityInBytes>1536</capacityInBytes>', 1536],
    ['<capacityInKB>67108864</capacityInKB><capacityInBytes>68719476736</capacityInBytes>', 2 ** 36],
  ])('%s', (capacity, expected) => {
    expect(observed(disk({ capacity }))[0]!.capacity).toBe(expected);
  });

  test.each([
    ['<capacityInKB>1</capacityInKB><capacityInBytes>-5</capacityInBytes>', 'has -5 bytes, says vCenter'],
    ['<capacityInKB>0</capacityInKB>', 'has 0 bytes, says vCenter'],
  ])('%s is a disk that cannot be migrated, not one of that size', (capacity, unsupported) => {
    expect(observed(disk({ capacity }))[0]).toMatchObject({ capacity: 0, unsupported });
  });

  test('beyond what is exact it is refused', () => {
    expect(() =>
      observed(disk({ capacity: '<capacityInKB>1</capacityInKB><capacityInBytes>9007199254740993</capacityInBytes>' })),
    ).toThrow(/too large/);
  });
});

describe('what can be read and frozen', () => {
  const persistent = '<diskMode>persistent</diskMode>';
  const file = '<fileName>[ds1] a.vmdk</fileName>';
  const rdm = (mode: string): string =>
    backing(
      'RawDiskMappingVer1',
      `${file}<compatibilityMode>${mode}</compatibilityMode>${persistent}<uuid>u</uuid><sharing>sharingNone</sharing>`,
    );
  const rows: readonly { name: string; xml: string; unsupported?: RegExp; inSnapshots?: boolean; bus?: string }[] = [
    { name: 'flat', xml: flat(`${persistent}<sharing>sharingNone</sharing>`) },
    { name: 'sparse on VMFS', xml: backing('SeSparse', `${file}${persistent}<uuid>u</uuid>`) },
    { name: 'sparse, hosted', xml: backing('SparseVer2', `${file}${persistent}`) },
    { name: 'RDM, virtual', xml: rdm('virtualMode') },
    { name: 'RDM, physical', xml: rdm('physicalMode'), unsupported: /physical mode/ },
    {
      name: 'raw device',
      xml: backing('RawDiskVer2', '<deviceName>vml.1</deviceName><descriptorFileName>x</descriptorFileName>'),
      unsupported: /raw device/,
    },
    {
      name: 'partition of a raw device',
      xml: backing('PartitionedRawDiskVer2', '<deviceName>d</deviceName><descriptorFileName>x</descriptorFileName>'),
      unsupported: /raw device/,
    },
    { name: 'persistent memory', xml: backing('LocalPMem', `${file}${persistent}`), unsupported: /persistent memory/ },
    { name: 'flat, version 1', xml: backing('FlatVer1', `${file}${persistent}`), unsupported: /legacy format/ },
    { name: 'sparse, version 1', xml: backing('SparseVer1', `${file}${persistent}`), unsupported: /legacy format/ },
    { name: 'of the future', xml: backing('Quantum', file), unsupported: /VirtualDiskQuantumBackingInfo/ },
    { name: 'none', xml: '', unsupported: /no backing/ },
    { name: 'multi-writer', xml: flat(`${persistent}<sharing>sharingMultiWriter</sharing>`), unsupported: /multi-writer/ },
    { name: 'encrypted', xml: flat(`${persistent}<keyId><keyId>k</keyId></keyId>`), unsupported: /encrypted/ },
    { name: 'independent', xml: flat('<diskMode>independent_persistent</diskMode>'), inSnapshots: false },
    { name: 'independent, not persistent', xml: flat('<diskMode>independent_nonpersistent</diskMode>'), inSnapshots: false },
    { name: 'nonpersistent', xml: flat('<diskMode>nonpersistent</diskMode>'), unsupported: /legacy mode nonpersistent/ },
    { name: 'undoable', xml: flat('<diskMode>undoable</diskMode>'), unsupported: /legacy mode undoable/ },
    { name: 'append', xml: flat('<diskMode>append</diskMode>'), unsupported: /legacy mode append/ },
    { name: 'on a bus shared by machines', xml: flat(), bus: 'physicalSharing', unsupported: /physicalSharing/ },
    { name: 'on a bus shared on a host', xml: flat(), bus: 'virtualSharing', unsupported: /virtualSharing/ },
  ];
  test.each(rows)('$name', ({ xml, unsupported, inSnapshots = true, bus = 'noSharing' }) => {
    const [seen] = observed(disk({ backing: xml }) + scsi(1000, 0, bus));
    expect(seen?.inSnapshots).toBe(inSnapshots);
    if (unsupported === undefined) expect(seen?.unsupported).toBeUndefined();
    else expect(seen?.unsupported).toMatch(unsupported);
  });
});

test('uuid and change id come through; an unreadable change id is none', () => {
  const withId = (id: string): string => flat(`<diskMode>persistent</diskMode><uuid>6000C29a</uuid><changeId>${id}</changeId>`);
  const disks = observed(disk({ backing: withId('52 2d-77 4c/7') }) + disk({ key: 2001, unit: 1, backing: withId('garbage') }));
  expect(disks[0]).toMatchObject({ uuid: '6000C29a', changeId: { epoch: '52 2d-77 4c', sequence: 7 } });
  expect(disks[1]?.changeId).toBeUndefined();
});
