/** Data objects of virtual machines, their snapshots and guests. Syntax: ../schema.ts. Field order is wire order. */
export const VIM_VIRTUAL_MACHINE = `
VirtualMachineConfigInfo
  changeVersion:string modified:dateTime name:string guestFullName:string version:string uuid:string
  createDate:dateTime? instanceUuid:string? npivNodeWorldWideName:long* npivPortWorldWideName:long*
  npivWorldWideNameType:string? npivDesiredNodeWwns:short? npivDesiredPortWwns:short? npivTemporaryDisabled:boolean?
  npivOnNonRdmDisks:boolean? locationId:string? template:boolean guestId:string alternateGuestName:string
  annotation:string? files:VirtualMachineFileInfo tools:ToolsConfigInfo? flags:VirtualMachineFlagInfo
  consolePreferences:VirtualMachineConsolePreferences? defaultPowerOps:VirtualMachineDefaultPowerOpInfo
  hardware:VirtualHardware vcpuConfig:VirtualMachineVcpuConfig* cpuAllocation:ResourceAllocationInfo?
  memoryAllocation:ResourceAllocationInfo? latencySensitivity:LatencySensitivity? memoryHotAddEnabled:boolean?
  cpuHotAddEnabled:boolean? cpuHotRemoveEnabled:boolean? hotPlugMemoryLimit:long? hotPlugMemoryIncrementSize:long?
  cpuAffinity:VirtualMachineAffinityInfo? memoryAffinity:VirtualMachineAffinityInfo?
  networkShaper:VirtualMachineNetworkShaperInfo? extraConfig:OptionValue* cpuFeatureMask:HostCpuIdInfo*
  datastoreUrl:VirtualMachineConfigInfoDatastoreUrlPair* swapPlacement:string? bootOptions:VirtualMachineBootOptions?
  ftInfo:FaultToleranceConfigInfo? repConfig:ReplicationConfigSpec? vAppConfig:VmConfigInfo? vAssertsEnabled:boolean?
  changeTrackingEnabled:boolean? firmware:string? maxMksConnections:int? guestAutoLockEnabled:boolean?
  managedBy:ManagedByInfo? memoryReservationLockedToMax:boolean? initialOverhead:VirtualMachineConfigInfoOverheadInfo?
  nestedHVEnabled:boolean? vPMCEnabled:boolean? scheduledHardwareUpgradeInfo:ScheduledHardwareUpgradeInfo?
  forkConfigInfo:VirtualMachineForkConfigInfo? vFlashCacheReservation:long? vmxConfigChecksum:byte*
  messageBusTunnelEnabled:boolean? vmStorageObjectId:string? swapStorageObjectId:string? keyId:CryptoKeyId?
  guestIntegrityInfo:VirtualMachineGuestIntegrityInfo? migrateEncryption:string? sgxInfo:VirtualMachineSgxInfo?
  contentLibItemInfo:VirtualMachineContentLibraryItemInfo?
  guestMonitoringModeInfo:VirtualMachineGuestMonitoringModeInfo? sevEnabled:boolean?
VirtualMachineConfigSpec
  changeVersion:string? name:string? version:string? createDate:dateTime? uuid:string? instanceUuid:string?
  npivNodeWorldWideName:long* npivPortWorldWideName:long* npivWorldWideNameType:string? npivDesiredNodeWwns:short?
  npivDesiredPortWwns:short? npivTemporaryDisabled:boolean? npivOnNonRdmDisks:boolean? npivWorldWideNameOp:string?
  locationId:string? guestId:string? alternateGuestName:string? annotation:string? files:VirtualMachineFileInfo?
  tools:ToolsConfigInfo? flags:VirtualMachineFlagInfo? consolePreferences:VirtualMachineConsolePreferences?
  powerOpInfo:VirtualMachineDefaultPowerOpInfo? numCPUs:int? vcpuConfig:VirtualMachineVcpuConfig*
  numCoresPerSocket:int? memoryMB:long? memoryHotAddEnabled:boolean? cpuHotAddEnabled:boolean?
  cpuHotRemoveEnabled:boolean? virtualICH7MPresent:boolean? virtualSMCPresent:boolean?
  deviceChange:VirtualDeviceConfigSpec* cpuAllocation:ResourceAllocationInfo? memoryAllocation:ResourceAllocationInfo?
  latencySensitivity:LatencySensitivity? cpuAffinity:VirtualMachineAffinityInfo?
  memoryAffinity:VirtualMachineAffinityInfo? networkShaper:VirtualMachineNetworkShaperInfo?
  cpuFeatureMask:VirtualMachineCpuIdInfoSpec* extraConfig:OptionValue* swapPlacement:string?
  bootOptions:VirtualMachineBootOptions? vAppConfig:VmConfigSpec? ftInfo:FaultToleranceConfigInfo?
  repConfig:ReplicationConfigSpec? vAppConfigRemoved:boolean? vAssertsEnabled:boolean? changeTrackingEnabled:boolean?
  firmware:string? maxMksConnections:int? guestAutoLockEnabled:boolean? managedBy:ManagedByInfo?
  memoryReservationLockedToMax:boolean? nestedHVEnabled:boolean? vPMCEnabled:boolean?
  scheduledHardwareUpgradeInfo:ScheduledHardwareUpgradeInfo? vmProfile:VirtualMachineProfileSpec*
  messageBusTunnelEnabled:boolean? crypto:CryptoSpec? migrateEncryption:string? sgxInfo:VirtualMachineSgxInfo?
  guestMonitoringModeInfo:VirtualMachineGuestMonitoringModeInfo? sevEnabled:boolean?
VirtualHardware
  numCPU:int numCoresPerSocket:int? memoryMB:int virtualICH7MPresent:boolean? virtualSMCPresent:boolean?
  device:VirtualDevice*
VirtualMachineFlagInfo
  disableAcceleration:boolean? enableLogging:boolean? useToe:boolean? runWithDebugInfo:boolean? monitorType:string?
  htSharing:string? snapshotDisabled:boolean? snapshotLocked:boolean? diskUuidEnabled:boolean? virtualMmuUsage:string?
  virtualExecUsage:string? snapshotPowerOffBehavior:string? recordReplayEnabled:boolean? faultToleranceType:string?
  cbrcCacheEnabled:boolean? vvtdEnabled:boolean? vbsEnabled:boolean?
VirtualMachineFileInfo
  vmPathName:string? snapshotDirectory:string? suspendDirectory:string? logDirectory:string?
  ftMetadataDirectory:string?
VirtualMachineBootOptions
  bootDelay:long? enterBIOSSetup:boolean? efiSecureBootEnabled:boolean? bootRetryEnabled:boolean? bootRetryDelay:long?
  bootOrder:VirtualMachineBootOptionsBootableDevice* networkBootProtocol:string?
VirtualMachineBootOptionsBootableDevice
VirtualMachineBootOptionsBootableDiskDevice < VirtualMachineBootOptionsBootableDevice
  deviceKey:int
VirtualMachineBootOptionsBootableCdromDevice < VirtualMachineBootOptionsBootableDevice
VirtualMachineBootOptionsBootableEthernetDevice < VirtualMachineBootOptionsBootableDevice
  deviceKey:int
ToolsConfigInfo
  toolsVersion:int? toolsInstallType:string? afterPowerOn:boolean? afterResume:boolean? beforeGuestStandby:boolean?
  beforeGuestShutdown:boolean? beforeGuestReboot:boolean? toolsUpgradePolicy:string? pendingCustomization:string?
  customizationKeyId:CryptoKeyId? syncTimeWithHostAllowed:boolean? syncTimeWithHost:boolean?
  lastInstallInfo:ToolsConfigInfoToolsLastInstallInfo?
ManagedByInfo
  extensionKey:string type:string
CryptoKeyId
  keyId:string providerId:KeyProviderId?
KeyProviderId
  id:string
FaultToleranceConfigInfo
  role:int instanceUuids:string+ configPaths:string+ orphaned:boolean?
OptionValue
  key:string value:anyType
ResourceAllocationInfo
  reservation:long? expandableReservation:boolean? limit:long? shares:SharesInfo? overheadLimit:long?
CustomFieldDef
  key:int name:string type:string managedObjectType:string? fieldDefPrivileges:PrivilegePolicyDef?
  fieldInstancePrivileges:PrivilegePolicyDef?
CustomFieldValue
  key:int
CustomFieldStringValue < CustomFieldValue
  value:string
SharesInfo
  shares:int level:SharesLevel
VirtualMachineRuntimeInfo
  device:VirtualMachineDeviceRuntimeInfo* host:moref? connectionState:VirtualMachineConnectionState
  powerState:VirtualMachinePowerState faultToleranceState:VirtualMachineFaultToleranceState?
  dasVmProtection:VirtualMachineRuntimeInfoDasProtectionState? toolsInstallerMounted:boolean suspendTime:dateTime?
  bootTime:dateTime? suspendInterval:long? question:VirtualMachineQuestionInfo? memoryOverhead:long? maxCpuUsage:int?
  maxMemoryUsage:int? numMksConnections:int recordReplayState:VirtualMachineRecordReplayState? cleanPowerOff:boolean?
  needSecondaryReason:string? onlineStandby:boolean? minRequiredEVCModeKey:string? consolidationNeeded:boolean?
  offlineFeatureRequirement:VirtualMachineFeatureRequirement* featureRequirement:VirtualMachineFeatureRequirement*
  featureMask:HostFeatureMask* vFlashCacheAllocation:long? paused:boolean? snapshotInBackground:boolean?
  quiescedForkParent:boolean? instantCloneFrozen:boolean? cryptoState:string?
VirtualMachineQuestionInfo
  id:string text:string choice:ChoiceOption message:VirtualMachineMessage*
VirtualMachineCapability
  snapshotOperationsSupported:boolean multipleSnapshotsSupported:boolean snapshotConfigSupported:boolean
  poweredOffSnapshotsSupported:boolean memorySnapshotsSupported:boolean revertToSnapshotSupported:boolean
  quiescedSnapshotsSupported:boolean disableSnapshotsSupported:boolean lockSnapshotsSupported:boolean
  consolePreferencesSupported:boolean cpuFeatureMaskSupported:boolean s1AcpiManagementSupported:boolean
  settingScreenResolutionSupported:boolean toolsAutoUpdateSupported:boolean vmNpivWwnSupported:boolean
  npivWwnOnNonRdmVmSupported:boolean vmNpivWwnDisableSupported:boolean? vmNpivWwnUpdateSupported:boolean?
  swapPlacementSupported:boolean toolsSyncTimeSupported:boolean virtualMmuUsageSupported:boolean
  diskSharesSupported:boolean bootOptionsSupported:boolean bootRetryOptionsSupported:boolean?
  settingVideoRamSizeSupported:boolean settingDisplayTopologySupported:boolean? recordReplaySupported:boolean?
  changeTrackingSupported:boolean? multipleCoresPerSocketSupported:boolean? hostBasedReplicationSupported:boolean?
  guestAutoLockSupported:boolean? memoryReservationLockSupported:boolean? featureRequirementSupported:boolean?
  poweredOnMonitorTypeChangeSupported:boolean? seSparseDiskSupported:boolean? nestedHVSupported:boolean?
  vPMCSupported:boolean? secureBootSupported:boolean? perVmEvcSupported:boolean? virtualMmuUsageIgnored:boolean?
  virtualExecUsageIgnored:boolean? diskOnlySnapshotOnSuspendedVMSupported:boolean?
  toolsSyncTimeAllowSupported:boolean? sevSupported:boolean?
GuestInfo
  toolsStatus:VirtualMachineToolsStatus? toolsVersionStatus:string? toolsVersionStatus2:string?
  toolsRunningStatus:string? toolsVersion:string? toolsInstallType:string? guestId:string? guestFamily:string?
  guestFullName:string? hostName:string? ipAddress:string? net:GuestNicInfo* ipStack:GuestStackInfo*
  disk:GuestDiskInfo* screen:GuestScreenInfo? guestState:string appHeartbeatStatus:string? guestKernelCrashed:boolean?
  appState:string? guestOperationsReady:boolean? interactiveGuestOperationsReady:boolean?
  guestStateChangeSupported:boolean? generationInfo:GuestInfoNamespaceGenerationInfo* hwVersion:string?
GuestNicInfo
  network:string? ipAddress:string* macAddress:string? connected:boolean deviceConfigId:int
  dnsConfig:NetDnsConfigInfo? ipConfig:NetIpConfigInfo? netBIOSConfig:NetBIOSConfigInfo?
NetIpConfigInfo
  ipAddress:NetIpConfigInfoIpAddress* dhcp:NetDhcpConfigInfo? autoConfigurationEnabled:boolean?
NetIpConfigInfoIpAddress
  ipAddress:string prefixLength:int origin:string? state:string? lifetime:dateTime?
GuestStackInfo
  dnsConfig:NetDnsConfigInfo? ipRouteConfig:NetIpRouteConfigInfo? ipStackConfig:KeyValue*
  dhcpConfig:NetDhcpConfigInfo?
GuestDiskInfo
  diskPath:string? capacity:long? freeSpace:long? filesystemType:string? mappings:GuestInfoVirtualDiskMapping*
VirtualMachineSummary
  vm:moref? runtime:VirtualMachineRuntimeInfo guest:VirtualMachineGuestSummary? config:VirtualMachineConfigSummary
  storage:VirtualMachineStorageSummary? quickStats:VirtualMachineQuickStats overallStatus:ManagedEntityStatus
  customValue:CustomFieldValue*
VirtualMachineConfigSummary
  name:string template:boolean vmPathName:string memorySizeMB:int? cpuReservation:int? memoryReservation:int?
  numCpu:int? numEthernetCards:int? numVirtualDisks:int? uuid:string? instanceUuid:string? guestId:string?
  guestFullName:string? annotation:string? product:VAppProductInfo? installBootRequired:boolean?
  ftInfo:FaultToleranceConfigInfo? managedBy:ManagedByInfo? tpmPresent:boolean? numVmiopBackings:int?
  hwVersion:string?
VirtualMachineGuestSummary
  guestId:string? guestFullName:string? toolsStatus:VirtualMachineToolsStatus? toolsVersionStatus:string?
  toolsVersionStatus2:string? toolsRunningStatus:string? hostName:string? ipAddress:string? hwVersion:string?
VirtualMachineStorageSummary
  committed:long uncommitted:long unshared:long timestamp:dateTime
VirtualMachineQuickStats
  overallCpuUsage:int? overallCpuDemand:int? overallCpuReadiness:int? guestMemoryUsage:int? hostMemoryUsage:int?
  guestHeartbeatStatus:ManagedEntityStatus distributedCpuEntitlement:int? distributedMemoryEntitlement:int?
  staticCpuEntitlement:int? staticMemoryEntitlement:int? grantedMemory:int? privateMemory:int? sharedMemory:int?
  swappedMemory:int? balloonedMemory:int? consumedOverheadMemory:int? ftLogBandwidth:int? ftSecondaryLatency:int?
  ftLatencyStatus:ManagedEntityStatus? compressedMemory:long? uptimeSeconds:int? ssdSwappedMemory:long?
VirtualMachineSnapshotInfo
  currentSnapshot:moref? rootSnapshotList:VirtualMachineSnapshotTree+
VirtualMachineSnapshotTree
  snapshot:moref vm:moref name:string description:string id:int? createTime:dateTime state:VirtualMachinePowerState
  quiesced:boolean backupManifest:string? childSnapshotList:VirtualMachineSnapshotTree* replaySupported:boolean?
VirtualMachineFileLayoutEx
  file:VirtualMachineFileLayoutExFileInfo* disk:VirtualMachineFileLayoutExDiskLayout*
  snapshot:VirtualMachineFileLayoutExSnapshotLayout* timestamp:dateTime
VirtualMachineFileLayoutExFileInfo
  key:int name:string type:string size:long uniqueSize:long? backingObjectId:string? accessible:boolean?
DiskChangeInfo
  startOffset:long length:long changedArea:DiskChangeExtent*
DiskChangeExtent
  start:long length:long
VirtualMachineGuestQuiesceSpec
  timeout:int?
VirtualMachineWindowsQuiesceSpec < VirtualMachineGuestQuiesceSpec
  vssBackupType:int? vssBootableSystemState:boolean? vssPartialFileSupport:boolean? vssBackupContext:string?
`;
