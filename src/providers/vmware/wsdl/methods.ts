import type { MethodRow } from './notation.js';

/** The operations migplan calls. `_this` comes first in each and is not listed. */
export const methods = {
  RetrieveServiceContent: { arguments: {}, returns: 'ServiceContent' },
  Login: { arguments: { userName: 'string', password: 'secret', locale: 'string?' }, returns: 'UserSession' },
  Logout: { arguments: {}, returns: 'void' },
  CurrentTime: { arguments: {}, returns: 'dateTime' },
  CreateContainerView: { arguments: { container: 'moref', type: 'string*', recursive: 'boolean' }, returns: 'moref' },
  DestroyView: { arguments: {}, returns: 'void' },
  RetrievePropertiesEx: {
    arguments: { specSet: 'PropertyFilterSpec*', options: 'RetrieveOptions' },
    returns: 'RetrieveResult?',
  },
  ContinueRetrievePropertiesEx: { arguments: { token: 'string' }, returns: 'RetrieveResult' },
  FindByUuid: {
    arguments: { datacenter: 'moref?', uuid: 'string', vmSearch: 'boolean', instanceUuid: 'boolean?' },
    returns: 'moref?',
  },
  FindByInventoryPath: { arguments: { inventoryPath: 'string' }, returns: 'moref?' },
  ReconfigVM_Task: { arguments: { spec: 'VirtualMachineConfigSpec' }, returns: 'moref' },
  CreateSnapshot_Task: {
    arguments: { name: 'string', description: 'string?', memory: 'boolean', quiesce: 'boolean' },
    returns: 'moref',
  },
  RemoveSnapshot_Task: { arguments: { removeChildren: 'boolean', consolidate: 'boolean?' }, returns: 'moref' },
  ConsolidateVMDisks_Task: { arguments: {}, returns: 'moref' },
  QueryChangedDiskAreas: {
    arguments: { snapshot: 'moref?', deviceKey: 'int', startOffset: 'long', changeId: 'string' },
    returns: 'DiskChangeInfo',
  },
  HasPrivilegeOnEntities: {
    arguments: { entity: 'moref*', sessionId: 'string', privId: 'string*' },
    returns: 'EntityPrivilege*',
  },
  ShutdownGuest: { arguments: {}, returns: 'void' },
  PowerOffVM_Task: { arguments: {}, returns: 'moref' },
} as const satisfies Readonly<Record<string, MethodRow>>;

export type MethodName = keyof typeof methods;
export type Methods = typeof methods;
