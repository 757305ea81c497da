import { demand, has } from '../permissions.js';
import { type Session, sessionView } from '../sessions.js';
import { typeNamed } from '../soap/schema.js';
import { type DataObject, MoRef } from '../soap/value.js';
import { invalidArgument, notFoundObject, VimFault } from '../soap/vim-fault.js';
import { entityAt } from '../world/inventory-path.js';
import type { Vm } from '../world/vm.js';
import { type Call, type Operations, one, sessionOf } from './operation.js';
import { collect, type FilterSpec } from './retrieve-properties.js';

const PAGE_MAX_DEFAULT = 100;
const PAGES_OPEN_MAX = 50;
const VIEW = 'System.View';
const READ = 'System.Read';

export const INVENTORY_OPERATIONS: Operations = {
  CreateContainerView: { on: 'ViewManager', privilege: VIEW, result: one('moref'), run: createView },
  DestroyView: { on: 'ContainerView', run: destroyView },
  RetrievePropertiesEx: {
    on: 'PropertyCollector',
    privilege: READ,
    result: one('RetrieveResult'),
    run: retrieve,
  },
  ContinueRetrievePropertiesEx: {
    on: 'PropertyCollector',
    privilege: READ,
    result: one('RetrieveResult'),
    run: continueRetrieve,
  },
  FindByUuid: { on: 'SearchIndex', privilege: VIEW, result: one('moref'), run: (call) => findByUuid(call)[0] },
  FindByInventoryPath: { on: 'SearchIndex', privilege: VIEW, result: one('moref'), run: findByPath },
};

function createView(call: Call): MoRef {
  const { container, type, recursive } = call.fields as unknown as { container: MoRef; type?: string[]; recursive: boolean };
  const { world } = call.vcenter;
  const isKnown =
    world.folders.has(container.value) || world.datacenters.has(container.value) || world.clusters.has(container.value);
  if (!isKnown) throw notFoundObject(container);
  for (const name of type ?? []) if (typeNamed(name) === undefined) throw invalidArgument('type');
  const session = sessionOf(call);
  demand(world, session.account, { on: container, privilege: VIEW });
  const ref = sessionView(session, world.random);
  session.views.set(ref.value, { ref, container, types: type ?? [], isRecursive: recursive });
  return ref;
}

function destroyView(call: Call): undefined {
  if (!sessionOf(call).views.delete(call.target.value)) throw notFoundObject(call.target);
  return undefined;
}

function retrieve(call: Call): DataObject | undefined {
  const { specSet, options } = call.fields as unknown as { specSet: FilterSpec[]; options: { maxObjects?: number } };
  if (options.maxObjects !== undefined && options.maxObjects <= 0) throw invalidArgument('options.maxObjects');
  return page(call, collect(call, specSet), options.maxObjects);
}

function continueRetrieve(call: Call): DataObject | undefined {
  return page(call, takePages(call), undefined);
}

/** Pages are of random size, whatever the caller asked for as a maximum. */
function page(call: Call, objects: readonly DataObject[], maxObjects: number | undefined): DataObject | undefined {
  const { world } = call.vcenter;
  if (objects.length === 0) return undefined;
  const limit = Math.min(maxObjects ?? Number.POSITIVE_INFINITY, world.config.soap?.pageMax ?? PAGE_MAX_DEFAULT);
  const size = 1 + Math.floor(world.random() * limit);
  const rest = objects.slice(size);
  const token = rest.length === 0 ? undefined : saveRest(sessionOf(call), { rest, token: String(world.nextId()) });
  return { $type: 'RetrieveResult', token, objects: objects.slice(0, size) };
}

function saveRest(session: Session, { rest, token }: { rest: readonly DataObject[]; token: string }): string {
  if (session.pages.size >= PAGES_OPEN_MAX) session.pages.delete(session.pages.keys().next().value!);
  session.pages.set(token, rest);
  return token;
}

/** A token is good for one use in its own session. */
function takePages(call: Call): readonly DataObject[] {
  const { token } = call.fields as { token: string };
  const { pages } = sessionOf(call);
  const rest = pages.get(token);
  if (rest === undefined)
    throw call.vcenter.world.random() < 0.5 ? new VimFault('InvalidProperty', { name: 'token' }) : invalidArgument('token');
  pages.delete(token);
  return rest;
}

function findByUuid(call: Call): MoRef[] {
  const { vcenter, fields } = call;
  const { account } = sessionOf(call);
  const { datacenter, uuid, vmSearch, instanceUuid } = fields as unknown as {
    datacenter?: MoRef;
    uuid: string;
    vmSearch: boolean;
    instanceUuid?: boolean;
  };
  if (!vmSearch) return [];
  if (datacenter !== undefined && !vcenter.world.datacenters.has(datacenter.value)) throw notFoundObject(datacenter);
  const uuidOf = (vm: Vm): string => (instanceUuid === true ? vm.instanceUuid : vm.biosUuid);
  return [...vcenter.world.vms.values()]
    .filter((vm) => uuidOf(vm).toLowerCase() === uuid.toLowerCase())
    .filter((vm) => datacenter === undefined || MoRef.isEqual(vm.datacenter, datacenter))
    .map(({ ref }) => ref)
    .filter((ref) => has(vcenter.world, account, { on: ref, privilege: VIEW }));
}

function findByPath(call: Call): MoRef | undefined {
  const { world } = call.vcenter;
  const found = entityAt(world, (call.fields as { inventoryPath: string }).inventoryPath);
  return found !== undefined && has(world, sessionOf(call).account, { on: found, privilege: VIEW }) ? found : undefined;
}
