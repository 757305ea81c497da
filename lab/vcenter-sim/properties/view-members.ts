import type { ContainerView } from '../sessions.js';
import { isKindOf } from '../soap/schema.js';
import type { MoRef } from '../soap/value.js';
import type { World } from '../world/world.js';

/** Objects of the wanted types below the view's container, as they are now. */
export function viewMembers(world: World, view: ContainerView): MoRef[] {
  const found: MoRef[] = [];
  const visit = (ref: MoRef, depth: number): void => {
    if (depth > 0 && (view.types.length === 0 || view.types.some((type) => isKindOf(ref.type, type)))) found.push(ref);
    if (depth === 0 || view.isRecursive) for (const child of childEntities(world, ref)) visit(child, depth + 1);
  };
  visit(view.container, 0);
  return found;
}

/** What lies directly below an entity in the inventory. */
export function childEntities(world: World, ref: MoRef): readonly MoRef[] {
  if (ref.type === 'Folder') return world.folders.get(ref.value)?.children ?? [];
  const datacenter = world.datacenters.get(ref.value);
  if (datacenter !== undefined)
    return [datacenter.vmFolder, datacenter.hostFolder, datacenter.datastoreFolder, datacenter.networkFolder];
  const cluster = world.clusters.get(ref.value);
  return cluster === undefined ? [] : [...cluster.hosts, cluster.resourcePool];
}
