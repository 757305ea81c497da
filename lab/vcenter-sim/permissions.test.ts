import { afterEach, describe, expect, test } from 'vitest';
import { demandedPrivileges } from './dispatch.js';
import type { VcenterSim } from './index.js';
import { all, at, RawClient, VM } from './raw-client.js';
import { startTestSim, worldWith } from './test-world.js';
import type { PermissionConfig } from './world-config.js';

let sim: VcenterSim;
afterEach(() => sim?.close());

const SNAPSHOT = 'VirtualMachine.State.CreateSnapshot';

async function userWith(permissions: readonly PermissionConfig[]): Promise<RawClient> {
  sim = await startTestSim(worldWith({ folder: 'apps' }, { users: [{ name: 'admin', password: 'secret', permissions }] }));
  return RawClient.loggedIn(sim);
}

async function grantedTo(
  client: RawClient,
  entity: string,
  privileges: readonly string[],
  key?: string,
): Promise<boolean[] | string> {
  const session = key ?? sim.control.sessions().sessions[0]!.key;
  const asked = privileges.map((one) => `<privId>${one}</privId>`).join('');
  const fields = `<_this type="AuthorizationManager">AuthorizationManager</_this>${entity}<sessionId>${session}</sessionId>${asked}`;
  const { results, fault } = await client.call('HasPrivilegeOnEntities', fields);
  if (fault !== undefined) return fault;
  return results.flatMap((result) =>
    all(result, 'privAvailability').map((one) => ['true', '1'].includes(at(one, 'isGranted').text)),
  );
}

const ENTITY = '<entity type="VirtualMachine">vm-1</entity>';

describe('permissions', () => {
  test.each([
    ['on the VM itself', '/dc1/vm/apps/web01', undefined, true],
    ['on its folder', '/dc1/vm/apps', undefined, true],
    ['on the root', '/', undefined, true],
    ['on its folder, not propagated', '/dc1/vm/apps', false, false],
    ['on a datastore', '/dc1/datastore/ds1', undefined, false],
  ] as const)('%s', async (_, on, propagate, isAllowed) => {
    const permission = { on, privileges: [SNAPSHOT], ...(propagate === undefined ? {} : { propagate }) };
    const client = await userWith([permission, ...(isAllowed ? [] : [{ on: '/dc1', privileges: [] }])]);
    const made = client.createSnapshot();
    await (isAllowed ? made : expect(made).rejects.toThrow('fault NoPermission'));
    if (isAllowed) expect(await made).toMatch(/^snapshot/);
    expect(await grantedTo(client, ENTITY, [SNAPSHOT, 'System.Read'])).toEqual([isAllowed, true]);
  });

  test('the nearest permission decides, not the sum', async () => {
    const client = await userWith([
      { on: '/', privileges: [SNAPSHOT] },
      { on: '/dc1/vm/apps', privileges: ['VirtualMachine.Interact.PowerOff'] },
    ]);
    await expect(client.createSnapshot()).rejects.toThrow('fault NoPermission');
  });

  test('the fault names object and privilege', async () => {
    const client = await userWith([{ on: '/', privileges: [] }]);
    const { faultDetail } = await client.call('PowerOffVM_Task', VM);
    expect([at(faultDetail!, 'object').text, at(faultDetail!, 'privilegeId').text]).toEqual([
      'vm-1',
      'VirtualMachine.Interact.PowerOff',
    ]);
  });

  test('removing a snapshot takes the privilege on its VM', async () => {
    const client = await userWith([{ on: '/dc1/vm/apps', privileges: [SNAPSHOT] }]);
    const snapshot = await client.createSnapshot();
    const inner = `<_this type="VirtualMachineSnapshot">${snapshot}</_this><removeChildren>false</removeChildren>`;
    const { faultDetail } = await client.call('RemoveSnapshot_Task', inner);
    expect([at(faultDetail!, 'object').text, at(faultDetail!, 'privilegeId').text]).toEqual([
      'vm-1',
      'VirtualMachine.State.RemoveSnapshot',
    ]);
  });

  test('a VM without a permission is not there; what lies on the way shows its name', async () => {
    const client = await userWith([{ on: '/dc1/datastore/ds1', privileges: [] }]);
    const find = async (path: string): Promise<number> =>
      (
        await client.call(
          'FindByInventoryPath',
          `<_this type="SearchIndex">SearchIndex</_this><inventoryPath>${path}</inventoryPath>`,
        )
      ).results.length;
    expect([await find('dc1/vm/apps/web01'), await find('dc1/datastore/ds1'), await find('dc1')]).toEqual([0, 1, 1]);
    const seen = await client.read({ type: 'Datacenter', value: 'datacenter-1' }, 'name', 'vmFolder');
    expect([...seen.keys()]).toEqual(['name']);
    expect(await grantedTo(client, ENTITY, ['System.View'])).toBe('NoPermission');
  });

  test('a session that does not exist may do nothing, and that is all that is said', async () => {
    const client = await userWith([{ on: '/', privileges: [SNAPSHOT] }]);
    expect(await grantedTo(client, ENTITY, [SNAPSHOT, 'System.View'], 'no-such-session')).toEqual([false, false]);
  });

  test('a permission on nothing is refused', async () => {
    const users = [{ name: 'admin', password: 'secret', permissions: [{ on: '/dc1/vm/nobody', privileges: [] }] }];
    await expect(startTestSim(worldWith({}, { users }))).rejects.toThrow('nothing is at "/dc1/vm/nobody"');
  });

  /** One object for each method that demands a privilege of an entity; the fields need not make sense to be refused. */
  const onVm = [...demandedPrivileges].filter(
    ([method, privilege]) => privilege.startsWith('VirtualMachine.') && method !== 'RemoveSnapshot_Task',
  );
  test.each(onVm)('%s is refused without %s, whatever else the role has', async (method, privilege) => {
    const others = [...new Set(onVm.map(([, one]) => one))].filter((one) => one !== privilege);
    const client = await userWith([{ on: '/', privileges: others }]);
    const { faultDetail } = await client.call(method, `${VM}${FIELDS[method] ?? ''}`);
    expect(at(faultDetail!, 'privilegeId').text).toBe(privilege);
  });
});

const FIELDS: Readonly<Record<string, string>> = {
  ReconfigVM_Task: '<spec><changeTrackingEnabled>true</changeTrackingEnabled></spec>',
  CreateSnapshot_Task: '<name>s</name><memory>false</memory><quiesce>false</quiesce>',
  CreateSnapshotEx_Task: '<name>s</name><memory>false</memory>',
  QueryChangedDiskAreas: '<deviceKey>2000</deviceKey><startOffset>0</startOffset><changeId>*</changeId>',
};
