import type { Account } from './sessions.js';
import type { MoRef } from './soap/value.js';
import { VimFault } from './soap/vim-fault.js';
import { entityAt, lineOf } from './world/inventory-path.js';
import type { World } from './world/world.js';

/** Part of every role, whatever else it has. */
const INHERENT = ['System.Anonymous', 'System.View', 'System.Read'];
/** Of what lies between the root and an entity with a permission, a user sees that it is there. */
const ON_THE_WAY = ['System.Anonymous', 'System.View'];

/**
 * Whether an account has a privilege on an object. The permission on the entity itself decides, else the nearest one above
 * that propagates. What is no entity, such as a manager, counts as the root folder, where whoever is logged in may look.
 */
export function has(world: World, account: Account, asked: { readonly on: MoRef; readonly privilege: string }): boolean {
  const { on, privilege } = asked;
  if (account.deniedPrivileges.includes(privilege)) return false;
  if (account.permissions === undefined) return true;
  const line = lineOf(world, on);
  if (line.length === 0) return INHERENT.includes(privilege) || has(world, account, { on: world.rootFolder, privilege });
  return granted(world, account, line).includes(privilege);
}

/** Throws NoPermission with object and privilege, as vCenter does. */
export function demand(world: World, account: Account, asked: { readonly on: MoRef; readonly privilege: string }): void {
  if (!has(world, account, asked)) throw noPermission(asked.on, asked.privilege);
}

export const noPermission = (object: MoRef, privilegeId: string): VimFault =>
  new VimFault('NoPermission', { object, privilegeId }, 'Permission to perform this operation was denied.');

function granted(world: World, { permissions = [] }: Account, line: readonly MoRef[]): readonly string[] {
  const placed = permissions.map((permission) => ({ ...permission, entity: entityAt(world, permission.on) }));
  for (const [height, entity] of line.entries()) {
    const here = placed.find((one) => one.entity?.value === entity.value && (height === 0 || one.propagate !== false));
    if (here !== undefined) return [...INHERENT, ...here.privileges];
  }
  const isOnTheWay = placed.some(
    (one) => one.entity !== undefined && lineOf(world, one.entity).some(({ value }) => value === line[0]!.value),
  );
  return isOnTheWay ? ON_THE_WAY : [];
}
