/** Faults, with their ancestry. Syntax: ../schema.ts. Field order is wire order. */
export const VIM_FAULTS = `
MethodFault
  faultCause:LocalizedMethodFault? faultMessage:LocalizableMessage*
VimFault < MethodFault
RuntimeFault < MethodFault
InvalidLogin < VimFault
InvalidLocale < VimFault
SecurityError < RuntimeFault
NoPermission < SecurityError
  object:moref privilegeId:string
NotAuthenticated < NoPermission
RestrictedVersion < SecurityError
InvalidRequest < RuntimeFault
InvalidType < InvalidRequest
  argument:string?
ManagedObjectNotFound < RuntimeFault
  obj:moref
MethodDisabled < RuntimeFault
  source:string?
MethodNotFound < InvalidRequest
  receiver:moref method:string
InvalidArgument < RuntimeFault
  invalidProperty:string?
InvalidName < VimFault
  name:string entity:moref?
InvalidProperty < MethodFault
  name:string
InvalidState < VimFault
InvalidPowerState < InvalidState
  requestedState:VirtualMachinePowerState? existingState:VirtualMachinePowerState
NotSupported < RuntimeFault
NotImplemented < RuntimeFault
NotFound < VimFault
RequestCanceled < RuntimeFault
SystemError < RuntimeFault
  reason:string
UnexpectedFault < RuntimeFault
  faultName:string fault:LocalizedMethodFault?
HostCommunication < RuntimeFault
HostNotConnected < HostCommunication
HostNotReachable < HostCommunication
TaskInProgress < VimFault
  task:moref
Timedout < VimFault
ToolsUnavailable < VimFault
ConcurrentAccess < VimFault
InsufficientResourcesFault < VimFault
FileFault < VimFault
  file:string
FileLocked < FileFault
FileNotFound < FileFault
CannotAccessFile < FileFault
CannotCreateFile < FileFault
NoDiskSpace < FileFault
  datastore:string
VmConfigFault < VimFault
GenericVmConfigFault < VmConfigFault
  reason:string
InvalidSnapshotFormat < InvalidFormat
SnapshotFault < VimFault
ApplicationQuiesceFault < SnapshotFault
FilesystemQuiesceFault < SnapshotFault
MemorySnapshotOnIndependentDisk < SnapshotFault
MultipleSnapshotsNotSupported < SnapshotFault
SnapshotDisabled < SnapshotFault
SnapshotIncompatibleDeviceInVm < SnapshotFault
  fault:LocalizedMethodFault
SnapshotLocked < SnapshotFault
SnapshotNoChange < SnapshotFault
TooManySnapshotLevels < SnapshotFault
DuplicateName < VimFault
  name:string object:moref
`;
