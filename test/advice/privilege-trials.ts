import { expect } from 'vitest';
import type { ProviderError } from '../../src/contracts/provider-error.js';
import { vmRef } from '../../src/model/ids.js';
import { role } from '../../src/providers/vmware/role.js';
import { PASSWORD, startVmwareLab, USER } from '../providers/vmware/lab.js';
import { isInstance, type Trial } from './tried.js';

const VM = vmRef('vm-300');
const vms = [{ name: 'db', moref: VM, folder: 'erp', disks: [{ capacityBytes: 2 ** 20 }] }];

/**
 * An account whose role lacks something, on that folder: what is tried is refused, what the refusal says is done to the
 * simulated vCenter as govc would do it, and what is tried works.
 */
async function leadsOut(advice: string, before: { readonly on: string; readonly privileges: readonly string[] }): Promise<void> {
  await using lab = await startVmwareLab({
    users: [{ name: USER, password: PASSWORD, permissions: [before, { on: '/DC1/host', privileges: [] }] }],
    datacenters: [{ name: 'DC1', vms }],
  });
  const source = await lab.open();
  const refusal = await source.createSnapshot(VM, { name: 'migplan-1', description: '' }).then(
    () => undefined,
    (error: ProviderError) => error.details,
  );
  const step = refusal?.nextSteps?.find((one) => isInstance(one, advice)) ?? '';
  const [, privileges] = /govc role\.update -a ROLE (.+)$/.exec(step) ?? [];
  const [, place] = /govc permissions\.set -principal USER@DOMAIN -role ROLE (\/.+)$/.exec(step) ?? [];
  const permissions =
    privileges !== undefined
      ? [{ ...before, privileges: [...before.privileges, ...privileges.split(' ')] }]
      : [before, { on: place!.replace('DATACENTER', 'DC1'), privileges: role.privileges }];
  lab.sim.control.setUser({ user: USER, permissions });
  await expect(source.createSnapshot(VM, { name: 'migplan-2', description: '' })).resolves.toMatchObject({ vm: VM });
}

const lacking = role.privileges.filter((one) => one !== 'VirtualMachine.State.CreateSnapshot');
const trials: readonly (readonly [advice: string, before: Parameters<typeof leadsOut>[1]])[] = [
  ['add to the role that the account has there: govc role.update -a ROLE <…>', { on: '/DC1/vm/erp', privileges: lacking }],
  [
    'give the account a role on what holds the object: govc permissions.set -principal USER@DOMAIN -role ROLE /DATACENTER',
    { on: '/DC1/datastore', privileges: [] },
  ],
];

export const privilegeTrials: readonly Trial[] = trials.map(([advice, before]) => ({
  advice,
  run: () => leadsOut(advice, before),
}));
