import { closeSync, existsSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConformanceClient } from './conformance/client.js';
import { brief } from './conformance/row.js';
import { startFixture } from './sim-fixture.js';

const create = (client: ConformanceClient, fields: object = {}) =>
  client.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1, ...fields } }, version: '3.59' });

function firstBytes(file: string, length: number): string {
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, bytes, 0, length, 0);
  closeSync(descriptor);
  return bytes.toString();
}

describe('volumes', () => {
  test('creating turns into available with a sparse file, deleting removes it', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const made = await create(client, { size: 2 });
    expect(brief(made, ({ volume }) => [volume.status, volume.size])).toBe('202 ["creating",2]');
    expect((await client.call('volumev3', 'DELETE', `/volumes/${made.body.volume.id}`)).status).toBe(400);
    fixture.sim.control.advance(100);
    const [volume] = fixture.sim.control.volumes();
    expect(volume).toMatchObject({ status: 'available', project: 'demo', sizeGiB: 2 });
    const file = statSync(volume?.file ?? '');
    expect([file.size, file.blocks]).toEqual([2 * 1024 ** 3, 0]);
    expect((await client.call('volumev3', 'DELETE', `/volumes/${volume?.id}`)).status).toBe(202);
    fixture.sim.control.advance(100);
    expect(existsSync(volume?.file ?? '')).toBe(false);
  });

  test('a connection names the file, and says whether it is encrypted', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const made = await create(client, { volume_type: 'local-luks' });
    fixture.sim.control.advance(100);
    const attachment = { volume_uuid: made.body.volume.id, connector: { host: 'h' } };
    const { body } = await client.call('volumev3', 'POST', '/attachments', { body: { attachment }, version: '3.27' });
    expect(body.attachment.connection_info).toEqual({
      driver_volume_type: 'local',
      device_path: fixture.sim.control.volumes()[0]?.file,
      access_mode: 'rw',
      encrypted: true,
      cacheable: false,
      qos_specs: null,
      volume_id: made.body.volume.id,
      attachment_id: body.attachment.id,
    });
  });

  test('the backend of a type may tell another connection, or none', async () => {
    const rbd = { driver_volume_type: 'rbd', name: 'volumes/volume-VOLUME', ports: ['6789'] };
    const volumeTypes = [
      { name: 'ceph', connection: rbd },
      { name: 'old', connection: {} },
    ];
    await using fixture = await startFixture({ volumeTypes });
    const client = await fixture.as('demo');
    const attach = async (type: string) => {
      const made = await create(client, { volume_type: type });
      fixture.sim.control.advance(100);
      const attachment = { volume_uuid: made.body.volume.id, connector: { host: 'h' } };
      return (await client.call('volumev3', 'POST', '/attachments', { body: { attachment }, version: '3.27' })).body.attachment;
    };
    const { id, volume_id, connection_info } = await attach('ceph');
    expect(connection_info).toEqual({ ...rbd, name: `volumes/volume-${volume_id}`, attachment_id: id });
    expect((await attach('old')).connection_info).toEqual({});
  });

  test('a volume from an image has its content, properties and facts about it', async () => {
    await using outer = await startFixture();
    const file = join(outer.stateDir, 'image.raw');
    writeFileSync(file, 'boot sector');
    await using fixture = await startFixture({ images: [{ name: 'tiny', file, properties: { hw_machine_type: 'pc' } }] });
    const client = await fixture.as('demo');
    const { body } = await client.call('image', 'GET', '/v2/images?name=tiny');
    await create(client, { imageRef: body.images[0].id });
    fixture.sim.control.advance(100);
    const [volume] = fixture.sim.control.volumes();
    expect(volume).toMatchObject({ bootable: true, imageMetadata: { hw_machine_type: 'pc', image_name: 'tiny', size: '11' } });
    expect(firstBytes(volume?.file ?? '', 12)).toBe('boot sector\0');
  });

  test('a backend without room: 202, then error, and the reason in the messages only', async () => {
    await using fixture = await startFixture({ backendCapacityGiB: 10 });
    const client = await fixture.as('demo');
    fixture.sim.control.setBackend({ usedElsewhereGiB: 9 });
    const made = await create(client, { size: 2 });
    expect(made.status).toBe(202);
    fixture.sim.control.advance(100);
    const shown = await client.call('volumev3', 'GET', `/volumes/${made.body.volume.id}`);
    expect(shown.body.volume.status).toBe('error');
    const { body } = await client.call('volumev3', 'GET', `/messages?resource_uuid=${made.body.volume.id}`, { version: '3.5' });
    expect(body.messages[0]).toMatchObject({
      user_message: 'schedule allocate volume:Could not find any available weighted backend.',
      request_id: made.headers.get('X-Openstack-Request-Id'),
    });
    expect((await client.call('volumev3', 'GET', '/messages')).status).toBe(404);
  });

  test('whether a type is encrypted is told to administrators only', async () => {
    await using fixture = await startFixture();
    const [member, admin] = [await fixture.as('demo'), await fixture.as('admin')];
    const { body } = await member.call('volumev3', 'GET', '/types');
    const idOf = (name: string): string => body.volume_types.find((type: { name: string }) => type.name === name).id;
    const path = (name: string): string => `/types/${idOf(name)}/encryption`;
    expect((await member.call('volumev3', 'GET', path('local-luks'))).status).toBe(403);
    expect((await admin.call('volumev3', 'GET', path('local-luks'))).body).toMatchObject({ provider: 'luks' });
    expect((await admin.call('volumev3', 'GET', path('local'))).body).toEqual({});
  });

  test('a snapshot that is being made is no origin, and a clone is made in its zone only', async () => {
    await using fixture = await startFixture({ availabilityZones: ['nova', 'az2'] });
    const client = await fixture.as('demo');
    const made = await create(client, { volume_type: 'local-luks', availability_zone: 'az2' });
    fixture.sim.control.advance(100);
    const { body } = await client.call('volumev3', 'POST', '/snapshots', {
      body: { snapshot: { volume_id: made.body.volume.id } },
    });
    const clone = (fields: object = {}) => create(client, { snapshot_id: body.snapshot.id, ...fields });
    expect(brief(await clone())).toBe(
      "400 badRequest: Invalid snapshot: Originating snapshot status must be one of 'available' values",
    );
    fixture.sim.control.advance(100);
    expect(brief(await clone({ availability_zone: 'nova' }))).toBe(
      '400 badRequest: Invalid input received: Volume must be in the same availability zone as the snapshot',
    );
    const { volume } = (await clone()).body;
    expect([volume.volume_type, volume.availability_zone, volume.encrypted]).toEqual(['local-luks', 'az2', true]);
  });

  test('snapshots protect from deletion, cascade takes them along', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const { body } = await create(client);
    fixture.sim.control.advance(100);
    const { id } = body.volume;
    expect((await client.call('volumev3', 'POST', '/snapshots', { body: { snapshot: { volume_id: id } } })).status).toBe(202);
    expect((await client.call('volumev3', 'DELETE', `/volumes/${id}`)).status).toBe(400);
    expect((await client.call('volumev3', 'DELETE', `/volumes/${id}?cascade=true`)).status).toBe(202);
    fixture.sim.control.advance(100);
    expect((await client.call('volumev3', 'GET', '/snapshots/detail')).body.snapshots).toEqual([]);
  });

  test('a multiattach type takes a second holder', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const { body } = await create(client, { volume_type: 'local-multi' });
    fixture.sim.control.advance(100);
    const hold = () =>
      client.call('volumev3', 'POST', '/attachments', { body: { attachment: { volume_uuid: body.volume.id } }, version: '3.27' });
    const first = await hold();
    await client.call('volumev3', 'POST', `/attachments/${first.body.attachment.id}/action`, {
      body: { 'os-complete': null },
      version: '3.44',
    });
    expect((await hold()).status).toBe(200);
  });
});

describe('who may see what', () => {
  test("another project's volume is 404; its attachment can be read by id, not listed or deleted", async () => {
    await using fixture = await startFixture();
    const [demo, other] = [await fixture.as('demo'), await fixture.as('other')];
    const { body } = await create(demo);
    fixture.sim.control.advance(100);
    const { id } = body.volume;
    expect(brief(await other.call('volumev3', 'GET', `/volumes/${id}`))).toBe(
      '404 itemNotFound: Volume <id> could not be found.',
    );
    const held = await demo.call('volumev3', 'POST', '/attachments', {
      body: { attachment: { volume_uuid: id, connector: { host: 'h' } } },
      version: '3.27',
    });
    const path = `/attachments/${held.body.attachment.id}`;
    const read = await other.call('volumev3', 'GET', path, { version: '3.27' });
    expect(read.body.attachment.connection_info.driver_volume_type).toBe('local');
    expect((await other.call('volumev3', 'GET', '/attachments', { version: '3.27' })).body.attachments).toEqual([]);
    expect((await other.call('volumev3', 'DELETE', path, { version: '3.27' })).status).toBe(403);
  });

  test('a reader may create volumes and write metadata, an admin sees all projects', async () => {
    await using fixture = await startFixture();
    const { body } = await create(await fixture.as('reader'));
    const answer = await (await fixture.as('reader')).call('volumev3', 'POST', `/volumes/${body.volume.id}/metadata`, {
      body: { metadata: { k: 'v' } },
    });
    expect(answer.status).toBe(200);
    const admin = await fixture.as('admin');
    expect((await admin.call('volumev3', 'GET', '/volumes/detail')).body.volumes).toHaveLength(0);
    expect((await admin.call('volumev3', 'GET', '/volumes/detail?all_tenants=1')).body.volumes).toHaveLength(1);
  });
});

describe('lists', () => {
  const names = async (client: ConformanceClient, path: string) => {
    const { body } = await client.call('volumev3', 'GET', path);
    return body.volumes.map(({ name }: { name: string }) => name);
  };

  test('pages follow the next link; an exactly full page has one too', async () => {
    await using fixture = await startFixture({ pageSize: 3 });
    const client = await fixture.as('demo');
    for (let index = 0; index < 6; index++) {
      fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, name: `v${index}` });
      fixture.sim.control.advance(1000);
    }
    const seen: string[][] = [];
    let path: string | undefined = '/volumes/detail?limit=100';
    for (let pages = 0; path !== undefined && pages < 10; pages++) {
      const { body }: Awaited<ReturnType<ConformanceClient['call']>> = await client.call('volumev3', 'GET', path);
      seen.push(body.volumes.map(({ name }: { name: string }) => name));
      const next: string | undefined = body.volumes_links?.[0]?.href;
      path = next === undefined ? undefined : `/volumes/detail${new URL(next).search}`;
    }
    expect(seen).toEqual([['v5', 'v4', 'v3'], ['v2', 'v1', 'v0'], []]);
  });

  test('limit, sort, bad limit, unknown marker', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    for (const name of ['b', 'a', 'c']) fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, name });
    expect(await names(client, '/volumes/detail?sort=name:asc&limit=2')).toEqual(['a', 'b']);
    expect(await names(client, '/volumes/detail?sort_key=name&sort_dir=desc')).toEqual(['c', 'b', 'a']);
    expect((await client.call('volumev3', 'GET', '/volumes/detail?limit=x')).status).toBe(400);
    expect((await client.call('volumev3', 'GET', '/volumes/detail?marker=none')).status).toBe(404);
  });

  test('without resource filters every filter of a member is dropped, an admin keeps his', async () => {
    await using fixture = await startFixture({ resourceFilters: 'off' });
    fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, name: 'one', metadata: { vm: '1' } });
    fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, name: 'two', metadata: { vm: '2' } });
    const path = `/volumes/detail?metadata=${encodeURIComponent("{'vm':'1'}")}`;
    expect(await names(await fixture.as('demo'), path)).toHaveLength(2);
    expect(await names(await fixture.as('admin', 'demo'), path)).toEqual(['one']);
  });
});
