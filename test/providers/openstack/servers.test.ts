import { afterEach, describe, expect, test } from 'vitest';
import type { ServerRequest, TargetProvider } from '../../../src/contracts/target-provider.js';
import { type VolumeId, volumeId } from '../../../src/model/ids.js';
import { openOpenStack } from '../../../src/providers/openstack/index.js';
import { MovingClock } from './moving-clock.js';
import { refusalOf } from './refusal-of.js';
import { PROJECT_ID, ScriptedCloud } from './scripted-cloud.js';
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

const plant = ({ sim }: SimCloud, imageMetadata: Record<string, string> = {}): VolumeId =>
  volumeId(sim.control.createVolume({ project: 'demo', name: 'root', sizeGiB: 1, bootable: true, imageMetadata }).id);

const MAC = '00:50:56:AA:BB:01';

const request = (volumes: readonly VolumeId[], change: Partial<ServerRequest> = {}): ServerRequest => ({
  name: 'erp-db01',
  flavor: 'm1.small',
  ports: [{ network: 'lan', mac: MAC, fixedIps: ['192.168.88.20'] }],
  volumes,
  metadata: { 'migplan.vm': '5012-aa' },
  identityKey: 'migplan.vm',
  ...change,
});

/** More than a server of the simulator is built in. */
const BUILD_MS = 1000;
const POST_SERVER = { service: 'compute', method: 'POST', path: '/servers$' } as const;

describe('createServer', () => {
  test('sends exactly what is asked for', async () => {
    const { cloud, provider } = await start();
    const volumes = [plant(cloud, { hw_machine_type: 'q35' }), plant(cloud)];
    const server = await provider.createServer(
      request(volumes, {
        ports: [{ network: 'lan', mac: MAC, fixedIps: ['192.168.88.20'], securityGroups: ['web'] }],
        keyName: 'key',
        availabilityZone: 'az2',
      }),
    );
    const [made] = cloud.sim.control.servers();
    expect(made).toMatchObject({ id: server.id, name: 'erp-db01', volumeIds: volumes, metadata: { 'migplan.vm': '5012-aa' } });
    expect(made?.domain?.machineType).toContain('q35');
    const [port] = cloud.sim.control.ports();
    expect(port).toMatchObject({ macAddress: MAC.toLowerCase(), deviceId: server.id, fixedIps: [{ address: '192.168.88.20' }] });
    expect(port?.name).toMatch(/^erp-db01-nic0-[0-9a-f]{12}$/);
    expect(port?.securityGroups).toHaveLength(1);
    const [observed] = (await provider.observe()).servers;
    expect(observed?.make).toEqual({ flavor: 'm1.small', availabilityZone: 'az2', keyName: 'key', securityGroups: ['web'] });
  });

  test('a server without a key says so', async () => {
    const { cloud, provider } = await start();
    await provider.createServer(request([plant(cloud)]));
    expect((await provider.observe()).servers[0]?.make).toMatchObject({ keyName: '', securityGroups: ['default'] });
  });

  test('no ports means no network at all', async () => {
    const { cloud, provider } = await start();
    await provider.createServer(request([plant(cloud)], { ports: [] }));
    expect(cloud.sim.control.ports()).toEqual([]);
  });

  test.each([
    ['the connection is cut', { drop: true }],
    ['the gateway times out', { status: 504 }],
    ['the answer is cut off', { truncateBytes: 30 }],
  ] as const)('an answer that is lost makes no second server and no second port: %s', async (_name, effect) => {
    const { cloud, provider } = await start();
    cloud.sim.control.addFault({ ...POST_SERVER, nth: 1, when: 'after', do: effect });
    cloud.sim.control.addFault({ service: 'network', method: 'POST', path: '/ports$', nth: 1, when: 'after', do: effect });
    const server = await provider.createServer(request([plant(cloud)]));
    expect(server.status).toBe('ACTIVE');
    expect(cloud.sim.control.servers()).toHaveLength(1);
    expect(cloud.sim.control.ports()).toHaveLength(1);
  });

  test('a run that died before POST /servers left its port; it is used again', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    cloud.sim.control.addFault({ ...POST_SERVER, times: 1, do: { status: 400 } });
    expect((await refusalOf(provider.createServer(request([volume])))).said).toMatch(/^conflict/);
    const [port] = cloud.sim.control.ports();
    const server = await (await cloud.open()).createServer(request([volume]));
    expect(cloud.sim.control.ports()).toMatchObject([{ id: port!.id, deviceId: server.id }]);
  });

  test('a port that no longer fits the manifest is made anew; ports of others stay', async () => {
    const { cloud, provider } = await start();
    const [volume, other] = [plant(cloud), plant(cloud)];
    await provider.createServer(request([other], { metadata: { 'migplan.vm': 'another' }, ports: [{ network: 'lan' }] }));
    cloud.sim.control.addFault({ ...POST_SERVER, times: 1, do: { status: 400 } });
    await provider.createServer(request([volume])).catch(() => {});
    const changed = { name: 'renamed', ports: [{ network: 'lan', mac: '00:50:56:aa:bb:02' }] };
    await provider.createServer(request([volume], changed));
    expect(cloud.sim.control.ports().map(({ macAddress }) => macAddress)).toHaveLength(2);
    expect(cloud.sim.control.ports().some(({ macAddress }) => macAddress === '00:50:56:aa:bb:02')).toBe(true);
  });

  test('a server that is still built is waited for', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    cloud.sim.control.addFault({ service: 'compute', method: 'GET', path: '/servers/[^d]', times: 1, do: { status: 403 } });
    expect((await refusalOf(provider.createServer(request([volume])))).said).toMatch(/^denied/);
    expect(cloud.sim.control.servers()[0]?.status).toBe('BUILD');
    const server = await (await cloud.open()).createServer(request([volume]));
    expect(server.status).toBe('ACTIVE');
    expect(cloud.sim.control.servers()).toHaveLength(1);
  });

  test('an unsupported machine type: failed with the fault; corrected, the server is deleted and made again', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud, { hw_machine_type: 'pc-i440fx-99.9' });
    const { said, error } = await refusalOf(provider.createServer(request([volume])));
    expect(said).toMatch(/^failed MP4008 server \S+ went to ERROR: Exceeded maximum number of retries/);
    expect(error.details.nextSteps?.[0]).toContain('hwMachineType: pc');
    const [broken] = cloud.sim.control.servers();
    await provider.writeImageMetadata(volume, { set: { hw_machine_type: 'q35' }, unset: [] });
    const server = await provider.createServer(request([volume]));
    expect(server.status).toBe('ACTIVE');
    expect(server.id).not.toBe(broken?.id);
    expect(cloud.sim.control.servers()).toHaveLength(1);
    expect(cloud.sim.control.ports()).toHaveLength(1);
  });

  test('a server without a host holds its volumes: they are waited for before it is made again', async () => {
    const { cloud, provider } = await start({ hypervisor: { noValidHost: true } });
    const volume = plant(cloud);
    expect((await refusalOf(provider.createServer(request([volume])))).said).toContain('No valid host was found.');
    expect(cloud.sim.control.volumes()[0]?.status).toBe('reserved');
    expect((await refusalOf(provider.createServer(request([volume])))).said).toContain('No valid host was found.');
    expect(cloud.sim.control.servers()).toHaveLength(1);
    cloud.sim.control.setHypervisor({ noValidHost: false });
    expect((await provider.createServer(request([volume]))).status).toBe('ACTIVE');
  });

  test('a volume that Nova has not given back yet is waited for', async () => {
    const { cloud, provider } = await start({ hypervisor: { noValidHost: true } });
    const volume = plant(cloud);
    await provider.createServer(request([volume])).catch(() => {});
    cloud.sim.control.setHypervisor({ noValidHost: false });
    const late = { status: 200, body: { volume: { id: volume, status: 'reserved' } } };
    cloud.sim.control.addFault({ service: 'volume', method: 'GET', path: `/volumes/${volume}$`, times: 2, do: late });
    expect((await provider.createServer(request([volume]))).status).toBe('ACTIVE');
    expect(cloud.count('GET', new RegExp(`/volumes/${volume}$`))).toBe(3);
  });

  test('a server in ERROR of the same name without our identity is left alone', async () => {
    const { cloud, provider } = await start({ hypervisor: { noValidHost: true } });
    await provider.createServer(request([plant(cloud)], { metadata: { 'migplan.vm': 'other' }, ports: [] })).catch(() => {});
    cloud.sim.control.setHypervisor({ noValidHost: false });
    await provider.createServer(request([plant(cloud)], { ports: [] }));
    expect(
      cloud.sim.control
        .servers()
        .map(({ status }) => status)
        .toSorted(),
    ).toEqual(['ACTIVE', 'ERROR']);
    expect(cloud.count('DELETE', /\/servers/)).toBe(0);
  });

  test('a server that never gets ready', async () => {
    const { cloud } = await start({ timings: { serverBuildMs: 3600_000 } });
    const provider = await cloud.open({ timeouts: { serverMs: 60_000 } });
    expect((await refusalOf(provider.createServer(request([plant(cloud)])))).said).toMatch(
      /^transient MP4003 server \S+ is not ACTIVE after 60 s$/,
    );
  });

  test.each([
    ['flavor', { flavor: 'xl' }, "not-found MP4006 there is no flavor 'xl'"],
    ['network', { ports: [{ network: 'nowhere' }] }, "not-found MP4006 there is no network 'nowhere'"],
    [
      'security group',
      { ports: [{ network: 'lan', securityGroups: ['dmz'] }] },
      "not-found MP4006 there is no security group 'dmz'",
    ],
    ['key pair', { keyName: 'lost' }, 'conflict MP4002 HTTP 400: Invalid key_name provided.'],
  ] as const)('unknown %s', async (_name, change, expected) => {
    const { cloud, provider } = await start();
    expect((await refusalOf(provider.createServer(request([plant(cloud)], change)))).said).toBe(expected);
    expect(cloud.sim.control.servers()).toEqual([]);
  });

  test('a MAC address on a network of somebody else: what to do is said', async () => {
    const { cloud, provider } = await start();
    const { said, error } = await refusalOf(
      provider.createServer(request([plant(cloud)], { ports: [{ network: 'public', mac: MAC }] })),
    );
    expect(said).toMatch(/^denied MP4002 HTTP 403: PolicyNotAuthorized/);
    expect(error.details.nextSteps?.[0]).toContain('mac: new');
  });

  test('a MAC address that is taken', async () => {
    const { cloud, provider } = await start();
    await provider.createServer(request([plant(cloud)]));
    const second = request([plant(cloud)], { metadata: { 'migplan.vm': 'other' }, ports: [{ network: 'lan', mac: MAC }] });
    const { said, error } = await refusalOf(provider.createServer(second));
    expect(said).toMatch(/^conflict MP4002 HTTP 409: MacAddressInUse/);
    expect(error.details.nextSteps?.[0]).toContain('Another port on network lan');
  });

  test.each([
    ['with the server', 0, 'ACTIVE', 0],
    ['a while later', 10_000, 'ACTIVE', 30_000],
    ['never', -1, 'DOWN', 40_000],
  ] as const)('its port is connected %s', async (_name, portConnectMs, status, waitsMsMax) => {
    const { cloud, provider } = await start({ hypervisor: { portConnectMs } });
    await provider.createServer(request([plant(cloud)], { metadata: { 'migplan.vm': 'other' }, ports: [] }));
    const before = cloud.clock.monotonicMs();
    const { ports } = await provider.createServer(request([plant(cloud)]));
    expect(ports).toMatchObject([{ mac: MAC.toLowerCase(), link: { status, vnicType: 'normal' } }]);
    expect(cloud.clock.monotonicMs() - before).toBeLessThanOrEqual(waitsMsMax + BUILD_MS);
  });

  test('what an administrator sees of a port that no driver took is told without a wait', async () => {
    const { cloud, provider } = await start({ hypervisor: { portConnectMs: -1 } });
    cloud.sim.control.addFault({ ...POST_SERVER, times: 1, do: { status: 400 } });
    await provider.createServer(request([plant(cloud)])).catch(() => {});
    cloud.sim.control.givePort(cloud.sim.control.ports()[0]!.id, { 'binding:vif_type': 'binding_failed' });
    const { ports } = await provider.createServer(request([plant(cloud)]));
    expect(ports).toMatchObject([{ link: { vifType: 'binding_failed' } }]);
    expect(cloud.clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(BUILD_MS);
  });

  test.each([
    ['as they are listed', 1],
    ['while they are waited for', 2],
  ])('a server that runs stays so when its ports cannot be read %s: why is told', async (_name, nth) => {
    const { cloud, provider } = await start({ hypervisor: { portConnectMs: -1 } });
    const volumes = [plant(cloud)];
    const { id } = await provider.createServer(request(volumes));
    cloud.sim.control.addFault({ service: 'network', method: 'GET', path: '/ports', nth, do: { status: 403 } });
    const again = await provider.createServer(request(volumes));
    expect(again).toMatchObject({ id, status: 'ACTIVE', portsUnknown: { kind: 'denied' } });
    expect(again.ports).toBeUndefined();
  });

  test('a port that is down because it is asked for so is not waited for', async () => {
    const { cloud, provider } = await start({ hypervisor: { portConnectMs: -1 } });
    const { ports } = await provider.createServer(request([plant(cloud)], { ports: [{ network: 'lan', connected: false }] }));
    expect(ports).toMatchObject([{ link: { status: 'DOWN', isOff: true } }]);
    expect(cloud.clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(BUILD_MS);
  });

  test("Nova's quota", async () => {
    const { cloud, provider } = await start();
    cloud.sim.control.setQuota('demo', { cores: 0 });
    expect((await refusalOf(provider.createServer(request([plant(cloud)])))).said).toMatch(
      /^quota MP4004 HTTP 403: Quota exceeded for cores/,
    );
  });

  test('a request without its identity is a bug', async () => {
    const { provider } = await start();
    await expect(provider.createServer(request([], { identityKey: 'nothing' }))).rejects.toThrow(/bug in migplan/);
  });
});

test('what is sent, beside a server that is being deleted and a port that is in use', async () => {
  const active = { id: 's2', name: 'erp-db01', status: 'ACTIVE', metadata: { 'migplan.vm': '5012-aa' } };
  const leaving = { ...active, id: 's1', 'OS-EXT-STS:task_state': 'deleting' };
  const ports: Record<string, unknown>[] = [];
  await using cloud = await ScriptedCloud.start({
    'GET /compute/servers/detail': { json: { servers: [leaving] } },
    'GET /compute/servers/s2': { json: { server: active } },
    'GET /compute/flavors': { json: { flavors: [{ id: 'f1', name: 'm1.small' }] } },
    'GET /network/networks': { json: { networks: [{ id: 'n1', name: 'lan' }] } },
    'GET /network/ports': () => ({ json: { ports } }),
    'POST /network/ports': ({ text }) => {
      const { port } = JSON.parse(text) as { port: Record<string, unknown> };
      ports.push({
        ...port,
        id: `p${ports.length + 1}`,
        project_id: PROJECT_ID,
        device_id: ports.length === 0 ? 's1' : '',
        fixed_ips: [],
      });
      return { status: 201, json: { port: ports.at(-1) } };
    },
    'POST /compute/servers': { status: 202, json: { server: { id: 's2' } } },
  });
  const config = { name: 'prod', cloud: cloud.config(), access: { type: 'cinder' }, hostName: 'h' } as const;
  await using provider = await openOpenStack(config, { clock: new MovingClock() });
  const wanted = request([volumeId('v1'), volumeId('v2')], {
    ports: [{ network: 'lan', mac: MAC }],
    keyName: 'key',
    availabilityZone: 'az',
  });
  const sent = async () => {
    expect((await provider.createServer(wanted)).id).toBe('s2');
    return JSON.parse(
      cloud.requests.filter(({ method, path }) => `${method} ${path}` === 'POST /compute/servers').at(-1)!.text,
    ) as unknown;
  };
  const disk = { source_type: 'volume', destination_type: 'volume', delete_on_termination: false };
  const expected = {
    name: 'erp-db01',
    flavorRef: 'f1',
    networks: [{ port: 'p1' }],
    block_device_mapping_v2: [
      { uuid: 'v1', ...disk, boot_index: 0 },
      { uuid: 'v2', ...disk, boot_index: -1 },
    ],
    metadata: { 'migplan.vm': '5012-aa' },
    key_name: 'key',
    availability_zone: 'az',
  };
  expect(await sent()).toEqual({ server: expected });
  expect(ports[0]).toMatchObject({
    network_id: 'n1',
    description: expect.stringMatching(/^migplan migplan\.vm=5012-aa nic=0 asked=[0-9a-f]{12}$/),
    mac_address: MAC.toLowerCase(),
  });
  // p1 now belongs to a server, so another port is made; that one is free and is used again.
  expect(await sent()).toEqual({ server: { ...expected, networks: [{ port: 'p2' }] } });
  expect(await sent()).toEqual({ server: { ...expected, networks: [{ port: 'p2' }] } });
});
