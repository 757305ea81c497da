import { has } from '../permissions.js';
import type { Session } from '../sessions.js';
import { type Field, isKindOf, typeNamed } from '../soap/schema.js';
import { isDataObject, type MoRef, Typed, type Value } from '../soap/value.js';
import { notFoundObject, VimFault } from '../soap/vim-fault.js';
import type { Vcenter } from '../vcenter.js';
import { inventoryProperties } from './inventory.js';
import { viewMembers } from './view-members.js';
import { snapshotConfig, VIRTUAL_MACHINE } from './virtual-machine.js';

/** A reader of the properties of one object, for one caller. */
export type PropertySource = (name: string) => Value | undefined;

/** Finds an object. Throws ManagedObjectNotFound. */
export function propertySource(vcenter: Vcenter, session: Session | undefined, ref: MoRef): PropertySource {
  const { world } = vcenter;
  if (ref.type === 'VirtualMachine') {
    const vm = world.vm(ref);
    return (name) => VIRTUAL_MACHINE[name]?.(world, vm);
  }
  if (ref.type === 'VirtualMachineSnapshot') return snapshotSource(vcenter, ref);
  if (ref.type === 'Task') {
    const info = vcenter.tasks.info(ref);
    return (name) => (name === 'info' ? info : undefined);
  }
  if (ref.type === 'ContainerView') return viewSource(vcenter, session, ref);
  const properties = inventoryProperties(world, ref);
  if (properties === undefined) throw notFoundObject(ref);
  return (name) => properties[name];
}

function snapshotSource({ world }: Vcenter, ref: MoRef): PropertySource {
  const { vm, snapshot } = world.snapshot(ref);
  return (name) => (name === 'config' ? snapshotConfig(world, vm, snapshot) : undefined);
}

function viewSource(vcenter: Vcenter, session: Session | undefined, ref: MoRef): PropertySource {
  const view = session?.views.get(ref.value);
  if (view === undefined) throw notFoundObject(ref);
  return (name) =>
    name === 'view' ? viewMembers(vcenter.world, view).filter((on) => isVisible(vcenter, session, on)) : undefined;
}

const isVisible = ({ world }: Vcenter, session: Session | undefined, on: MoRef): boolean =>
  session === undefined || has(world, session.account, { on, privilege: 'System.View' });

/** Follows a path such as `config.hardware.device`, in the declarations and in the values. */
export function readPath(source: PropertySource, type: string, path: string): Typed | undefined {
  const [first = '', ...rest] = path.split('.');
  let field = declaredField(type, first, path);
  let value = source(field.name);
  for (const step of rest) {
    field = declaredField(field.type, step, path);
    value = isDataObject(value) ? value[field.name] : undefined;
  }
  return value === undefined ? undefined : new Typed(field.type, field.isList, value);
}

/** Throws InvalidProperty for a path the type does not declare. */
export function checkPath(type: string, path: string): void {
  let at = type;
  for (const step of path.split('.')) at = declaredField(at, step, path).type;
}

function declaredField(type: string, name: string, path: string): Field {
  const field = typeNamed(type)?.fields.find((one) => one.name === name);
  if (field === undefined) throw new VimFault('InvalidProperty', { name: path }, `The property path is not valid: ${path}`);
  return field;
}

/** Names of all declared properties of a managed object type. */
export const declaredProperties = (type: string): string[] => typeNamed(type)?.fields.map(({ name }) => name) ?? [];

export const appliesTo = (spec: { type: string }, ref: MoRef): boolean => isKindOf(ref.type, spec.type);
