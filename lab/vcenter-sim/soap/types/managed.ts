/** Managed object types and their properties. Syntax: ../schema.ts. Field order is wire order. */
export const VIM_MANAGED = `
ManagedEntity < ManagedObject
  value:CustomFieldValue* availableField:CustomFieldDef*
  parent:moref? customValue:CustomFieldValue* overallStatus:ManagedEntityStatus? configStatus:ManagedEntityStatus?
  configIssue:Event* effectiveRole:int* permission:Permission* name:string? disabledMethod:string* recentTask:moref*
  declaredAlarmState:AlarmState* triggeredAlarmState:AlarmState* alarmActionsEnabled:boolean? tag:Tag*
ServiceInstance < ManagedObject
  serverClock:dateTime? capability:Capability? content:ServiceContent?
Folder < ManagedEntity
  childType:string* childEntity:moref* namespace:string?
Datacenter < ManagedEntity
  vmFolder:moref? hostFolder:moref? datastoreFolder:moref? networkFolder:moref? datastore:moref* network:moref*
  configuration:DatacenterConfigInfo?
ComputeResource < ManagedEntity
  resourcePool:moref? host:moref* datastore:moref* network:moref* summary:ComputeResourceSummary?
  environmentBrowser:moref? configurationEx:ComputeResourceConfigInfo? lifecycleManaged:boolean?
ClusterComputeResource < ComputeResource
  configuration:ClusterConfigInfo? recommendation:ClusterRecommendation* drsRecommendation:ClusterDrsRecommendation*
  hciConfig:ClusterComputeResourceHCIConfigInfo? migrationHistory:ClusterDrsMigration*
  actionHistory:ClusterActionHistory* drsFault:ClusterDrsFaults*
ResourcePool < ManagedEntity
  summary:ResourcePoolSummary? runtime:ResourcePoolRuntimeInfo? owner:moref? resourcePool:moref* vm:moref*
  config:ResourceConfigSpec? namespace:string? childConfiguration:ResourceConfigSpec*
HostSystem < ManagedEntity
  runtime:HostRuntimeInfo? summary:HostListSummary? hardware:HostHardwareInfo? capability:HostCapability?
  licensableResource:HostLicensableResourceInfo? remediationState:HostSystemRemediationState?
  precheckRemediationResult:ApplyHostProfileConfigurationSpec? remediationResult:ApplyHostProfileConfigurationResult?
  complianceCheckState:HostSystemComplianceCheckState? complianceCheckResult:ComplianceResult?
  configManager:HostConfigManager? config:HostConfigInfo? vm:moref* datastore:moref* network:moref*
  datastoreBrowser:moref? systemResources:HostSystemResourceInfo? answerFileValidationState:AnswerFileStatusResult?
  answerFileValidationResult:AnswerFileStatusResult?
Datastore < ManagedEntity
  info:DatastoreInfo? summary:DatastoreSummary? host:DatastoreHostMount* vm:moref* browser:moref?
  capability:DatastoreCapability? iormConfiguration:StorageIORMInfo?
Network < ManagedEntity
  summary:NetworkSummary? host:moref* vm:moref*
OpaqueNetwork < Network
  capability:OpaqueNetworkCapability? extraConfig:OptionValue*
DistributedVirtualPortgroup < Network
  key:string? config:DVPortgroupConfigInfo? portKeys:string*
VirtualMachine < ManagedEntity
  capability:VirtualMachineCapability? config:VirtualMachineConfigInfo? layout:VirtualMachineFileLayout?
  layoutEx:VirtualMachineFileLayoutEx? storage:VirtualMachineStorageInfo? environmentBrowser:moref?
  resourcePool:moref? parentVApp:moref? resourceConfig:ResourceConfigSpec? runtime:VirtualMachineRuntimeInfo?
  guest:GuestInfo? summary:VirtualMachineSummary? datastore:moref* network:moref* snapshot:VirtualMachineSnapshotInfo?
  rootSnapshot:moref* guestHeartbeatStatus:ManagedEntityStatus?
VirtualMachineSnapshot < ManagedObject
  config:VirtualMachineConfigInfo? childSnapshot:moref* vm:moref?
Task < ManagedObject
  info:TaskInfo?
ContainerView < ManagedObject
  view:moref*
  container:moref? type:string* recursive:boolean?
SessionManager < ManagedObject
  sessionList:UserSession* currentSession:UserSession? message:string? messageLocaleList:string*
  supportedLocaleList:string* defaultLocale:string?
TaskManager < ManagedObject
  recentTask:moref* description:TaskDescription? maxCollector:int?
ViewManager < ManagedObject
  viewList:moref*
SearchIndex < ManagedObject
PropertyCollector < ManagedObject
  filter:moref*
AuthorizationManager < ManagedObject
  privilegeList:AuthorizationPrivilege* roleList:AuthorizationRole* description:AuthorizationDescription?
`;
