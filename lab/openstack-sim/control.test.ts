import { closeSync, existsSync, openSync, readSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from './resolve-config.js';
import { exampleCloud, startFixture } from './sim-fixture.js';

describe('control API', () => {
  test('everything has its path', async () => {
    await using fixture = await startFixture();
    const call = async (method: string, path: string, body?: unknown) => {
      const request = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
      const response = await fetch(fixture.sim.controlUrl + path, request);
      return [response.status, await response.json()] as const;
    };
    const [, volume] = (await call('POST', '/volumes', {
      project: 'other',
      sizeGiB: 1,
      name: 'foreign',
      metadata: { osm: 'true' },
      imageMetadata: { hw_machine_type: 'pc' },
    })) as [number, { id: string; file: string }];
    expect(volume).toMatchObject({
      project: 'other',
      status: 'available',
      metadata: { osm: 'true' },
      imageMetadata: { hw_machine_type: 'pc' },
    });
    expect(existsSync(volume.file)).toBe(true);
    expect(await call('PATCH', `/volumes/${volume.id}`, { status: 'error' })).toMatchObject([
      200,
      { status: 'error', metadata: { osm: 'true' } },
    ]);
    expect(await call('GET', '/volumes')).toMatchObject([200, [{ name: 'foreign' }]]);
    expect(await call('DELETE', `/volumes/${volume.id}`)).toEqual([200, {}]);
    expect(existsSync(volume.file)).toBe(false);
    for (const path of ['/volumes', '/servers', '/attachments', '/ports']) expect(await call('GET', path)).toEqual([200, []]);
    expect(await call('POST', '/faults', { do: { status: 503 } })).toEqual([200, { id: 'fault-1' }]);
    expect(await call('DELETE', '/faults')).toEqual([200, {}]);
    expect(await call('PATCH', '/quotas/demo', { volumes: 2 })).toMatchObject([200, { volumes: 2, gigabytes: 1000 }]);
    expect(await call('PATCH', '/hypervisor', { noValidHost: true })).toMatchObject([
      200,
      { noValidHost: true, guestsAnswerDetach: true },
    ]);
    expect(await call('PATCH', '/list-order', { seed: 7 })).toEqual([200, { seed: 7 }]);
    expect(await call('PATCH', '/volumes/none', {})).toEqual([400, { error: 'there is no volume none' }]);
    expect((await call('GET', '/nothing'))[0]).toBe(404);
  });

  test('the call log names user, project and path, and holds no secret', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    await client.call('volumev3', 'GET', '/volumes/detail?limit=1');
    const calls = fixture.sim.control.calls();
    expect(calls.at(-1)).toMatchObject({ service: 'volume', method: 'GET', status: 200, user: 'demo', project: 'demo' });
    expect(calls.at(-1)?.path).toMatch(/\/volumes\/detail\?limit=1$/);
    expect(JSON.stringify(calls)).not.toMatch(/gAAAA|"lab"/);
    fixture.sim.control.clearCalls();
    expect(fixture.sim.control.calls()).toEqual([]);
  });

  test('tokens can be taken from everybody', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    fixture.sim.control.expireTokens();
    expect((await client.call('volumev3', 'GET', '/volumes/detail')).status).toBe(401);
  });

  test('lists come in an order of its own for each seed, with the same entries', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const { control } = fixture.sim;
    for (let index = 0; index < 6; index++) control.createVolume({ project: 'demo', sizeGiB: 1, name: `v${index}` });
    const names = async (seed: number): Promise<string[]> => {
      control.setListOrder({ seed });
      const { body } = await client.call('volumev3', 'GET', '/volumes/detail');
      return body.volumes.map(({ name }: { readonly name: string }) => name);
    };
    const orders = [await names(1), await names(2), await names(3)];
    expect(new Set(orders.map((order) => order.join())).size).toBe(3);
    expect(new Set(orders.map((order) => order.toSorted().join()))).toEqual(new Set(['v0,v1,v2,v3,v4,v5']));
    expect(await names(1)).toEqual(orders[0]);
  });

  test('the same calls give the same ids', async () => {
    const ids = async () => {
      await using fixture = await startFixture();
      return [fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1 }).id, (await fixture.as('demo')).projectId];
    };
    expect(await ids()).toEqual(await ids());
  });
});

describe('evidence', () => {
  test('each write of the key that matches keeps a copy; a snapshot is kept when it is gone', async () => {
    await using fixture = await startFixture({ evidence: { claim: { key: 'state', pattern: '^done' }, snapshots: true } });
    const client = await fixture.as('demo');
    const { control } = fixture.sim;
    const { id, file } = control.createVolume({ project: 'demo', sizeGiB: 1, metadata: { state: 'done' } });
    const metadata = (of: Record<string, string>) =>
      client.call('volumev3', 'POST', `/volumes/${id}/metadata`, { body: { metadata: of } });
    await metadata({ state: 'begun' });
    await metadata({ other: 'done' });
    expect(control.claims()).toEqual([]);
    await metadata({ state: 'done 1' });
    writeFileSync(file, 'written later', { flag: 'r+' });
    await client.call('volumev3', 'PUT', `/volumes/${id}/metadata/state`, { body: { meta: { state: 'done 2' } } });
    const [first, second] = control.claims();
    expect([first?.metadata['state'], second?.metadata['state']]).toEqual(['done 1', 'done 2']);
    const begin = (path: string) => {
      const [bytes, descriptor] = [Buffer.alloc(7), openSync(path, 'r')];
      readSync(descriptor, bytes);
      closeSync(descriptor);
      return bytes.toString();
    };
    expect([begin(first!.file), begin(second!.file)]).toEqual(['\0'.repeat(7), 'written']);
    control.forgetClaim(first!.number);
    expect([control.claims().length, existsSync(first!.file)]).toEqual([1, false]);

    const { body } = await client.call('volumev3', 'POST', '/snapshots', { body: { snapshot: { volume_id: id, name: 's' } } });
    control.advance(100);
    await client.call('volumev3', 'DELETE', `/snapshots/${body.snapshot.id}`);
    control.advance(100);
    expect(control.snapshots()).toEqual([]);
    const [frozen] = control.frozenVolumes();
    expect(frozen).toMatchObject({ name: 's', volumeId: id });
    expect(begin(frozen!.file)).toBe('written');
  });
});

describe('configuration', () => {
  test.each([
    [{ ...exampleCloud, projects: [] }, 'projects is empty'],
    [{ ...exampleCloud, users: [] }, 'users is empty'],
    [
      { ...exampleCloud, users: [{ name: 'x', password: 'p', roles: { nope: ['member' as const] } }] },
      'users[x].roles names "nope"',
    ],
    [{ ...exampleCloud, networks: [{ name: 'n', project: 'nope' }] }, 'networks[n].project names "nope"'],
  ])('%#: a reference to nothing is named', (config, message) => {
    expect(() => resolveConfig(config)).toThrow(message);
  });
});
