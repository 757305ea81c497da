import { describe, expect, test } from 'vitest';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import type { TargetProvider } from '../../../src/contracts/target-provider.js';
import { volumeId } from '../../../src/model/ids.js';
import { planMigration } from '../../../src/plan/plan-migration.js';
import * as s from '../../plan/plan-fixture.js';
import { OldCloud } from './old-cloud.js';

const MAC = 'fa:16:3e:00:00:01';

/** A server whose port, and whatever else a tenant may set, is set. */
async function plantFull(old: OldCloud, port: Readonly<Record<string, unknown>>, server: Readonly<Record<string, unknown>> = {}) {
  const { control } = old.cloud.sim;
  const planted = await old.plant({ mac: MAC, port, server });
  return { ...planted, port: control.ports().find(({ deviceId }) => deviceId === planted.id)!.id };
}

async function observed(source: SourceProvider, id: string) {
  const [lookup] = await source.observe([{ kind: 'server', server: id }]);
  return lookup?.kind === 'found' ? lookup.vm : expect.unreachable(JSON.stringify(lookup));
}

/** The server, planned with `server: {}`. */
async function planOf(source: SourceProvider, target: TargetProvider, id: string) {
  const vm = await observed(source, id);
  const { catalog } = await target.observe();
  const desired = s.desired({
    ...s.cold,
    source: { provider: 'old', vm: { kind: 'server', server: id } },
    target: { provider: 'new', server: { name: 'legacy-app' } },
  });
  const world = s.observed({ source: { kind: 'found', vm }, volumes: {}, catalog: { ...catalog, ports: [] } });
  return planMigration(desired, world, { now: s.NOW });
}

/** Its create-server action. */
async function planned(source: SourceProvider, target: TargetProvider, id: string) {
  const plan = await planOf(source, target, id);
  const action = plan.actions.find(({ kind }) => kind === 'create-server');
  return { plan, action: action?.kind === 'create-server' ? action : expect.unreachable(JSON.stringify(plan.diagnostics)) };
}

describe('a server of a source cloud is made again as it was', () => {
  test('several fixed addresses, address pairs, groups of this port, and a port that is down', async () => {
    await using old = await OldCloud.start({ securityGroups: [{ name: 'web', project: 'demo' }] });
    const groups = await old.groupIds('web');
    const { id } = await plantFull(old, {
      fixed_ips: [{ ip_address: '192.168.88.21' }, { ip_address: '192.168.88.20' }],
      allowed_address_pairs: [{ ip_address: '192.168.88.250' }, { ip_address: '10.0.0.0/24', mac_address: '00:00:5e:00:01:01' }],
      security_groups: groups,
      admin_state_up: false,
    });
    await using source = await old.open();
    await using target = await old.cloud.open();
    const { action } = await planned(source, target, id);
    expect(action.nics).toEqual([
      {
        network: 'lan',
        mac: MAC,
        fixedIps: ['192.168.88.21', '192.168.88.20'],
        securityGroups: ['web'],
        allowedAddressPairs: [{ ip: '10.0.0.0/24', mac: '00:00:5e:00:01:01' }, { ip: '192.168.88.250' }],
        connected: false,
      },
    ]);
  });

  test('port security that is off, and a port in no group', async () => {
    await using old = await OldCloud.start();
    const open = await plantFull(old, { port_security_enabled: false });
    const closed = await old.plant({ name: 'closed', port: { security_groups: [] } });
    await using source = await old.open();
    await using target = await old.cloud.open();
    expect((await planned(source, target, open.id)).action.nics).toMatchObject([{ portSecurity: false }]);
    expect((await planned(source, target, closed.id)).action.nics).toMatchObject([{ securityGroups: [] }]);
  });

  test('each port its own groups, not the union on every NIC', async () => {
    await using old = await OldCloud.start({
      securityGroups: [
        { name: 'web', project: 'demo' },
        { name: 'db', project: 'demo' },
      ],
    });
    const [web] = await old.groupIds('web');
    const [db] = await old.groupIds('db');
    const { id } = await old.plant({ ports: [{ security_groups: [web] }, { security_groups: [db] }] });
    await using source = await old.open();
    await using target = await old.cloud.open();
    const { action } = await planned(source, target, id);
    expect(action.nics.map(({ securityGroups }) => securityGroups)).toEqual([['web'], ['db']]);
  });

  test('a NIC without an address never gets that of a server that has not moved yet: Nova refuses such a port, so the plan does', async () => {
    await using old = await OldCloud.start();
    const { id, port } = await plantFull(old, {});
    old.cloud.sim.control.givePort(port, { fixed_ips: [] });
    await using source = await old.open();
    await using target = await old.cloud.open();
    expect((await observed(source, id)).nics).toMatchObject([{ mac: MAC, addresses: [] }]);
    const { actions, diagnostics } = await planOf(source, target, id);
    expect(diagnostics).toMatchObject([
      { severity: 'error', code: 'MP2032', detail: expect.stringContaining('the NIC has no address on the source') },
    ]);
    expect(actions).toEqual([]);
  });

  test('what is planned is what the destination gets, and a second try takes it as it is', async () => {
    await using old = await OldCloud.start({ securityGroups: [{ name: 'web', project: 'demo' }] });
    await using target = await old.cloud.open();
    const { control } = old.cloud.sim;
    const volume = control.createVolume({ project: 'demo', sizeGiB: 1, bootable: true });
    const ports = [
      {
        network: 'lan',
        fixedIps: ['192.168.88.31', '192.168.88.30'],
        securityGroups: ['web'],
        allowedAddressPairs: [{ ip: '192.168.88.250' }, { ip: '10.0.0.0/24', mac: '00:00:5E:00:01:01' }],
        connected: false,
      },
      { network: 'lan', portSecurity: false },
      { network: 'lan', securityGroups: [] },
    ] as const;
    const request = {
      name: 'new',
      flavor: 'm1.small',
      description: 'the ERP',
      tags: ['a b', 'gold'],
      ports,
      volumes: [volumeId(volume.id)],
      metadata: { role: 'erp', migplan_vm: 'x' },
      identityKey: 'migplan_vm',
    };
    // Nova refuses once: the ports of that try are used again, as they are what is wanted.
    control.addFault({ service: 'compute', method: 'POST', path: '/servers$', nth: 1, do: { status: 403 } });
    await expect(target.createServer(request)).rejects.toThrow();
    const first = control.ports().map(({ id }) => id);
    const { id } = await target.createServer(request);
    const made = control.ports();
    expect(made.map((port) => port.id)).toEqual(first);
    expect(made.map(({ fixedIps }) => fixedIps.map(({ address }) => address))).toEqual([
      ['192.168.88.31', '192.168.88.30'],
      [expect.any(String)],
      [expect.any(String)],
    ]);
    expect(made[0]).toMatchObject({
      adminStateUp: false,
      securityGroups: await old.groupIds('web'),
      allowedAddressPairs: [
        { ip_address: '192.168.88.250', mac_address: made[0]!.macAddress },
        { ip_address: '10.0.0.0/24', mac_address: '00:00:5e:00:01:01' },
      ],
    });
    expect(made[1]).toMatchObject({ portSecurity: false, securityGroups: [], adminStateUp: true });
    expect(made[2]).toMatchObject({ portSecurity: true, securityGroups: [] });
    const { body } = await (await old.client()).call('compute', 'GET', `/servers/${id}`, { version: '2.93' });
    expect(body.server).toMatchObject({ description: 'the ERP', tags: ['a b', 'gold'], metadata: request.metadata });
  });

  test('metadata, tags and description', async () => {
    await using old = await OldCloud.start();
    const { id } = await plantFull(
      old,
      {},
      { metadata: { role: 'erp', migplan_vm: 'of an earlier migration' }, tags: ['gold', 'a b'], description: 'the ERP' },
    );
    await using source = await old.open();
    await using target = await old.cloud.open();
    const { action } = await planned(source, target, id);
    expect(action.server).toEqual({
      name: 'legacy-app',
      flavor: 'm1.small',
      description: 'the ERP',
      metadata: { role: 'erp' },
      tags: ['a b', 'gold'],
    });
  });
});
