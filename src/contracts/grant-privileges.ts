/**
 * What to do about privileges that an account lacks, as a next step for people; asks nobody. Every role has `System.*`, so that one of them missing is a permission
 * that is not there at all.
 */
export function grantPrivileges(missing: readonly string[]): string {
  const named = missing.filter((privilege) => !privilege.startsWith('System.'));
  return named.length === 0
    ? 'give the account a role on what holds the object: govc permissions.set -principal USER@DOMAIN -role ROLE /DATACENTER'
    : `add to the role that the account has there: govc role.update -a ROLE ${named.join(' ')}`;
}

/** For whoever meets one that is missing. */
export const seeAllPrivileges = 'what else is missing, and where: migplan doctor --vcenter';
export const makeRole = 'or make a new role: migplan doctor --vcenter --role';
