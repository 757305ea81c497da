import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bestDeviceKind } from './compute/host-devices.js';
import type { CloudConfig } from './config.js';
import type { ConformanceClient } from './conformance/client.js';
import { type SimFixture, startFixture } from './sim-fixture.js';

interface Host {
  readonly fixture: SimFixture;
  readonly client: ConformanceClient;
  readonly byIdDir: string;
  readonly serverId: string;
  /** Plants a volume and attaches it. */
  attach(): Promise<{ id: string; file: string; link: string }>;
  detach(id: string): Promise<number>;
}

async function start(
  host: Partial<CloudConfig['conversionHost']> = {},
  hypervisor: CloudConfig['hypervisor'] = {},
): Promise<Host> {
  const folder = mkdtempSync(join(tmpdir(), 'by-id-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const byIdDir = join(folder, 'by-id');
  const fixture = await startFixture({ hypervisor, conversionHost: { name: 'conv', byIdDir, devices: 'file', ...host } });
  onTestFinished(() => fixture[Symbol.asyncDispose]());
  const client = await fixture.as('demo');
  const serverId = fixture.sim.control.servers()[0]!.id;
  const call = async (method: string, path: string, body?: unknown) => {
    const answer = await client.call('compute', method, `/servers/${serverId}/os-volume_attachments${path}`, {
      version: '2.93',
      ...(body !== undefined && { body }),
    });
    fixture.sim.control.advance(100);
    return answer;
  };
  return {
    fixture,
    client,
    byIdDir,
    serverId,
    attach: async () => {
      const { id, file } = fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1 });
      await call('POST', '', { volumeAttachment: { volumeId: id } });
      return { id, file, link: join(byIdDir, `virtio-${id.slice(0, 20)}`) };
    },
    detach: async (id) => (await call('DELETE', `/${id}`)).status,
  };
}

describe('the conversion host', () => {
  test('is a running server that boots from a volume of its own, which shows', async () => {
    const { fixture, client, byIdDir, serverId } = await start();
    const { body } = await client.call('compute', 'GET', `/servers/${serverId}`, { version: '2.93' });
    expect(body.server).toMatchObject({ name: 'conv', status: 'ACTIVE' });
    const [root] = fixture.sim.control.volumes();
    expect(root).toMatchObject({ name: 'conv-root', status: 'in-use' });
    expect(readdirSync(byIdDir)).toEqual([`virtio-${root!.id.slice(0, 20)}`]);
  });

  test('shows what is attached by its serial, and no longer when it is detached', async () => {
    const { attach, detach } = await start();
    const { id, file, link } = await attach();
    expect(readlinkSync(link)).toBe(file);
    expect(await detach(id)).toBe(202);
    expect(existsSync(link)).toBe(false);
  });

  test('keeps showing what the guest does not let go of', async () => {
    const { attach, detach } = await start({}, { guestsAnswerDetach: false });
    const { id, link } = await attach();
    await detach(id);
    expect(existsSync(link)).toBe(true);
  });

  test('shows nothing that found no slot', async () => {
    const { attach, fixture } = await start({ machineType: 'q35' });
    expect(existsSync((await attach()).link)).toBe(true);
    const second = await attach();
    expect(existsSync(second.link)).toBe(false);
    expect(fixture.sim.control.volumes().find(({ id }) => id === second.id)?.status).toBe('available');
  });

  test('shows nothing, or too little, when told so', async () => {
    const { attach, fixture } = await start({}, { hostShowsDevices: false });
    expect(existsSync((await attach()).link)).toBe(false);
    fixture.sim.control.setHypervisor({ hostShowsDevices: true, hostDeviceMissingBytes: 512 });
    expect(statSync((await attach()).link).size).toBe(2 ** 30 - 512);
  });

  test.runIf(bestDeviceKind(tmpdir()) === 'loop')('gives loop devices, and takes them back', async () => {
    const { attach, detach } = await start({ devices: 'loop' });
    const { id, link } = await attach();
    expect(statSync(link).isBlockDevice()).toBe(true);
    const backing = join('/sys/class/block', readlinkSync(link).slice('/dev/'.length), 'loop/backing_file');
    expect(existsSync(backing)).toBe(true);
    await detach(id);
    expect(existsSync(backing)).toBe(false);
  });
});
