import { childEntities } from '../properties/view-members.js';
import { escapeName } from '../properties/virtual-machine.js';
import { MoRef } from '../soap/value.js';
import type { World } from './world.js';

/** `Datacenter/vm/folder/name`, a slash within a name written as %2f; nothing but slashes is the root folder. */
export function entityAt(world: World, path: string): MoRef | undefined {
  let at: MoRef = world.rootFolder;
  for (const name of path.split('/').filter(Boolean)) {
    const next = childEntities(world, at).find((child) => nameOf(world, child).toLowerCase() === name.toLowerCase());
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}

function nameOf(world: World, ref: MoRef): string {
  const stores = [world.folders, world.datacenters, world.clusters, world.hosts, world.datastores, world.networks, world.vms];
  for (const store of stores) {
    const found = store.get(ref.value);
    if (found !== undefined && MoRef.isEqual(found.ref, ref)) return escapeName(found.name);
  }
  return '';
}

/** The entity, what it lies in, and so on up to the root folder. Empty for what is no managed entity of this world. */
export function lineOf(world: World, ref: MoRef): MoRef[] {
  const line: MoRef[] = [];
  for (let at: MoRef | undefined = isEntity(world, ref) ? ref : undefined; at !== undefined; at = parentOf(world, at))
    line.push(at);
  return line;
}

const isEntity = (world: World, ref: MoRef): boolean =>
  MoRef.isEqual(ref, world.rootFolder) || parentOf(world, ref) !== undefined;

function parentOf(world: World, { type, value }: MoRef): MoRef | undefined {
  if (type === 'VirtualMachine') return world.vms.get(value)?.folder;
  if (type === 'ResourcePool') return [...world.clusters.values()].find(({ resourcePool }) => resourcePool.value === value)?.ref;
  const stores = [world.folders, world.datacenters, world.clusters, world.hosts, world.datastores, world.networks];
  return stores.map((store) => store.get(value)?.parent).find((parent) => parent !== undefined);
}
