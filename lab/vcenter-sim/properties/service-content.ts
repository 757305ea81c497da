import type { DataObject } from '../soap/value.js';
import { SINGLETONS, type Vcenter } from '../vcenter.js';

export function serviceContent({ world, about }: Vcenter): DataObject {
  const { propertyCollector, viewManager, sessionManager, authorizationManager, searchIndex, taskManager } = SINGLETONS;
  return {
    $type: 'ServiceContent',
    rootFolder: world.rootFolder,
    propertyCollector,
    viewManager,
    sessionManager,
    authorizationManager,
    searchIndex,
    taskManager,
    about: {
      $type: 'AboutInfo',
      name: 'VMware vCenter Server',
      fullName: `VMware vCenter Server ${about.version} build-${about.build}`,
      vendor: 'VMware, Inc.',
      version: about.version,
      build: about.build,
      osType: 'linux-x64',
      productLineId: 'vpx',
      apiType: 'VirtualCenter',
      apiVersion: about.apiVersion,
      instanceUuid: about.instanceUuid,
    },
  };
}
