import { randomUuid } from '../prng.js';
import { MoRef } from '../soap/value.js';
import type { DatacenterConfig, VmConfig } from '../world-config.js';
import { buildDisks } from './build-disks.js';
import { activateCbt } from './tracking.js';
import { type Vm, type VmSettings, virtualMachine } from './vm.js';
import type { Datacenter, Folder, World } from './world.js';

const TIB = 2 ** 40;

/** Fills an empty world from its configuration; writes the disk images. */
export async function buildWorld(world: World): Promise<void> {
  addFolder(world, { name: 'Datacenters', parent: undefined, childTypes: ['Folder', 'Datacenter'], ref: world.rootFolder });
  for (const config of world.config.datacenters) await addDatacenter(world, config);
}

async function addDatacenter(world: World, config: DatacenterConfig): Promise<void> {
  const ref = new MoRef('Datacenter', config.moref ?? `datacenter-${world.nextId()}`);
  const below = (name: string, type: string): MoRef => addFolder(world, { name, parent: ref, childTypes: ['Folder', type] }).ref;
  const datacenter: Datacenter = {
    ref,
    name: config.name,
    parent: world.rootFolder,
    vmFolder: below('vm', 'VirtualMachine'),
    hostFolder: below('host', 'ComputeResource'),
    datastoreFolder: below('datastore', 'Datastore'),
    networkFolder: below('network', 'Network'),
    cluster: new MoRef('ClusterComputeResource', `domain-c${world.nextId()}`),
  };
  world.datacenters.set(ref.value, datacenter);
  world.folders.get(world.rootFolder.value)!.children.push(ref);
  addHosts(world, datacenter, config);
  addDatastores(world, datacenter, config);
  addNetworks(world, datacenter, config);
  for (const vm of config.vms) await addVm(world, datacenter, vm);
}

function addFolder(world: World, options: Omit<Folder, 'children' | 'ref'> & { ref?: MoRef }): Folder {
  const folder: Folder = { children: [], ref: new MoRef('Folder', `group-v${world.nextId()}`), ...options };
  world.folders.set(folder.ref.value, folder);
  return folder;
}

function addChild(world: World, parent: MoRef, child: MoRef): void {
  world.folders.get(parent.value)!.children.push(child);
}

function addHosts(world: World, { ref, cluster, hostFolder }: Datacenter, config: DatacenterConfig): void {
  const hosts = (config.hosts ?? [{ name: 'esx1.example.com' }]).map((host) => ({
    ref: new MoRef('HostSystem', host.moref ?? `host-${world.nextId()}`),
    name: host.name,
    parent: cluster,
    version: host.version ?? '8.0.3',
    build: host.build ?? '24022510',
    connectionState: host.connectionState ?? 'connected',
  }));
  for (const host of hosts) world.hosts.set(host.ref.value, host);
  const resourcePool = new MoRef('ResourcePool', `resgroup-${world.nextId()}`);
  world.clusters.set(cluster.value, {
    ref: cluster,
    name: `${config.name}-cluster`,
    parent: hostFolder,
    datacenter: ref,
    resourcePool,
    hosts: hosts.map((host) => host.ref),
  });
  addChild(world, hostFolder, cluster);
}

function addDatastores(world: World, { ref: datacenter, datastoreFolder: parent }: Datacenter, config: DatacenterConfig): void {
  for (const datastore of config.datastores ?? [{ name: 'ds1' }]) {
    const ref = new MoRef('Datastore', datastore.moref ?? `datastore-${world.nextId()}`);
    const capacityBytes = datastore.capacityBytes ?? 10 * TIB;
    const freeBytes = datastore.freeBytes ?? capacityBytes / 2;
    world.datastores.set(ref.value, {
      ref,
      name: datastore.name,
      parent,
      datacenter,
      type: datastore.type ?? 'VMFS',
      capacityBytes,
      freeBytes,
    });
    addChild(world, parent, ref);
  }
}

const NETWORK_TYPES = { standard: 'Network', distributed: 'DistributedVirtualPortgroup', opaque: 'OpaqueNetwork' } as const;

function addNetworks(world: World, { ref: datacenter, networkFolder: parent }: Datacenter, config: DatacenterConfig): void {
  for (const network of config.networks ?? [{ name: 'VM Network' }]) {
    const kind = network.kind ?? 'standard';
    const prefix = kind === 'distributed' ? 'dvportgroup' : 'network';
    const ref = new MoRef(NETWORK_TYPES[kind], network.moref ?? `${prefix}-${world.nextId()}`);
    world.networks.set(ref.value, { ref, name: network.name, parent, datacenter, kind });
    addChild(world, parent, ref);
  }
}

async function addVm(world: World, datacenter: Datacenter, config: VmConfig): Promise<void> {
  const ref = virtualMachine(config.moref ?? `vm-${world.nextId()}`);
  const folder = folderAt(world, datacenter.vmFolder, config.folder ?? '');
  const power = config.power ?? 'poweredOn';
  const host = [...world.hosts.values()].find(
    (one) => MoRef.isEqual(one.parent, datacenter.cluster) && (config.host ?? one.name) === one.name,
  );
  if (host === undefined) throw new Error(`vm ${config.name}: no host ${config.host ?? ''} in ${datacenter.name}`);
  const vm: Vm = {
    ref,
    config,
    settings: settingsOf(config),
    instanceUuid: config.instanceUuid ?? randomUuid(world.random),
    biosUuid: config.biosUuid ?? randomUuid(world.random),
    datacenter: datacenter.ref,
    folder,
    host: host.ref,
    disks: await buildDisks(world, { ref, datacenter: datacenter.ref, config }),
    snapshots: new Map(),
    recentTasks: [],
    name: config.name,
    power,
    isToolsRunning: config.toolsRunning ?? true,
    connectionState: config.connectionState ?? 'connected',
    isCbtWanted: config.cbtEnabled ?? false,
    isConsolidationNeeded: config.consolidationNeeded ?? false,
    question: config.question,
    disabledMethods: config.disabledMethods ?? [],
    currentSnapshot: undefined,
    bootTime: power === 'poweredOn' ? world.clock.now() : undefined,
    changeVersion: 1,
    lock: undefined,
    queue: Promise.resolve(),
  };
  activateCbt(world, vm);
  world.vms.set(ref.value, vm);
  addChild(world, folder, ref);
}

function settingsOf(config: VmConfig): VmSettings {
  return {
    firmware: config.firmware ?? 'bios',
    secureBoot: config.secureBoot ?? false,
    guestId: config.guestId ?? 'debian12_64Guest',
    guestFullName: config.guestFullName ?? 'Debian GNU/Linux 12 (64-bit)',
    cpus: config.cpus ?? 2,
    coresPerSocket: config.coresPerSocket ?? 1,
    memoryMb: config.memoryMb ?? 2048,
    hwVersion: config.hwVersion ?? 19,
    bootOrder: config.bootOrder ?? [],
    template: config.template ?? false,
    faultTolerant: config.faultTolerant ?? false,
    encrypted: config.encrypted ?? false,
    hasTpm: config.hasTpm ?? false,
    nics: config.nics ?? [],
  };
}

function folderAt(world: World, root: MoRef, path: string): MoRef {
  let parent = root;
  for (const name of path.split('/').filter(Boolean)) {
    const known = world.folders.get(parent.value)!.children.find((child) => world.folders.get(child.value)?.name === name);
    if (known !== undefined) {
      parent = known;
      continue;
    }
    const made = addFolder(world, { name, parent, childTypes: ['Folder', 'VirtualMachine'] });
    addChild(world, parent, made.ref);
    parent = made.ref;
  }
  return parent;
}
