import { describe, expect, test } from 'vitest';
import { brief } from './conformance/row.js';
import { startFixture } from './sim-fixture.js';

const NOTHING = '00000000-0000-4000-8000-000000000000';

describe('a reader', () => {
  test.each(['old', 'strict'] as const)('may read with %s policies', async (policies) => {
    await using fixture = await startFixture({ policies });
    const reader = await fixture.as('reader');
    for (const [service, path] of [
      ['volumev3', '/volumes/detail'],
      ['volumev3', '/attachments'],
      ['compute', '/servers/detail'],
      ['network', '/v2.0/ports'],
    ] as const) {
      expect((await reader.call(service, 'GET', path, { version: service === 'volumev3' ? '3.44' : '' })).status).toBe(200);
    }
  });

  test('may make volumes with the old policies, as was seen', async () => {
    await using fixture = await startFixture();
    const reader = await fixture.as('reader');
    expect((await reader.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1 } } })).status).toBe(202);
  });

  test('may change nothing with the stricter ones; what a port or a snapshot is for is looked up before', async () => {
    await using fixture = await startFixture({ policies: 'strict' });
    const reader = await fixture.as('reader');
    const member = await fixture.as('demo');
    const network_id = (await member.call('network', 'GET', '/v2.0/networks')).body.networks[0].id;
    const volume_id = fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1 }).id;
    const security_groups = [NOTHING];
    const post = async (client: typeof reader, service: 'network' | 'volumev3', path: string, body: object) =>
      (await client.call(service, 'POST', path, { body })).status;
    expect(brief(await reader.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1 } } }))).toMatch(
      /^403 forbidden: Policy/,
    );
    for (const [client, wanted] of [
      [reader, 403],
      [member, 404],
    ] as const) {
      expect(await post(client, 'network', '/v2.0/ports', { port: { network_id: NOTHING } })).toBe(404);
      expect(await post(client, 'network', '/v2.0/ports', { port: { network_id, security_groups } })).toBe(wanted);
      expect(await post(client, 'volumev3', '/snapshots', { snapshot: { volume_id: NOTHING } })).toBe(404);
    }
    expect(await post(reader, 'volumev3', '/snapshots', { snapshot: { volume_id } })).toBe(403);
    expect(await post(member, 'volumev3', '/snapshots', { snapshot: { volume_id } })).toBe(202);
    expect((await member.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1 } } })).status).toBe(202);
  });
});

describe('os-force_delete', () => {
  const volumes = async (user: 'admin' | 'demo') => {
    const fixture = await startFixture();
    const client = await fixture.as(user, 'demo');
    const make = (status: string) => fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, status }).id;
    const force = async (id: string) =>
      brief(await client.call('volumev3', 'POST', `/volumes/${id}/action`, { body: { 'os-force_delete': {} } }));
    return { fixture, client, make, force };
  };

  test('an administrator deletes what is in error while it is deleted; an attachment protects it', async () => {
    const { fixture, client, make, force } = await volumes('admin');
    await using _ = fixture;
    const [stuck, held] = [make('error_deleting'), make('available')];
    const body = { attachment: { volume_uuid: held } };
    expect((await client.call('volumev3', 'POST', '/attachments', { body, version: '3.54' })).status).toBe(200);
    expect(await force(stuck)).toMatch(/^202/);
    expect(await force(held)).toMatch(/^400/);
    await client.pause();
    fixture.sim.control.advance(60_000);
    expect(fixture.sim.control.volumes().map(({ id }) => id)).toEqual([held]);
  });

  test('a member may not', async () => {
    const { fixture, make, force } = await volumes('demo');
    await using _ = fixture;
    expect(await force(make('error_deleting'))).toMatch(/^403/);
  });
});
