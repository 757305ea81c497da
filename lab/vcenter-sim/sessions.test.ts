import { afterEach, describe, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { at, RawClient } from './raw-client.js';
import { startTestSim, worldWith } from './test-world.js';

let sim: VcenterSim;
afterEach(() => sim.close());

const NOW = '<_this type="ServiceInstance">ServiceInstance</_this>';

describe('sessions', () => {
  test('the first answer sets a cookie that is no login yet', async () => {
    sim = await startTestSim(worldWith());
    const client = new RawClient(sim);
    await client.call('RetrieveServiceContent', NOW);
    const first = client.cookie;
    expect(first).toMatch(/^".*"$/);
    expect((await client.call('CurrentTime', NOW)).fault).toBe('NotAuthenticated');
    await client.login();
    expect(client.cookie).not.toBe(first);
    expect((await client.call('CurrentTime', NOW)).fault).toBeUndefined();
  });

  test('the cookie must come back with its quotes', async () => {
    sim = await startTestSim(worldWith());
    const client = await RawClient.loggedIn(sim);
    client.cookie = client.cookie?.replaceAll('"', '');
    expect((await client.call('CurrentTime', NOW)).fault).toBe('NotAuthenticated');
  });

  test('a wrong password, and a login upon a login', async () => {
    sim = await startTestSim(worldWith());
    expect((await new RawClient(sim).login('wrong')).fault).toBe('InvalidLogin');
    const client = await RawClient.loggedIn(sim);
    expect((await client.login()).fault).toBe('InvalidLogin');
  });

  test('idleness ends a session, activity keeps it', async () => {
    sim = await startTestSim(worldWith());
    const client = await RawClient.loggedIn(sim);
    for (let round = 0; round < 3; round++) {
      sim.control.advanceClock({ minutes: 20 });
      expect((await client.call('CurrentTime', NOW)).fault).toBeUndefined();
    }
    sim.control.advanceClock({ minutes: 31 });
    expect((await client.call('CurrentTime', NOW)).fault).toBe('NotAuthenticated');
  });

  test('killed sessions take their views along; tasks stay', async () => {
    sim = await startTestSim(worldWith());
    const client = await RawClient.loggedIn(sim);
    const fields =
      '<_this type="ViewManager">ViewManager</_this><container type="Folder">group-d1</container><type>VirtualMachine</type><recursive>true</recursive>';
    const view = (await client.call('CreateContainerView', fields)).results[0]!.text;
    await client.createSnapshot();
    expect(sim.control.killSessions({})).toEqual({ killed: 1 });
    client.cookie = undefined;
    await client.login();
    const destroyed = await client.call('DestroyView', `<_this type="ContainerView">${view.replaceAll('&', '&amp;')}</_this>`);
    expect(destroyed.fault).toBe('ManagedObjectNotFound');
    expect((await client.read({ type: 'Task', value: 'task-1' }, 'info')).size).toBe(1);
  });

  test('logins beyond the limit meet the front end', async () => {
    sim = await startTestSim(worldWith({}, { sessions: { limit: 1 } }));
    await RawClient.loggedIn(sim);
    const answer = await new RawClient(sim).login();
    expect([answer.status, answer.fault]).toEqual([503, undefined]);
  });

  test('a missing privilege', async () => {
    const users = [{ name: 'admin', password: 'secret', deniedPrivileges: ['VirtualMachine.State.CreateSnapshot'] }];
    sim = await startTestSim(worldWith({}, { users }));
    const client = await RawClient.loggedIn(sim);
    await expect(client.createSnapshot()).rejects.toThrow('fault NoPermission');
    const { sessions } = sim.control.sessions();
    const fields = `<_this type="AuthorizationManager">AuthorizationManager</_this><entity type="VirtualMachine">vm-1</entity><sessionId>${sessions[0]!.key}</sessionId><privId>VirtualMachine.State.CreateSnapshot</privId><privId>VirtualMachine.Config.ChangeTracking</privId>`;
    const answer = await client.call('HasPrivilegeOnEntities', fields);
    const granted = answer.results[0]!.children.filter(({ local }) => local === 'privAvailability').map(
      (one) => at(one, 'isGranted').text,
    );
    expect(granted.map((text) => ['true', '1'].includes(text))).toEqual([false, true]);
  });

  test('the call log names calls and users, never secrets', async () => {
    sim = await startTestSim(worldWith());
    const client = await RawClient.loggedIn(sim);
    await client.call('CurrentTime', NOW);
    const { calls } = sim.control.calls();
    expect(calls.map(({ method, user }) => [method, user])).toEqual([
      ['Login', undefined],
      ['CurrentTime', 'admin'],
    ]);
    expect(JSON.stringify(calls)).not.toContain('secret');
  });
});
