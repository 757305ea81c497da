/** Data objects of the service, the property collector, tasks, hosts, storage and networks. Syntax: ../schema.ts. Field order is wire order. */
export const VIM_SERVICE = `
AboutInfo
  name:string fullName:string vendor:string version:string build:string localeVersion:string? localeBuild:string?
  osType:string productLineId:string apiType:string apiVersion:string instanceUuid:string? licenseProductName:string?
  licenseProductVersion:string?
ServiceContent
  rootFolder:moref propertyCollector:moref viewManager:moref? about:AboutInfo setting:moref? userDirectory:moref?
  sessionManager:moref? authorizationManager:moref? serviceManager:moref? perfManager:moref?
  scheduledTaskManager:moref? alarmManager:moref? eventManager:moref? taskManager:moref? extensionManager:moref?
  customizationSpecManager:moref? guestCustomizationManager:moref? customFieldsManager:moref? accountManager:moref?
  diagnosticManager:moref? licenseManager:moref? searchIndex:moref? fileManager:moref?
  datastoreNamespaceManager:moref? virtualDiskManager:moref? virtualizationManager:moref? snmpSystem:moref?
  vmProvisioningChecker:moref? vmCompatibilityChecker:moref? ovfManager:moref? ipPoolManager:moref?
  dvSwitchManager:moref? hostProfileManager:moref? clusterProfileManager:moref? complianceManager:moref?
  localizationManager:moref? storageResourceManager:moref? guestOperationsManager:moref? overheadMemoryManager:moref?
  certificateManager:moref? ioFilterManager:moref? vStorageObjectManager:moref? hostSpecManager:moref?
  cryptoManager:moref? healthUpdateManager:moref? failoverClusterConfigurator:moref? failoverClusterManager:moref?
  tenantManager:moref? siteInfoManager:moref? storageQueryManager:moref?
UserSession
  key:string userName:string fullName:string loginTime:dateTime lastActiveTime:dateTime locale:string
  messageLocale:string extensionSession:boolean? ipAddress:string? userAgent:string? callCount:long?
TaskInfo
  key:string task:moref description:LocalizableMessage? name:string? descriptionId:string entity:moref?
  entityName:string? locked:moref* state:TaskInfoState cancelled:boolean cancelable:boolean
  error:LocalizedMethodFault? result:anyType? progress:int? reason:TaskReason queueTime:dateTime startTime:dateTime?
  completeTime:dateTime? eventChainId:int changeTag:string? parentTaskKey:string? rootTaskKey:string?
  activationId:string?
TaskReason
TaskReasonUser < TaskReason
  userName:string
LocalizableMessage
  key:string arg:KeyAnyValue* message:string?
KeyAnyValue
  key:string value:anyType
LocalizedMethodFault
  fault:MethodFault localizedMessage:string?
PropertyFilterSpec
  propSet:PropertySpec+ objectSet:ObjectSpec+ reportMissingObjectsInResults:boolean?
PropertySpec
  type:string all:boolean? pathSet:string*
ObjectSpec
  obj:moref skip:boolean? selectSet:SelectionSpec*
SelectionSpec
  name:string?
TraversalSpec < SelectionSpec
  type:string path:string skip:boolean? selectSet:SelectionSpec*
RetrieveOptions
  maxObjects:int?
RetrieveResult
  token:string? objects:ObjectContent+
ObjectContent
  obj:moref propSet:DynamicProperty* missingSet:MissingProperty*
DynamicProperty
  name:string val:anyType
MissingProperty
  path:string fault:LocalizedMethodFault
EntityPrivilege
  entity:moref privAvailability:PrivilegeAvailability+
PrivilegeAvailability
  privId:string isGranted:boolean
DatastoreSummary
  datastore:moref? name:string url:string capacity:long freeSpace:long uncommitted:long? accessible:boolean
  multipleHostAccess:boolean? type:string maintenanceMode:string?
HostListSummary
  host:moref? hardware:HostHardwareSummary? runtime:HostRuntimeInfo? config:HostConfigSummary
  quickStats:HostListSummaryQuickStats overallStatus:ManagedEntityStatus rebootRequired:boolean
  customValue:CustomFieldValue* managementServerIp:string? maxEVCModeKey:string? currentEVCModeKey:string?
  currentEVCGraphicsModeKey:string? gateway:HostListSummaryGatewaySummary? tpmAttestation:HostTpmAttestationInfo?
  trustAuthorityAttestationInfos:HostTrustAuthorityAttestationInfo*
HostConfigSummary
  name:string port:int sslThumbprint:string? product:AboutInfo? vmotionEnabled:boolean faultToleranceEnabled:boolean?
  featureVersion:HostFeatureVersionInfo* agentVmDatastore:moref? agentVmNetwork:moref?
HostRuntimeInfo
  connectionState:HostSystemConnectionState powerState:HostSystemPowerState standbyMode:string?
  inMaintenanceMode:boolean inQuarantineMode:boolean? bootTime:dateTime? healthSystemRuntime:HealthSystemRuntime?
  dasHostState:ClusterDasFdmHostState? tpmPcrValues:HostTpmDigestInfo* vsanRuntimeInfo:VsanHostRuntimeInfo?
  networkRuntimeInfo:HostRuntimeInfoNetworkRuntimeInfo?
  vFlashResourceRuntimeInfo:HostVFlashManagerVFlashResourceRunTimeInfo? hostMaxVirtualDiskCapacity:long?
  cryptoState:string? cryptoKeyId:CryptoKeyId?
HostHardwareSummary
  vendor:string model:string uuid:string otherIdentifyingInfo:HostSystemIdentificationInfo* memorySize:long
  cpuModel:string cpuMhz:int numCpuPkgs:short numCpuCores:short numCpuThreads:short numNics:int numHBAs:int
NetworkSummary
  network:moref? name:string accessible:boolean ipPoolName:string ipPoolId:int?
DVPortgroupConfigInfo
  key:string name:string numPorts:int distributedVirtualSwitch:moref? defaultPortConfig:DVPortSetting?
  description:string? type:string backingType:string? policy:DVPortgroupPolicy portNameFormat:string? scope:moref*
  vendorSpecificConfig:DistributedVirtualSwitchKeyedOpaqueBlob* configVersion:string? autoExpand:boolean?
  vmVnicNetworkResourcePoolKey:string? uplink:boolean? transportZoneUuid:string? transportZoneName:string?
  logicalSwitchUuid:string? segmentId:string?
`;
