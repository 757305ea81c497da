import { describe, expect, test } from 'vitest';
import type { ConformanceClient } from './conformance/client.js';
import { brief } from './conformance/row.js';
import { type SimFixture, startFixture } from './sim-fixture.js';

const VERSION = '2.93';
const nova = (client: ConformanceClient, method: string, path: string, body?: unknown) =>
  client.call('compute', method, path, { version: VERSION, ...(body !== undefined && { body }) });

const plant = (fixture: SimFixture, imageMetadata: Record<string, string> = {}, more: object = {}) =>
  fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, bootable: true, imageMetadata, ...more });

const mapping = (uuid: string, boot_index: number, more: object = {}) => ({
  uuid,
  source_type: 'volume',
  destination_type: 'volume',
  boot_index,
  delete_on_termination: false,
  ...more,
});

async function boot(
  fixture: SimFixture,
  client: ConformanceClient,
  devices: object[],
  networks: unknown = 'none',
): Promise<string> {
  const server = { name: 'web', flavorRef: 'm1.tiny', networks, block_device_mapping_v2: devices };
  const made = await nova(client, 'POST', '/servers', { server });
  expect(made.status, JSON.stringify(made.body)).toBe(202);
  fixture.sim.control.advance(100);
  return made.body.server.id;
}

const statusOf = (fixture: SimFixture, id: string) => fixture.sim.control.volumes().find((volume) => volume.id === id)?.status;

describe('the guest', () => {
  const types: readonly (readonly [asked: string | undefined, got: string])[] = [
    ['q35', 'pc-q35-7.2'],
    ['pc', 'pc-i440fx-7.2'],
    [undefined, 'pc-i440fx-7.2'],
    ['pc-i440fx-6.2', 'pc-i440fx-6.2'],
    ['pc-q35-6.2', 'pc-q35-6.2'],
  ];
  test.each(types)('machine type %s becomes %s', async (asked, got) => {
    await using fixture = await startFixture();
    const root = plant(fixture, asked === undefined ? {} : { hw_machine_type: asked });
    await boot(fixture, await fixture.as('demo'), [mapping(root.id, 0)]);
    expect(fixture.sim.control.servers()[0]?.domain?.machineType).toBe(got);
  });

  test('disks in list order with serials, a sata one apart; firmware, ports and their MACs', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const root = plant(fixture, {
      hw_machine_type: 'q35',
      hw_firmware_type: 'uefi',
      os_secure_boot: 'required',
      hw_vif_model: 'e1000',
    });
    const [data, sata] = [plant(fixture), plant(fixture)];
    const networks = await client.call('network', 'GET', '/v2.0/networks?name=demo-net');
    const port = { network_id: networks.body.networks[0].id, mac_address: '00:50:56:aa:bb:07' };
    const made = await client.call('network', 'POST', '/v2.0/ports', { body: { port } });
    const devices = [mapping(root.id, 0), mapping(sata.id, -1, { disk_bus: 'sata' }), mapping(data.id, -1)];
    const id = await boot(fixture, client, devices, [{ port: made.body.port.id }]);
    const domain = fixture.sim.control.servers()[0]?.domain;
    expect(domain?.disks.map(({ device, bus, serial }) => [device, bus, serial])).toEqual([
      ['vda', 'virtio', root.id],
      ['sda', 'sata', sata.id],
      ['vdb', 'virtio', data.id],
    ]);
    expect(domain).toMatchObject({
      firmware: 'uefi',
      secureBoot: true,
      interfaces: [{ macAddress: '00:50:56:aa:bb:07', model: 'e1000' }],
    });
    const shown = await client.call('network', 'GET', `/v2.0/ports/${made.body.port.id}`);
    expect(shown.body.port).toMatchObject({ status: 'ACTIVE', device_owner: 'compute:nova', device_id: id });
    await nova(client, 'DELETE', `/servers/${id}`);
    fixture.sim.control.advance(100);
    expect(fixture.sim.control.ports()).toMatchObject([{ status: 'DOWN', deviceId: '' }]);
    expect(statusOf(fixture, root.id)).toBe('available');
  });

  test('the machine type is fixed at first boot', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const root = plant(fixture, { hw_machine_type: 'q35' });
    const id = await boot(fixture, client, [mapping(root.id, 0)]);
    fixture.sim.control.changeVolume(root.id, { imageMetadata: { hw_machine_type: 'pc' } });
    for (const action of ['os-stop', 'os-start']) {
      expect((await nova(client, 'POST', `/servers/${id}/action`, { [action]: null })).status).toBe(202);
      fixture.sim.control.advance(100);
    }
    expect(fixture.sim.control.servers()[0]?.domain?.machineType).toBe('pc-q35-7.2');
    await nova(client, 'DELETE', `/servers/${id}`);
    fixture.sim.control.advance(100);
    await boot(fixture, client, [mapping(root.id, 0)]);
    expect(fixture.sim.control.servers()[0]?.domain?.machineType).toBe('pc-i440fx-7.2');
  });

  test.each([
    ['that was asked for at first boot, whatever the volume says by now', { hw_machine_type: 'q35' }, 'q35'],
    ['that was the default then', {}, 'pc'],
  ])('an image of the server tells the machine type %s', async (_name, asked: Record<string, string>, type) => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const root = plant(fixture, asked);
    const id = await boot(fixture, client, [mapping(root.id, 0)]);
    fixture.sim.control.changeVolume(root.id, { imageMetadata: { hw_machine_type: 'pc-i440fx-6.2' } });
    const made = await nova(client, 'POST', `/servers/${id}/action`, { createImage: { name: 'probe' } });
    const image = await client.call('image', 'GET', `/v2/images/${made.body.image_id}`);
    expect(image.body).toMatchObject({ name: 'probe', hw_machine_type: type });
    expect((await client.call('volumev3', 'GET', '/snapshots/detail')).body.snapshots).toHaveLength(1);
  });
});

describe('builds that fail', () => {
  test('no valid host keeps the root volume reserved until the server is deleted', async () => {
    await using fixture = await startFixture({ hypervisor: { noValidHost: true } });
    const client = await fixture.as('demo');
    const root = plant(fixture);
    const id = await boot(fixture, client, [mapping(root.id, 0)]);
    const { body } = await nova(client, 'GET', `/servers/${id}`);
    expect([body.server.status, body.server.fault.message]).toEqual(['ERROR', 'No valid host was found. ']);
    expect(statusOf(fixture, root.id)).toBe('reserved');
    await nova(client, 'DELETE', `/servers/${id}`);
    fixture.sim.control.advance(100);
    expect(statusOf(fixture, root.id)).toBe('available');
  });

  test('the action of a build that failed for its machine type says Success', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const id = await boot(fixture, client, [mapping(plant(fixture, { hw_machine_type: 'microvm' }).id, 0)]);
    const { body } = await nova(client, 'GET', `/servers/${id}/os-instance-actions`);
    expect(body.instanceActions).toMatchObject([{ action: 'create', message: null }]);
  });

  test('a data disk held elsewhere refuses the whole request and takes nothing', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const [root, data] = [plant(fixture), plant(fixture)];
    const hold = { attachment: { volume_uuid: data.id } };
    await client.call('volumev3', 'POST', '/attachments', { body: hold, version: '3.27' });
    const devices = [mapping(root.id, 0), mapping(data.id, -1)];
    const server = { name: 'b', flavorRef: 'm1.tiny', networks: 'none', block_device_mapping_v2: devices };
    expect((await nova(client, 'POST', '/servers', { server })).status).toBe(400);
    expect([statusOf(fixture, root.id), statusOf(fixture, data.id)]).toEqual(['available', 'reserved']);
    expect(fixture.sim.control.servers()).toEqual([]);
  });

  test('a full quota is 403 and leaves the volume alone', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    await boot(fixture, client, [mapping(plant(fixture).id, 0)]);
    fixture.sim.control.setQuota('demo', { cores: 1 });
    const root = plant(fixture);
    const server = { name: 'b', flavorRef: 'm1.tiny', networks: 'none', block_device_mapping_v2: [mapping(root.id, 0)] };
    expect(brief(await nova(client, 'POST', '/servers', { server }))).toBe(
      '403 forbidden: Quota exceeded for cores: Requested 1, but already used 1 of 1 cores',
    );
    expect(statusOf(fixture, root.id)).toBe('available');
  });
});

describe('hot-plug', () => {
  const attach = async (fixture: SimFixture, client: ConformanceClient, server: string) => {
    const volume = plant(fixture);
    const answer = await nova(client, 'POST', `/servers/${server}/os-volume_attachments`, {
      volumeAttachment: { volumeId: volume.id, device: '/dev/vdz' },
    });
    fixture.sim.control.advance(100);
    return `${brief(answer, (body) => body.volumeAttachment.device)} ${statusOf(fixture, volume.id)}`;
  };

  test('on q35 the first disk gets in, the next answer 200 and fail later', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const id = await boot(fixture, client, [mapping(plant(fixture, { hw_machine_type: 'q35' }).id, 0)]);
    expect(await attach(fixture, client, id)).toBe('200 "/dev/vdb" in-use');
    expect(await attach(fixture, client, id)).toBe('200 "/dev/vdc" available');
    const { body } = await nova(client, 'GET', `/servers/${id}/os-instance-actions`);
    expect(
      body.instanceActions.map(({ action, message }: { action: string; message: string }) => `${action} ${message}`),
    ).toEqual(['attach_volume Error', 'attach_volume null', 'create null']);
    await nova(client, 'POST', `/servers/${id}/action`, { 'os-stop': null });
    fixture.sim.control.advance(100);
    expect(await attach(fixture, client, id)).toBe('200 "/dev/vdc" in-use');
  });

  test('on pc there is room for more', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const id = await boot(fixture, client, [mapping(plant(fixture).id, 0)]);
    for (const device of ['vdb', 'vdc', 'vdd']) expect(await attach(fixture, client, id)).toBe(`200 "/dev/${device}" in-use`);
  });

  test('a guest that does not answer keeps the disk; a stopped one gives it back', async () => {
    await using fixture = await startFixture({ hypervisor: { guestsAnswerDetach: false } });
    const client = await fixture.as('demo');
    const data = plant(fixture);
    const id = await boot(fixture, client, [mapping(plant(fixture).id, 0), mapping(data.id, -1)]);
    const path = `/servers/${id}/os-volume_attachments/${data.id}`;
    expect((await nova(client, 'DELETE', path)).status).toBe(202);
    expect(statusOf(fixture, data.id)).toBe('detaching');
    fixture.sim.control.advance(100);
    expect(statusOf(fixture, data.id)).toBe('in-use');
    const { body } = await nova(client, 'GET', `/servers/${id}/os-instance-actions`);
    expect(body.instanceActions[0]).toMatchObject({ action: 'detach_volume', message: 'Error' });
    await nova(client, 'POST', `/servers/${id}/action`, { 'os-stop': null });
    fixture.sim.control.advance(100);
    expect((await nova(client, 'DELETE', path)).status).toBe(202);
    fixture.sim.control.advance(100);
    expect(statusOf(fixture, data.id)).toBe('available');
  });
});

describe('the rest of a server', () => {
  test('lists filter by name and page', async () => {
    await using fixture = await startFixture({ pageSize: 1 });
    const client = await fixture.as('demo');
    const id = await boot(fixture, client, [mapping(plant(fixture).id, 0)]);
    const { body } = await nova(client, 'GET', '/servers/detail?name=^w');
    expect(body.servers).toMatchObject([{ id, name: 'web' }]);
    expect(body.servers_links[0].href).toContain(`marker=${id}`);
    expect((await nova(client, 'GET', '/servers/detail?name=nope')).body.servers).toEqual([]);
    expect((await nova(client, 'GET', '/servers/detail?name=*')).status).toBe(400);
  });

  test('delete_on_termination takes the volume along', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const id = await boot(fixture, client, [mapping(plant(fixture).id, 0, { delete_on_termination: true })]);
    expect((await nova(client, 'DELETE', `/servers/${id}`)).status).toBe(204);
    fixture.sim.control.advance(1000);
    expect(fixture.sim.control.volumes()).toEqual([]);
  });

  test('stopping twice is a conflict; members may not see hypervisors', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const id = await boot(fixture, client, [mapping(plant(fixture).id, 0)]);
    const stop = () => nova(client, 'POST', `/servers/${id}/action`, { 'os-stop': null });
    await stop();
    expect(brief(await stop())).toBe(
      `409 conflictingRequest: Cannot 'stop' instance <id> while it is in task_state powering-off`,
    );
    fixture.sim.control.advance(100);
    expect(brief(await stop())).toBe(`409 conflictingRequest: Cannot 'stop' instance <id> while it is in vm_state stopped`);
    expect((await nova(client, 'GET', '/os-hypervisors/detail')).status).toBe(403);
  });
});
