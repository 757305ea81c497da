/** Methods: the fields of each request. Syntax: ../schema.ts. Field order is wire order. */
export const VIM_METHODS = `
RetrieveServiceContent
  _this:moref
Login
  _this:moref userName:string password:string locale:string?
Logout
  _this:moref
CurrentTime
  _this:moref
SessionIsActive
  _this:moref sessionID:string userName:string
CreateContainerView
  _this:moref container:moref type:string* recursive:boolean
DestroyView
  _this:moref
RetrievePropertiesEx
  _this:moref specSet:PropertyFilterSpec+ options:RetrieveOptions
ContinueRetrievePropertiesEx
  _this:moref token:string
CancelRetrievePropertiesEx
  _this:moref token:string
FindByUuid
  _this:moref datacenter:moref? uuid:string vmSearch:boolean instanceUuid:boolean?
FindAllByUuid
  _this:moref datacenter:moref? uuid:string vmSearch:boolean instanceUuid:boolean?
FindByInventoryPath
  _this:moref inventoryPath:string
ReconfigVM_Task
  _this:moref spec:VirtualMachineConfigSpec
CreateSnapshot_Task
  _this:moref name:string description:string? memory:boolean quiesce:boolean
CreateSnapshotEx_Task
  _this:moref name:string description:string? memory:boolean quiesceSpec:VirtualMachineGuestQuiesceSpec?
RemoveSnapshot_Task
  _this:moref removeChildren:boolean consolidate:boolean?
QueryChangedDiskAreas
  _this:moref snapshot:moref? deviceKey:int startOffset:long changeId:string
ShutdownGuest
  _this:moref
PowerOffVM_Task
  _this:moref
PowerOnVM_Task
  _this:moref host:moref?
ConsolidateVMDisks_Task
  _this:moref
CancelTask
  _this:moref
HasPrivilegeOnEntities
  _this:moref entity:moref+ sessionId:string privId:string*
`;
