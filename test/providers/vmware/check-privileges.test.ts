import { afterEach, describe, expect, test } from 'vitest';
import type { PermissionConfig } from '../../../lab/vcenter-sim/world-config.js';
import type { PrivilegeCheck } from '../../../src/contracts/privileges.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import { diskKey, vmRef } from '../../../src/model/ids.js';
import { phasesOf, privileges } from '../../../src/providers/vmware/privileges.js';
import { role } from '../../../src/providers/vmware/role.js';
import { PASSWORD, startVmwareLab, USER, type VmwareLab } from './lab.js';

const MiB = 2 ** 20;
const METHOD = 'HasPrivilegeOnEntities';
const DB = vmRef('vm-300');
const WEB = vmRef('vm-301');
const SNAPSHOT = 'VirtualMachine.State.CreateSnapshot';

let lab: VmwareLab;
afterEach(() => lab[Symbol.asyncDispose]());

interface Wanted {
  readonly permissions?: readonly PermissionConfig[];
  readonly more?: number;
}

/** Two VMs in two folders, and as many more as a test wants, for an account with these permissions. */
async function start({ permissions, more = 0 }: Wanted = {}): Promise<SourceProvider> {
  const disks = [{ capacityBytes: MiB }];
  const names = Array.from({ length: more }, (_, index) => ({ name: `m${index}`, moref: `vm-${1000 + index}`, disks }));
  lab = await startVmwareLab({
    users: [{ name: USER, password: PASSWORD, ...(permissions === undefined ? {} : { permissions }) }],
    datacenters: [
      {
        name: 'DC1',
        vms: [
          { name: 'db', moref: DB, folder: 'erp', cbtEnabled: true, disks },
          { name: 'web', moref: WEB, folder: 'shop', disks },
          ...names,
        ],
      },
    ],
  });
  const source = await lab.open();
  await source.identify();
  return source;
}

const ask = (source: SourceProvider, vms = [DB, WEB], storage = false) => source.checkPrivileges!({ vms, storage });
const told = (checks: readonly PrivilegeCheck[], verdict: PrivilegeCheck['verdict']): string[] =>
  checks.filter((check) => check.verdict === verdict).map(({ object, privilege }) => `${object}: ${privilege}`);
const calls = (): number => lab.sim.control.calls().calls.filter(({ method }) => method === METHOD).length;
const without = (privilege: string): string[] => role.privileges.filter((one) => one !== privilege);

describe('what an account may do', () => {
  test('an administrator may do all of it', async () => {
    const checks = await ask(await start(), [DB, WEB], true);
    expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(['allowed']));
    expect(checks.filter(({ vm }) => vm === undefined).map(({ object }) => object)).toContain(checks.at(-1)!.object);
    expect(checks.at(-1)!.object).toMatch(/^Datastore datastore-\d+ \(ds1\)$/);
  });

  test('what is missing is told by object: another folder has another role', async () => {
    const source = await start({
      permissions: [
        { on: '/DC1', privileges: role.privileges },
        { on: '/DC1/vm/shop', privileges: without(SNAPSHOT) },
        { on: '/DC1/datastore', privileges: ['Datastore.Browse'] },
      ],
    });
    const checks = await ask(source, [DB, WEB], true);
    expect(told(checks, 'refused')).toEqual([
      `VirtualMachine ${WEB}: ${SNAPSHOT}`,
      expect.stringMatching(/^Datastore .*: Datastore\.FileManagement$/),
    ]);
    expect(told(checks, 'unknown')).toEqual([]);
  });

  test('120 VMs are three calls', async () => {
    const source = await start({ more: 118 });
    const vms = [DB, WEB, ...Array.from({ length: 118 }, (_, index) => vmRef(`vm-${1000 + index}`))];
    const checks = await ask(source, vms);
    expect([calls(), new Set(checks.map(({ vm }) => vm)).size]).toEqual([3, 120]);
  });

  test('a VM that may not be read, and one that is gone, do not spoil the answer for the others', async () => {
    const source = await start({ permissions: [{ on: '/DC1/vm/erp', privileges: role.privileges }] });
    const checks = await ask(source, [WEB, DB, vmRef('vm-999')]);
    const verdicts = (vm: string) => [...new Set(checks.filter((check) => check.vm === vm).map(({ verdict }) => verdict))];
    expect([verdicts(DB), verdicts(WEB), verdicts('vm-999')]).toEqual([['allowed'], ['unknown'], ['unknown']]);
    expect(checks.find(({ vm }) => vm === WEB)!.why).toContain('NoPermission');
  });

  test('without VMs the root is asked; that it is not granted there says nothing of folders below', async () => {
    const source = await start({ permissions: [{ on: '/', privileges: without(SNAPSHOT) }] });
    const checks = await ask(source, []);
    expect(told(checks, 'refused')).toEqual([]);
    expect(told(checks, 'unknown')).toEqual([`Folder group-d1 (root folder): ${SNAPSHOT}`]);
  });
});

describe('a vCenter that does not tell', () => {
  test.each(['MethodNotFound', 'NotSupported', 'NotImplemented', 'NoPermission', 'SystemError'])('%s', async (type) => {
    const source = await start();
    lab.sim.control.addFault({ method: METHOD, times: 'always', do: { fault: { type } } });
    const checks = await ask(source);
    expect([...new Set(checks.map(({ verdict }) => verdict))]).toEqual(['unknown']);
    expect(checks[0]!.why).toContain(type);
    expect(calls()).toBe(1);
  });

  test('a connection that breaks', async () => {
    const source = await start();
    lab.sim.control.addFault({ method: METHOD, times: 'always', do: { drop: true } });
    expect(new Set((await ask(source)).map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
  });

  test('a session that ends right before: the new one is asked about, and not the one that is gone', async () => {
    const source = await start();
    await ask(source);
    lab.sim.control.killSessions({});
    expect(new Set((await ask(source)).map(({ verdict }) => verdict))).toEqual(new Set(['allowed']));
  });
});

describe('the role of the table', () => {
  test('is enough for all that is done with a VM, granted on its datacenter alone', async () => {
    const source = await start({ permissions: [{ on: '/DC1', privileges: role.privileges }] });
    const [found] = await source.observe([{ kind: 'path', path: '/DC1/vm/erp/db' }]);
    expect(found!.kind).toBe('found');
    await source.enableChangeTracking(WEB);
    const first = await source.createSnapshot(DB, { name: 'migplan-1', description: '' });
    await source.changedExtents(first, diskKey(2000), first.disks[0]!.changeId!);
    await source.removeSnapshot(DB, first.ref);
    await source.shutdownGuest(DB);
    await source.powerOff(WEB);
    expect((await source.list()).map(({ name }) => name)).toContain('web');
  });

  const acts: Readonly<Record<string, (source: SourceProvider) => Promise<unknown>>> = {
    'VirtualMachine.Config.ChangeTracking': (source) => source.enableChangeTracking(WEB),
    [SNAPSHOT]: (source) => source.createSnapshot(DB, { name: 'migplan-1', description: '' }),
    'VirtualMachine.State.RemoveSnapshot': async (source) => {
      const { ref } = await source.createSnapshot(DB, { name: 'migplan-1', description: '' });
      await source.removeSnapshot(DB, ref);
    },
    'VirtualMachine.Provisioning.DiskRandomRead': async (source) => {
      const frozen = await source.createSnapshot(DB, { name: 'migplan-1', description: '' });
      await source.changedExtents(frozen, diskKey(2000), frozen.disks[0]!.changeId!);
    },
    'VirtualMachine.Interact.PowerOff': (source) => source.powerOff(DB),
  };

  test.each(privileges.filter(({ on, evidence }) => on === 'VirtualMachine' && evidence === 'certain'))(
    '$privilege: without it the question says so, and so does the act, with object and phases',
    async ({ privilege, use }) => {
      const source = await start({ permissions: [{ on: '/DC1', privileges: without(privilege) }] });
      expect(told(await ask(source, [DB]), 'refused')).toEqual([`VirtualMachine ${DB}: ${privilege}`]);
      const refusal = await acts[privilege]!(source).then(
        () => undefined,
        (error: { details: { detail: string; nextSteps: readonly string[] } }) => error.details,
      );
      expect(refusal!.detail).toMatch(new RegExp(`privilege ${privilege} on VirtualMachine vm-30[01]`));
      expect(refusal!.detail).toContain(phasesOf[use].join(', '));
      expect(refusal!.nextSteps[0]).toBe(`add to the role that the account has there: govc role.update -a ROLE ${privilege}`);
    },
  );
});
