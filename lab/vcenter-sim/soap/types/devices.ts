/** Virtual devices and their backings. Syntax: ../schema.ts. Field order is wire order. */
export const VIM_DEVICES = `
Description
  label:string summary:string
VirtualDevice
  key:int deviceInfo:Description? backing:VirtualDeviceBackingInfo? connectable:VirtualDeviceConnectInfo?
  slotInfo:VirtualDeviceBusSlotInfo? controllerKey:int? unitNumber:int?
VirtualDeviceBackingInfo
VirtualDeviceFileBackingInfo < VirtualDeviceBackingInfo
  fileName:string datastore:moref? backingObjectId:string?
VirtualDeviceDeviceBackingInfo < VirtualDeviceBackingInfo
  deviceName:string useAutoDetect:boolean?
VirtualDeviceConnectInfo
  migrateConnect:string? startConnected:boolean allowGuestControl:boolean connected:boolean status:string?
VirtualDisk < VirtualDevice
  capacityInKB:long capacityInBytes:long? shares:SharesInfo? storageIOAllocation:StorageIOAllocationInfo?
  diskObjectId:string? vFlashCacheConfigInfo:VirtualDiskVFlashCacheConfigInfo? iofilter:string* vDiskId:ID?
  nativeUnmanagedLinkedClone:boolean?
VirtualDiskFlatVer2BackingInfo < VirtualDeviceFileBackingInfo
  diskMode:string split:boolean? writeThrough:boolean? thinProvisioned:boolean? eagerlyScrub:boolean? uuid:string?
  contentId:string? changeId:string? parent:VirtualDiskFlatVer2BackingInfo? deltaDiskFormat:string?
  digestEnabled:boolean? deltaGrainSize:int? deltaDiskFormatVariant:string? sharing:string? keyId:CryptoKeyId?
VirtualDiskFlatVer1BackingInfo < VirtualDeviceFileBackingInfo
  diskMode:string split:boolean? writeThrough:boolean? contentId:string? parent:VirtualDiskFlatVer1BackingInfo?
VirtualDiskSeSparseBackingInfo < VirtualDeviceFileBackingInfo
  diskMode:string writeThrough:boolean? uuid:string? contentId:string? changeId:string?
  parent:VirtualDiskSeSparseBackingInfo? deltaDiskFormat:string? digestEnabled:boolean? grainSize:int?
  keyId:CryptoKeyId?
VirtualDiskSparseVer2BackingInfo < VirtualDeviceFileBackingInfo
  diskMode:string split:boolean? writeThrough:boolean? spaceUsedInKB:long? uuid:string? contentId:string?
  changeId:string? parent:VirtualDiskSparseVer2BackingInfo? keyId:CryptoKeyId?
VirtualDiskRawDiskMappingVer1BackingInfo < VirtualDeviceFileBackingInfo
  lunUuid:string? deviceName:string? compatibilityMode:string? diskMode:string? uuid:string? contentId:string?
  changeId:string? parent:VirtualDiskRawDiskMappingVer1BackingInfo? deltaDiskFormat:string? deltaGrainSize:int?
  sharing:string?
VirtualDiskRawDiskVer2BackingInfo < VirtualDeviceDeviceBackingInfo
  descriptorFileName:string uuid:string? changeId:string? sharing:string?
VirtualDiskPartitionedRawDiskVer2BackingInfo < VirtualDiskRawDiskVer2BackingInfo
  partition:int+
VirtualDiskLocalPMemBackingInfo < VirtualDeviceFileBackingInfo
  diskMode:string uuid:string? volumeUUID:string? contentId:string?
VirtualController < VirtualDevice
  busNumber:int device:int*
VirtualSCSIController < VirtualController
  hotAddRemove:boolean? sharedBus:VirtualSCSISharing scsiCtlrUnitNumber:int?
ParaVirtualSCSIController < VirtualSCSIController
VirtualLsiLogicController < VirtualSCSIController
VirtualLsiLogicSASController < VirtualSCSIController
VirtualBusLogicController < VirtualSCSIController
VirtualSATAController < VirtualController
VirtualAHCIController < VirtualSATAController
VirtualNVMEController < VirtualController
VirtualIDEController < VirtualController
VirtualPCIController < VirtualController
VirtualPS2Controller < VirtualController
VirtualSIOController < VirtualController
VirtualCdrom < VirtualDevice
VirtualCdromAtapiBackingInfo < VirtualDeviceDeviceBackingInfo
VirtualTPM < VirtualDevice
  endorsementKeyCertificateSigningRequest:base64Binary* endorsementKeyCertificate:base64Binary*
VirtualEthernetCard < VirtualDevice
  addressType:string? macAddress:string? wakeOnLanEnabled:boolean?
  resourceAllocation:VirtualEthernetCardResourceAllocation? externalId:string? uptCompatibilityEnabled:boolean?
VirtualVmxnet < VirtualEthernetCard
VirtualVmxnet2 < VirtualVmxnet
VirtualVmxnet3 < VirtualVmxnet
VirtualE1000 < VirtualEthernetCard
VirtualE1000e < VirtualEthernetCard
VirtualPCNet32 < VirtualEthernetCard
VirtualSriovEthernetCard < VirtualEthernetCard
  allowGuestOSMtuChange:boolean? sriovBacking:VirtualSriovEthernetCardSriovBackingInfo?
VirtualEthernetCardNetworkBackingInfo < VirtualDeviceDeviceBackingInfo
  network:moref? inPassthroughMode:boolean?
VirtualEthernetCardDistributedVirtualPortBackingInfo < VirtualDeviceBackingInfo
  port:DistributedVirtualSwitchPortConnection
VirtualEthernetCardOpaqueNetworkBackingInfo < VirtualDeviceBackingInfo
  opaqueNetworkId:string opaqueNetworkType:string
DistributedVirtualSwitchPortConnection
  switchUuid:string portgroupKey:string? portKey:string? connectionCookie:int?
`;
