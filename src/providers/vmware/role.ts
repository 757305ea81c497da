import { privileges } from './privileges.js';

/** The role to import. */
export interface Role {
  readonly name: string;
  readonly privileges: readonly string[];
  /** Lines to paste; what is to be filled in is in capitals. */
  readonly govc: readonly string[];
  readonly powercli: readonly string[];
}

const roleName = 'migplan';

/** Part of every role; not named when one is made. */
const isInherent = (privilege: string): boolean => privilege.startsWith('System.');

const rolePrivileges: readonly string[] = privileges
  .map(({ privilege }) => privilege)
  .filter((privilege) => !isInherent(privilege));

/** Makes the role and gives it to the account. */
export const role: Role = {
  name: roleName,
  privileges: rolePrivileges,
  govc: [
    `govc role.create ${roleName} ${rolePrivileges.join(' ')}`,
    `govc permissions.set -principal USER@DOMAIN -role ${roleName} -propagate=true /DATACENTER`,
  ],
  powercli: [
    `New-VIRole -Name ${roleName} -Privilege (Get-VIPrivilege -Id ${rolePrivileges.map((name) => `'${name}'`).join(', ')})`,
    `New-VIPermission -Entity (Get-Datacenter DATACENTER) -Principal 'DOMAIN\\USER' -Role ${roleName} -Propagate:$true`,
  ],
};
