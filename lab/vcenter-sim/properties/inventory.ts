import { type DataObject, MoRef, type Value } from '../soap/value.js';
import type { Datacenter, Datastore, Folder, Host, Network, World } from '../world/world.js';
import { escapeName } from './virtual-machine.js';

type Properties = Readonly<Record<string, Value | undefined>>;

const named = (object: { name: string; parent: MoRef | undefined }): Properties => ({
  name: escapeName(object.name),
  parent: object.parent,
  overallStatus: 'green',
});

const vmsWhere = (
  world: World,
  test: (vm: { host: MoRef; datacenter: MoRef; disks: readonly { datastore: MoRef }[] }) => boolean,
): MoRef[] => [...world.vms.values()].filter(test).map(({ ref }) => ref);

/** Properties of folders, datacenters, hosts, datastores and networks; undefined when there is no such object. */
export function inventoryProperties(world: World, ref: MoRef): Properties | undefined {
  const folder = world.folders.get(ref.value);
  if (ref.type === 'Folder') return folder && folderProperties(folder);
  const datacenter = world.datacenters.get(ref.value);
  if (ref.type === 'Datacenter') return datacenter && datacenterProperties(world, datacenter);
  const host = world.hosts.get(ref.value);
  if (ref.type === 'HostSystem') return host && hostProperties(world, host);
  const datastore = world.datastores.get(ref.value);
  if (ref.type === 'Datastore') return datastore && datastoreProperties(world, datastore);
  const network = world.networks.get(ref.value);
  return network && MoRef.isEqual(network.ref, ref) ? networkProperties(network) : undefined;
}

function folderProperties(folder: Folder): Properties {
  return { ...named(folder), childType: [...folder.childTypes], childEntity: [...folder.children] };
}

function datacenterProperties(world: World, datacenter: Datacenter): Properties {
  const { vmFolder, hostFolder, datastoreFolder, networkFolder } = datacenter;
  const here = ({ datacenter: owner }: { datacenter: MoRef }): boolean => MoRef.isEqual(owner, datacenter.ref);
  return {
    ...named(datacenter),
    vmFolder,
    hostFolder,
    datastoreFolder,
    networkFolder,
    datastore: [...world.datastores.values()].filter(here).map(({ ref }) => ref),
    network: [...world.networks.values()].filter(here).map(({ ref }) => ref),
  };
}

function hostProperties(world: World, host: Host): Properties {
  const runtime: DataObject = {
    $type: 'HostRuntimeInfo',
    connectionState: host.connectionState,
    powerState: 'poweredOn',
    inMaintenanceMode: false,
  };
  const product: DataObject = {
    $type: 'AboutInfo',
    name: 'VMware ESXi',
    fullName: `VMware ESXi ${host.version} build-${host.build}`,
    vendor: 'VMware, Inc.',
    version: host.version,
    build: host.build,
    osType: 'vmnix-x86',
    productLineId: 'embeddedEsx',
    apiType: 'HostAgent',
    apiVersion: `${host.version}.0`,
  };
  const config: DataObject = { $type: 'HostConfigSummary', name: host.name, port: 902, product, vmotionEnabled: false };
  const summary: DataObject = {
    $type: 'HostListSummary',
    host: host.ref,
    runtime,
    config,
    overallStatus: 'green',
    rebootRequired: false,
  };
  return { ...named(host), runtime, summary, vm: vmsWhere(world, (vm) => MoRef.isEqual(vm.host, host.ref)) };
}

function datastoreProperties(world: World, datastore: Datastore): Properties {
  const summary: DataObject = {
    $type: 'DatastoreSummary',
    datastore: datastore.ref,
    name: datastore.name,
    url: `ds:///vmfs/volumes/${datastore.ref.value}/`,
    capacity: datastore.capacityBytes,
    freeSpace: datastore.freeBytes,
    accessible: true,
    multipleHostAccess: false,
    type: datastore.type,
    maintenanceMode: 'normal',
  };
  const isOn = (disk: { datastore: MoRef }): boolean => MoRef.isEqual(disk.datastore, datastore.ref);
  return { ...named(datastore), summary, vm: vmsWhere(world, (vm) => vm.disks.some(isOn)) };
}

function networkProperties(network: Network): Properties {
  const summary: DataObject = { $type: 'NetworkSummary', network: network.ref, name: network.name, accessible: true };
  if (network.kind !== 'distributed') return { ...named(network), summary };
  return {
    ...named(network),
    summary,
    key: network.ref.value,
    config: { $type: 'DVPortgroupConfigInfo', key: network.ref.value, name: network.name },
  };
}
