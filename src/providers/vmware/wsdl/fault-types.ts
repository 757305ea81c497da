import type { TypeTable } from './notation.js';

const stateFaults = {
  NotFound: { base: 'VimFault', fields: {} },
  InvalidName: { base: 'VimFault', fields: { name: 'string' } },
  InvalidState: { base: 'VimFault', fields: {} },
  InvalidPowerState: { base: 'InvalidState', fields: { requestedState: 'string?', existingState: 'string' } },
  InvalidHostState: { base: 'InvalidState', fields: {} },
  TaskInProgress: { base: 'VimFault', fields: { task: 'moref' } },
  ConcurrentAccess: { base: 'VimFault', fields: {} },
  ToolsUnavailable: { base: 'VimFault', fields: {} },
  InsufficientResourcesFault: { base: 'VimFault', fields: {} },
  Timedout: { base: 'VimFault', fields: {} },
  VmConfigFault: { base: 'VimFault', fields: {} },
  GenericVmConfigFault: { base: 'VmConfigFault', fields: { reason: 'string' } },
  InvalidSnapshotFormat: { base: 'VmConfigFault', fields: {} },
} as const satisfies TypeTable;

const fileFaults = {
  FileFault: { base: 'VimFault', fields: { file: 'string' } },
  FileLocked: { base: 'FileFault', fields: {} },
  FileNotFound: { base: 'FileFault', fields: {} },
  FileAlreadyExists: { base: 'FileFault', fields: {} },
  FileTooLarge: { base: 'FileFault', fields: {} },
  CannotAccessFile: { base: 'FileFault', fields: {} },
  CannotCreateFile: { base: 'FileFault', fields: {} },
  CannotDeleteFile: { base: 'FileFault', fields: {} },
  NoDiskSpace: { base: 'FileFault', fields: { datastore: 'string' } },
} as const satisfies TypeTable;

const snapshotFaults = {
  SnapshotFault: { base: 'VimFault', fields: {} },
  ApplicationQuiesceFault: { base: 'SnapshotFault', fields: {} },
  FilesystemQuiesceFault: { base: 'SnapshotFault', fields: {} },
  MemorySnapshotOnIndependentDisk: { base: 'SnapshotFault', fields: {} },
  MultipleSnapshotsNotSupported: { base: 'SnapshotFault', fields: {} },
  SnapshotDisabled: { base: 'SnapshotFault', fields: {} },
  SnapshotIncompatibleDeviceInVm: { base: 'SnapshotFault', fields: {} },
  SnapshotLocked: { base: 'SnapshotFault', fields: {} },
  SnapshotNoChange: { base: 'SnapshotFault', fields: {} },
  TooManySnapshotLevels: { base: 'SnapshotFault', fields: {} },
} as const satisfies TypeTable;

const securityFaults = {
  InvalidLogin: { base: 'VimFault', fields: {} },
  SecurityError: { base: 'RuntimeFault', fields: {} },
  NoPermission: { base: 'SecurityError', fields: { object: 'moref?', privilegeId: 'string?' } },
  NotAuthenticated: { base: 'NoPermission', fields: {} },
  RestrictedVersion: { base: 'SecurityError', fields: {} },
} as const satisfies TypeTable;

const runtimeFaults = {
  RuntimeFault: { base: 'MethodFault', fields: {} },
  InvalidArgument: { base: 'RuntimeFault', fields: { invalidProperty: 'string?' } },
  ManagedObjectNotFound: { base: 'RuntimeFault', fields: { obj: 'moref' } },
  InvalidRequest: { base: 'RuntimeFault', fields: {} },
  MethodNotFound: { base: 'InvalidRequest', fields: { method: 'string?' } },
  NotSupported: { base: 'RuntimeFault', fields: {} },
  NotImplemented: { base: 'RuntimeFault', fields: {} },
  RequestCanceled: { base: 'RuntimeFault', fields: {} },
  SystemError: { base: 'RuntimeFault', fields: { reason: 'string?' } },
  UnexpectedFault: { base: 'RuntimeFault', fields: { faultName: 'string?' } },
  HostCommunication: { base: 'RuntimeFault', fields: {} },
  HostNotConnected: { base: 'HostCommunication', fields: {} },
  HostNotReachable: { base: 'HostCommunication', fields: {} },
} as const satisfies TypeTable;

/** Faults with their ancestry, which is not on the wire. See notation.ts for the notation. */
export const faultTypes = {
  MethodFault: { fields: { faultCause: 'LocalizedMethodFault?', faultMessage: 'LocalizableMessage*' } },
  LocalizedMethodFault: { fields: { fault: 'MethodFault', localizedMessage: 'string?' } },
  LocalizableMessage: { fields: { key: 'string', message: 'string?' } },
  VimFault: { base: 'MethodFault', fields: {} },
  InvalidProperty: { base: 'MethodFault', fields: { name: 'string' } },
  ...runtimeFaults,
  ...securityFaults,
  ...stateFaults,
  ...fileFaults,
  ...snapshotFaults,
} as const satisfies TypeTable;
