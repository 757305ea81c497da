import { INVENTORY_OPERATIONS } from './operations/inventory-operations.js';
import type { Call, Operation, Operations } from './operations/operation.js';
import { SESSION_OPERATIONS } from './operations/session-operations.js';
import { VM_OPERATIONS } from './operations/vm-operations.js';
import { demand } from './permissions.js';
import { notAuthenticated } from './sessions.js';
import type { ResultType } from './soap/encode.js';
import type { Value } from './soap/value.js';
import { notFoundObject, VimFault } from './soap/vim-fault.js';
import { isSingleton } from './vcenter.js';

const OPERATIONS: Operations = { ...SESSION_OPERATIONS, ...INVENTORY_OPERATIONS, ...VM_OPERATIONS };

/** By method, the privilege on its target that it demands; '' for none. */
export const demandedPrivileges: ReadonlyMap<string, string> = new Map(
  Object.entries(OPERATIONS).map(([method, { privilege = '' }]) => [method, privilege]),
);

export const resultTypeOf = (method: string): ResultType | undefined => OPERATIONS[method]?.result;

/** Finds and runs the operation. Order of checks as on vCenter: method, login, object, privilege. */
export async function dispatch(call: Call): Promise<Value | undefined> {
  const operation = OPERATIONS[call.method];
  if (operation === undefined || operation.on !== call.target.type) {
    throw new VimFault(
      'MethodNotFound',
      { receiver: call.target, method: call.method },
      `The method is not supported by the object ${call.target.type}`,
    );
  }
  if (call.session === undefined && operation.isOpen !== true) throw notAuthenticated(call.target);
  if (call.session !== undefined) call.vcenter.sessions.touch(call.session);
  requireTarget(call, operation);
  requirePrivilege(call, operation);
  return operation.run(call);
}

/** Objects that exist once are checked here; the others by the operation that looks them up. */
function requireTarget({ target }: Call, { on }: Operation): void {
  const isManyOfAKind = ['VirtualMachine', 'VirtualMachineSnapshot', 'Task', 'ContainerView'].includes(on);
  if (!isManyOfAKind && !isSingleton(target)) throw notFoundObject(target);
}

function requirePrivilege({ vcenter: { world }, session, target }: Call, { privilege }: Operation): void {
  if (privilege === undefined || session === undefined) return;
  // A snapshot is no entity that permissions are on: its VM is.
  const on = target.type === 'VirtualMachineSnapshot' ? world.snapshot(target).vm.ref : target;
  demand(world, session.account, { on, privilege });
}
