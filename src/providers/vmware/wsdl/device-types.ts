import type { TypeTable } from './notation.js';

const backingTypes = {
  VirtualDeviceBackingInfo: { fields: {} },
  VirtualDeviceFileBackingInfo: { base: 'VirtualDeviceBackingInfo', fields: { fileName: 'string', datastore: 'moref?' } },
  // Raw disks have device backings: no fileName. Code that takes every disk for a file breaks on them.
  VirtualDeviceDeviceBackingInfo: { base: 'VirtualDeviceBackingInfo', fields: { deviceName: 'string' } },
  VirtualDiskFlatVer1BackingInfo: { base: 'VirtualDeviceFileBackingInfo', fields: { diskMode: 'string' } },
  VirtualDiskFlatVer2BackingInfo: {
    base: 'VirtualDeviceFileBackingInfo',
    fields: { diskMode: 'string', uuid: 'string?', changeId: 'string?', sharing: 'string?', keyId: 'CryptoKeyId?' },
  },
  VirtualDiskSeSparseBackingInfo: {
    base: 'VirtualDeviceFileBackingInfo',
    fields: { diskMode: 'string', uuid: 'string?', changeId: 'string?', keyId: 'CryptoKeyId?' },
  },
  VirtualDiskSparseVer1BackingInfo: { base: 'VirtualDeviceFileBackingInfo', fields: { diskMode: 'string' } },
  VirtualDiskSparseVer2BackingInfo: {
    base: 'VirtualDeviceFileBackingInfo',
    fields: { diskMode: 'string', uuid: 'string?', changeId: 'string?', keyId: 'CryptoKeyId?' },
  },
  VirtualDiskRawDiskMappingVer1BackingInfo: {
    base: 'VirtualDeviceFileBackingInfo',
    fields: { compatibilityMode: 'string?', diskMode: 'string?', uuid: 'string?', changeId: 'string?', sharing: 'string?' },
  },
  VirtualDiskRawDiskVer2BackingInfo: {
    base: 'VirtualDeviceDeviceBackingInfo',
    fields: { descriptorFileName: 'string', uuid: 'string?', changeId: 'string?', sharing: 'string?' },
  },
  VirtualDiskPartitionedRawDiskVer2BackingInfo: { base: 'VirtualDiskRawDiskVer2BackingInfo', fields: {} },
  VirtualDiskLocalPMemBackingInfo: { base: 'VirtualDeviceFileBackingInfo', fields: { diskMode: 'string', uuid: 'string?' } },
  VirtualEthernetCardNetworkBackingInfo: { base: 'VirtualDeviceDeviceBackingInfo', fields: { network: 'moref?' } },
  VirtualEthernetCardDistributedVirtualPortBackingInfo: {
    base: 'VirtualDeviceBackingInfo',
    fields: { port: 'DistributedVirtualSwitchPortConnection' },
  },
  VirtualEthernetCardOpaqueNetworkBackingInfo: {
    base: 'VirtualDeviceBackingInfo',
    fields: { opaqueNetworkId: 'string', opaqueNetworkType: 'string' },
  },
  DistributedVirtualSwitchPortConnection: { fields: { switchUuid: 'string', portgroupKey: 'string?' } },
} as const satisfies TypeTable;

const controllerTypes = {
  VirtualController: { base: 'VirtualDevice', fields: { busNumber: 'int' } },
  VirtualSCSIController: { base: 'VirtualController', fields: { sharedBus: 'string' } },
  ParaVirtualSCSIController: { base: 'VirtualSCSIController', fields: {} },
  VirtualLsiLogicController: { base: 'VirtualSCSIController', fields: {} },
  VirtualLsiLogicSASController: { base: 'VirtualSCSIController', fields: {} },
  VirtualBusLogicController: { base: 'VirtualSCSIController', fields: {} },
  VirtualSATAController: { base: 'VirtualController', fields: {} },
  VirtualAHCIController: { base: 'VirtualSATAController', fields: {} },
  // sharedBus came with 8.0.2.
  VirtualNVMEController: { base: 'VirtualController', fields: { sharedBus: 'string?' } },
  VirtualIDEController: { base: 'VirtualController', fields: {} },
} as const satisfies TypeTable;

const cardTypes = {
  VirtualEthernetCard: { base: 'VirtualDevice', fields: { macAddress: 'string?' } },
  VirtualVmxnet: { base: 'VirtualEthernetCard', fields: {} },
  VirtualVmxnet2: { base: 'VirtualVmxnet', fields: {} },
  VirtualVmxnet3: { base: 'VirtualVmxnet', fields: {} },
  VirtualE1000: { base: 'VirtualEthernetCard', fields: {} },
  VirtualE1000e: { base: 'VirtualEthernetCard', fields: {} },
  VirtualPCNet32: { base: 'VirtualEthernetCard', fields: {} },
  VirtualSriovEthernetCard: { base: 'VirtualEthernetCard', fields: {} },
} as const satisfies TypeTable;

/** Virtual devices and their backings. See notation.ts for the notation. */
export const deviceTypes = {
  Description: { fields: { label: 'string', summary: 'string' } },
  VirtualDevice: {
    fields: {
      key: 'int',
      deviceInfo: 'Description?',
      backing: 'VirtualDeviceBackingInfo?',
      connectable: 'VirtualDeviceConnectInfo?',
      controllerKey: 'int?',
      unitNumber: 'int?',
    },
  },
  VirtualDeviceConnectInfo: { fields: { startConnected: 'boolean?' } },
  // Very old servers have capacityInKB only.
  VirtualDisk: { base: 'VirtualDevice', fields: { capacityInKB: 'long', capacityInBytes: 'long?' } },
  VirtualTPM: { base: 'VirtualDevice', fields: {} },
  ...controllerTypes,
  ...cardTypes,
  ...backingTypes,
} as const satisfies TypeTable;
