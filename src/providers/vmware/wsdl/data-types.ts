import { deviceTypes } from './device-types.js';
import type { TypeTable } from './notation.js';

const collectorTypes = {
  PropertySpec: { fields: { type: 'string', all: 'boolean?', pathSet: 'string*' } },
  SelectionSpec: { fields: { name: 'string?' } },
  TraversalSpec: {
    base: 'SelectionSpec',
    fields: { type: 'string', path: 'string', skip: 'boolean?', selectSet: 'SelectionSpec*' },
  },
  ObjectSpec: { fields: { obj: 'moref', skip: 'boolean?', selectSet: 'SelectionSpec*' } },
  PropertyFilterSpec: {
    fields: { propSet: 'PropertySpec*', objectSet: 'ObjectSpec*', reportMissingObjectsInResults: 'boolean?' },
  },
  RetrieveOptions: { fields: { maxObjects: 'int?' } },
  RetrieveResult: { fields: { token: 'string?', objects: 'ObjectContent*' } },
  ObjectContent: { fields: { obj: 'moref', propSet: 'DynamicProperty*', missingSet: 'MissingProperty*' } },
  DynamicProperty: { fields: { name: 'string', val: 'anyType' } },
  MissingProperty: { fields: { path: 'string', fault: 'LocalizedMethodFault' } },
} as const satisfies TypeTable;

const serviceTypes = {
  // ESXi leaves many of these out; those a call needs are checked where it is made.
  ServiceContent: {
    fields: {
      rootFolder: 'moref',
      propertyCollector: 'moref',
      viewManager: 'moref?',
      about: 'AboutInfo',
      sessionManager: 'moref?',
      authorizationManager: 'moref?',
      searchIndex: 'moref?',
    },
  },
  AboutInfo: {
    fields: {
      fullName: 'string',
      version: 'string',
      build: 'string',
      apiType: 'string',
      apiVersion: 'string',
      instanceUuid: 'string?',
    },
  },
  UserSession: { fields: { key: 'string', userName: 'string' } },
  EntityPrivilege: { fields: { entity: 'moref', privAvailability: 'PrivilegeAvailability*' } },
  PrivilegeAvailability: { fields: { privId: 'string', isGranted: 'boolean' } },
  TaskInfo: {
    fields: {
      key: 'string',
      task: 'moref',
      name: 'string?',
      descriptionId: 'string',
      entity: 'moref?',
      state: 'string',
      error: 'LocalizedMethodFault?',
      result: 'anyType?',
      progress: 'int?',
    },
  },
  DiskChangeInfo: { fields: { startOffset: 'long', length: 'long', changedArea: 'DiskChangeExtent*' } },
  DiskChangeExtent: { fields: { start: 'long', length: 'long' } },
} as const satisfies TypeTable;

const machineTypes = {
  // The real one has some fifty fields before this one; a request that has only this one is in order.
  VirtualMachineConfigSpec: { fields: { changeTrackingEnabled: 'boolean?' } },
  VirtualMachineBootOptions: {
    fields: { efiSecureBootEnabled: 'boolean?', bootOrder: 'VirtualMachineBootOptionsBootableDevice*' },
  },
  VirtualMachineBootOptionsBootableDevice: { fields: {} },
  VirtualMachineBootOptionsBootableDiskDevice: {
    base: 'VirtualMachineBootOptionsBootableDevice',
    fields: { deviceKey: 'int' },
  },
  VirtualMachineSnapshotInfo: { fields: { currentSnapshot: 'moref?', rootSnapshotList: 'VirtualMachineSnapshotTree*' } },
  VirtualMachineSnapshotTree: {
    fields: {
      snapshot: 'moref',
      name: 'string',
      description: 'string',
      createTime: 'dateTime',
      childSnapshotList: 'VirtualMachineSnapshotTree*',
    },
  },
  VirtualMachineQuestionInfo: { fields: { id: 'string', text: 'string' } },
  NetworkSummary: { fields: {} },
  OpaqueNetworkSummary: { base: 'NetworkSummary', fields: { opaqueNetworkId: 'string' } },
  CryptoKeyId: { fields: { keyId: 'string' } },
  FaultToleranceConfigInfo: { fields: { role: 'int' } },
  CustomFieldDef: { fields: { key: 'int', name: 'string' } },
  CustomFieldValue: { fields: { key: 'int' } },
  CustomFieldStringValue: { base: 'CustomFieldValue', fields: { value: 'string' } },
  ResourceAllocationInfo: { fields: { reservation: 'long?', limit: 'long?', shares: 'SharesInfo?' } },
  SharesInfo: { fields: { shares: 'int', level: 'string' } },
  OptionValue: { fields: { key: 'string', value: 'anyType?' } },
  ManagedByInfo: { fields: { extensionKey: 'string', type: 'string' } },
  VmConfigInfo: { fields: { property: 'VAppPropertyInfo*' } },
  VAppPropertyInfo: { fields: { key: 'int', id: 'string?' } },
  GuestNicInfo: { fields: { ipAddress: 'string*', macAddress: 'string?', deviceConfigId: 'int' } },
} as const satisfies TypeTable;

/** Data objects that migplan sends or reads. See notation.ts for the notation. */
export const dataTypes = { ...collectorTypes, ...serviceTypes, ...machineTypes, ...deviceTypes } as const satisfies TypeTable;
