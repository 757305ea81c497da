import { has, noPermission } from '../permissions.js';
import {
  appliesTo,
  checkPath,
  declaredProperties,
  type PropertySource,
  propertySource,
  readPath,
} from '../properties/properties.js';
import { type DataObject, MoRef, type Value } from '../soap/value.js';
import { notFoundObject, VimFault } from '../soap/vim-fault.js';
import { lineOf } from '../world/inventory-path.js';
import type { Call } from './operation.js';

interface PropertySpec {
  readonly type: string;
  readonly all?: boolean;
  readonly pathSet?: readonly string[];
}

interface SelectionSpec {
  readonly $type: string;
  readonly name?: string;
  readonly type?: string;
  readonly path?: string;
  readonly skip?: boolean;
  readonly selectSet?: readonly SelectionSpec[];
}

interface ObjectSpec {
  readonly obj: MoRef;
  readonly skip?: boolean;
  readonly selectSet?: readonly SelectionSpec[];
}

export interface FilterSpec {
  readonly propSet: readonly PropertySpec[];
  readonly objectSet: readonly ObjectSpec[];
  readonly reportMissingObjectsInResults?: boolean;
}

/** All objects a set of filters selects, each with the properties asked for. */
export function collect(call: Call, specSet: readonly FilterSpec[]): DataObject[] {
  return specSet.flatMap((spec) => {
    for (const { type, pathSet } of spec.propSet) {
      if (declaredProperties(type).length === 0) throw new VimFault('InvalidArgument', { invalidProperty: 'type' });
      for (const path of pathSet ?? []) checkPath(type, path);
    }
    return select(call, spec).flatMap((ref) => toContent(call, spec, ref));
  });
}

/** The start objects and what traversal reaches from them, each once. */
function select(call: Call, { objectSet, reportMissingObjectsInResults }: FilterSpec): MoRef[] {
  const found = new Map<string, MoRef>();
  for (const { obj, skip, selectSet } of objectSet) {
    const named = collectNamed(selectSet ?? []);
    const visited = new Set<string>();
    const visit = (ref: MoRef, isSkipped: boolean, selections: readonly SelectionSpec[]): void => {
      const id = `${ref.type}:${ref.value}`;
      if (!isSkipped) found.set(id, ref);
      for (const selection of selections) follow(ref, resolve(selection, named));
    };
    const follow = (ref: MoRef, traversal: SelectionSpec): void => {
      const step = `${ref.type}:${ref.value} ${traversal.type}.${traversal.path}`;
      if (visited.has(step) || !appliesTo({ type: traversal.type! }, ref)) return;
      visited.add(step);
      const value = readPath(source(call, ref, reportMissingObjectsInResults), ref.type, traversal.path!)?.value;
      for (const next of references(value)) visit(next, traversal.skip ?? false, traversal.selectSet ?? []);
    };
    visit(obj, skip ?? false, selectSet ?? []);
  }
  return [...found.values()];
}

/** While walking, an object that just vanished is passed over if the caller asked so. */
function source(call: Call, ref: MoRef, isLenient = false): PropertySource {
  try {
    return propertySource(call.vcenter, call.session, ref);
  } catch (error) {
    if (isLenient && error instanceof VimFault) return () => undefined;
    throw error;
  }
}

function references(value: Value | undefined): MoRef[] {
  const values: readonly Value[] = Array.isArray(value) ? value : value === undefined ? [] : [value as Value];
  return values.filter((one): one is MoRef => one instanceof MoRef);
}

function collectNamed(selections: readonly SelectionSpec[], into = new Map<string, SelectionSpec>()): Map<string, SelectionSpec> {
  for (const selection of selections) {
    if (selection.$type !== 'TraversalSpec') continue;
    if (selection.name !== undefined) into.set(selection.name, selection);
    checkPath(selection.type!, selection.path!);
    collectNamed(selection.selectSet ?? [], into);
  }
  return into;
}

/** A plain SelectionSpec refers to a TraversalSpec by name. */
function resolve(selection: SelectionSpec, named: ReadonlyMap<string, SelectionSpec>): SelectionSpec {
  const traversal = selection.$type === 'TraversalSpec' ? selection : named.get(selection.name ?? '');
  if (traversal === undefined)
    throw new VimFault('InvalidArgument', { invalidProperty: 'selectSet' }, `no traversal is named ${selection.name}`);
  return traversal;
}

function toContent(call: Call, spec: FilterSpec, obj: MoRef): DataObject[] {
  const specs = spec.propSet.filter((one) => appliesTo(one, obj));
  const paths = [...new Set(specs.flatMap((one) => (one.all === true ? declaredProperties(obj.type) : (one.pathSet ?? []))))];
  let properties: PropertySource;
  try {
    properties = propertySource(call.vcenter, call.session, obj);
  } catch (error) {
    if (!(error instanceof VimFault) || spec.reportMissingObjectsInResults !== true) throw error;
    return [{ $type: 'ObjectContent', obj, missingSet: paths.map((path) => missing(path, notFoundObject(obj))) }];
  }
  if (specs.length === 0) return [];
  const hidden = paths.filter((path) => isHidden(call, obj, path));
  const denied = noPermission(obj, 'System.Read');
  const missingSet = hidden.map((path) => missing(path, denied));
  const propSet = paths.flatMap((name) => {
    if (hidden.includes(name)) return [];
    const val = readPath(properties, obj.type, name);
    return val === undefined ? [] : [{ $type: 'DynamicProperty', name, val }];
  });
  return [{ $type: 'ObjectContent', obj, propSet, missingSet }];
}

/** What lies on the way to where a user has a permission shows its name and place, and nothing else. */
function isHidden({ vcenter: { world }, session }: Call, obj: MoRef, path: string): boolean {
  if (session === undefined) return false;
  const { account } = session;
  if (account.unreadableProperties?.includes(path)) return true;
  const needed = ['name', 'parent'].includes(path) ? 'System.View' : 'System.Read';
  return lineOf(world, obj).length > 0 && !has(world, account, { on: obj, privilege: needed });
}

function missing(path: string, fault: VimFault): DataObject {
  return {
    $type: 'MissingProperty',
    path,
    fault: { $type: 'LocalizedMethodFault', fault: fault.toDataObject(), localizedMessage: fault.message },
  };
}
