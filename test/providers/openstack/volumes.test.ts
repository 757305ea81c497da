import { afterEach, describe, expect, test } from 'vitest';
import type { TargetProvider, VolumeRequest } from '../../../src/contracts/target-provider.js';
import { GiB, volumeId } from '../../../src/model/ids.js';
import { refusalOf } from './refusal-of.js';
import { SimCloud } from './sim-cloud.js';

const open: SimCloud[] = [];
afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud[Symbol.asyncDispose]();
});

async function start(...config: Parameters<typeof SimCloud.start>): Promise<{ cloud: SimCloud; provider: TargetProvider }> {
  const cloud = await SimCloud.start(...config);
  open.push(cloud);
  return { cloud, provider: await cloud.open() };
}

const request = (change: Partial<VolumeRequest> = {}): VolumeRequest => ({
  name: 'erp-db01-2000',
  sizeGiB: 2,
  metadata: { osm: 'true', migplan: '{"v":1,"run":"r1"}' },
  ...change,
});

describe('createVolume', () => {
  test('type and zone are passed on', async () => {
    const { provider, cloud } = await start();
    expect(await provider.createVolume(request({ type: 'local', availabilityZone: 'az2' }))).toMatchObject({
      type: 'local',
      size: 2 * GiB,
    });
    expect((await refusalOf(provider.createVolume(request({ availabilityZone: 'mars' })))).said).toContain(
      "conflict MP4002 HTTP 400: Availability zone 'mars' is invalid",
    );
    expect((await refusalOf(provider.createVolume(request({ type: 'none' })))).said).toContain('not-found MP4006 HTTP 404');
    expect(cloud.sim.control.volumes()).toHaveLength(1);
  });

  test.each([
    ['the connection is cut', { drop: true }],
    ['a proxy answers', { html503: true }],
    ['the gateway times out', { status: 504 }],
    ['the service fails after its work', { status: 500 }],
    ['the answer is cut off', { truncateBytes: 40 }],
  ] as const)('an answer that is lost makes no second volume: %s', async (_name, effect) => {
    const { provider, cloud } = await start();
    const others = [request(), request({ name: 'erp-db01-2001' }), request({ metadata: { migplan: 'r0' } })];
    for (const other of others.slice(1)) await provider.createVolume(other);
    cloud.sim.control.addFault({ service: 'volume', method: 'POST', path: '/volumes$', nth: 1, when: 'after', do: effect });
    const made = await provider.createVolume(request());
    expect(made).toMatchObject({ status: 'available', metadata: request().metadata });
    expect(cloud.sim.control.volumes().filter(({ name }) => name === request().name)).toHaveLength(2);
    expect(cloud.count('POST', /\/volumes$/)).toBe(3);
  });

  test('a request that never arrived is sent again, after looking for what it might have made', async () => {
    const { provider, cloud } = await start();
    cloud.sim.control.addFault({ service: 'volume', method: 'POST', path: '/volumes$', times: 2, do: { drop: true } });
    await provider.createVolume(request());
    expect(cloud.sim.control.volumes()).toHaveLength(1);
    expect(cloud.count('POST', /\/volumes$/)).toBe(3);
    expect(cloud.count('GET', /\/volumes\/detail/)).toBeGreaterThan(4);
  });

  test('a service that stays away is given up', async () => {
    const { provider, cloud } = await start();
    cloud.sim.control.addFault({ service: 'volume', method: 'POST', path: '/volumes$', do: { html503: true } });
    expect((await refusalOf(provider.createVolume(request()))).said).toMatch(
      /^transient MP4003 HTTP 503 from 127\.0\.0\.1:\d+: an HTML page/,
    );
    expect(cloud.count('POST', /\/volumes$/)).toBe(3);
  });

  test('with a lost answer and two alike, none is taken', async () => {
    const { provider, cloud } = await start();
    await provider.createVolume(request());
    cloud.sim.control.addFault({
      service: 'volume',
      method: 'POST',
      path: '/volumes$',
      nth: 1,
      when: 'after',
      do: { drop: true },
    });
    expect((await refusalOf(provider.createVolume(request()))).said).toMatch(
      /^conflict MP4002 the answer was lost, and several volumes/,
    );
  });

  test('quota', async () => {
    const { provider, cloud } = await start();
    cloud.sim.control.setQuota('demo', { volumes: 0 });
    const { said, error } = await refusalOf(provider.createVolume(request()));
    expect(said).toContain('quota MP4004 HTTP 413: VolumeLimitExceeded: Maximum number of volumes allowed (0) exceeded');
    expect(error.details.nextSteps).toHaveLength(1);
    expect(cloud.count('POST', /\/volumes$/)).toBe(1);
  });

  test('a volume that ends in error comes with the reason from the messages', async () => {
    const { provider, cloud } = await start();
    cloud.sim.control.setBackend({ capacityGiB: 1 });
    const { said } = await refusalOf(provider.createVolume(request()));
    expect(said).toMatch(
      /^failed MP4008 volume \S+ went to error: schedule allocate volume:Could not find any available weighted backend\.$/,
    );
  });

  test('messages of other volumes are no reason, and the newest counts', async () => {
    const { provider, cloud } = await start();
    cloud.sim.control.setBackend({ capacityGiB: 1 });
    await provider.createVolume(request()).catch(() => {});
    cloud.sim.control.removeVolume(cloud.sim.control.volumes()[0]!.id);
    const message = (resource_uuid: string, created_at: string, user_message: string) => ({
      resource_uuid,
      created_at,
      user_message,
    });
    const list = () => {
      const [volume] = cloud.sim.control.volumes();
      const mine = volume?.id ?? '';
      return [message('x', '2026-03-01', 'theirs'), message(mine, '2026-01-01', 'old'), message(mine, '2026-02-01', 'new')];
    };
    const messages = {
      get body() {
        return { messages: list() };
      },
      status: 200,
    };
    cloud.sim.control.addFault({ service: 'volume', path: '/messages', do: messages });
    expect((await refusalOf(provider.createVolume(request()))).said).toMatch(/went to error: new$/);
  });

  test('without the right to read messages the reason is just missing', async () => {
    const { provider, cloud } = await start();
    cloud.sim.control.setBackend({ capacityGiB: 1 });
    cloud.sim.control.addFault({ service: 'volume', path: '/messages', do: { status: 403 } });
    expect((await refusalOf(provider.createVolume(request()))).said).toContain('went to error: the cloud gives no reason');
  });

  test('a volume that takes too long', async () => {
    const { cloud } = await start({ timings: { volumeCreateMs: 3600_000 } });
    const provider = await cloud.open({ timeouts: { volumeMs: 60_000 } });
    expect((await refusalOf(provider.createVolume(request()))).said).toMatch(
      /^transient MP4003 volume \S+ is not available after 60 s$/,
    );
    expect(cloud.clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(70_000);
  });

  test('characters that break clouds are not sent', async () => {
    const { provider, cloud } = await start();
    expect((await provider.createVolume(request({ name: 'web🚀' }))).name).toMatch(/^web_-[0-9a-f]{8}$/);
    cloud.sim.control.clearCalls();
    await expect(provider.createVolume(request({ metadata: { note: '🚀' } }))).rejects.toThrow(/bug in migplan/);
    const [volume] = cloud.sim.control.volumes();
    await expect(provider.mergeVolumeMetadata(volumeId(volume!.id), { note: 'ä' })).rejects.toThrow(/bug in migplan/);
    await expect(
      provider.writeImageMetadata(volumeId(volume!.id), { set: { note: 'x'.repeat(256) }, unset: [] }),
    ).rejects.toThrow(/bug/);
    expect(cloud.sim.control.calls()).toEqual([]);
  });
});

describe('metadata', () => {
  test('a write whose answer is lost is repeated, and other keys stay', async () => {
    const { provider, cloud } = await start();
    const { id } = cloud.sim.control.createVolume({ project: 'demo', name: 'v', sizeGiB: 1, metadata: { theirs: 'keep' } });
    cloud.sim.control.addFault({
      service: 'volume',
      method: 'POST',
      path: '/metadata$',
      times: 2,
      when: 'after',
      do: { drop: true },
    });
    await provider.mergeVolumeMetadata(volumeId(id), { migplan: 'r1' });
    expect(cloud.sim.control.volumes()[0]?.metadata).toEqual({ theirs: 'keep', migplan: 'r1' });
    expect(cloud.count('PUT', /./)).toBe(0);
  });

  test('what does not read back is an error', async () => {
    const { provider, cloud } = await start();
    const { id } = cloud.sim.control.createVolume({ project: 'demo', name: 'v', sizeGiB: 1 });
    const lie = { status: 200, body: { metadata: { a: 'old' } } };
    cloud.sim.control.addFault({ service: 'volume', method: 'POST', path: '/metadata$', do: lie });
    expect((await refusalOf(provider.mergeVolumeMetadata(volumeId(id), { a: 'new' }))).said).toBe(
      'invalid MP4007 after writing, metadata reads back differently: a',
    );
    cloud.sim.control.addFault({ service: 'volume', method: 'POST', path: '/action$', do: lie });
    expect((await refusalOf(provider.writeImageMetadata(volumeId(id), { set: { a: 'new' }, unset: [] }))).said).toContain(
      'reads back differently: a',
    );
  });

  test("another project's volume is not there", async () => {
    const { provider, cloud } = await start();
    const { id } = cloud.sim.control.createVolume({ project: 'other', name: 'v', sizeGiB: 1 });
    expect(await provider.readVolume(volumeId(id))).toBeUndefined();
    expect((await refusalOf(provider.setBootable(volumeId(id), true))).said).toMatch(/^not-found MP4006/);
  });
});
