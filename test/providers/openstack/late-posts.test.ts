import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { ServerRequest, TargetProvider } from '../../../src/contracts/target-provider.js';
import { type VolumeId, volumeId } from '../../../src/model/ids.js';
import { refusalOf } from './refusal-of.js';
import { SimCloud } from './sim-cloud.js';

// Goal: a run dies while its POST is on its way; the cloud carries it out while the next run asks for the same thing. There is
// one object in the end, and the next run has it.
// Method: the first POST is carried out late, and whoever sent it never does anything again.
const open: SimCloud[] = [];
afterEach(async () => {
  for (const cloud of open.splice(0)) await cloud[Symbol.asyncDispose]();
});

async function start(...config: Parameters<typeof SimCloud.start>): Promise<{ cloud: SimCloud; provider: TargetProvider }> {
  const cloud = await SimCloud.start(...config);
  open.push(cloud);
  return { cloud, provider: await cloud.open() };
}

const plant = ({ sim }: SimCloud): VolumeId =>
  volumeId(sim.control.createVolume({ project: 'demo', name: 'root', sizeGiB: 1, bootable: true }).id);

const request = (volumes: readonly VolumeId[], change: Partial<ServerRequest> = {}): ServerRequest => ({
  name: 'erp-db01',
  flavor: 'm1.small',
  ports: [{ network: 'lan', mac: '00:50:56:AA:BB:01', fixedIps: ['192.168.88.20'] }],
  volumes,
  metadata: { 'migplan.vm': '5012-aa' },
  identityKey: 'migplan.vm',
  ...change,
});

const POST_SERVER = { service: 'compute', method: 'POST', path: '/servers$' } as const;
const POST_PORT = { service: 'network', method: 'POST', path: '/ports$' } as const;

/** A provider whose process ends at its first wait, and so at the first answer that is lost. */
const dying = (cloud: SimCloud, died: () => void): Promise<TargetProvider> =>
  cloud.open(
    {},
    {
      now: () => cloud.clock.now(),
      monotonicMs: () => cloud.clock.monotonicMs(),
      sleep: () => new Promise(() => died()),
    },
  );

/** Dies at the call whose answer the fault takes away. */
async function diesAtCreateServer(cloud: SimCloud, wanted: ServerRequest): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    dying(cloud, resolve)
      .then((provider) => provider.createServer(wanted))
      .then(() => reject(new Error('it did not die')), reject);
  });
  cloud.sim.control.clearCalls();
  cloud.sim.control.clearFaults();
}

const STEP_MS = 15;

/** Once `looked` was answered, time passes while nobody sleeps: what is late and what is slow happens in the order of its time. */
async function passing<T>(cloud: SimCloud, looked: RegExp, work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  await until(() => cloud.count('GET', looked) > 0);
  while (!isOver) {
    cloud.sim.control.advance(STEP_MS);
    await pause(2);
  }
  return work;
}

/** The next run's own call is late by more, so that the dead run's comes first. */
const SLOW = { nth: 1, do: { delayMs: 3 * STEP_MS } } as const;

describe('POST /servers of a dead run', () => {
  test.each([
    ['ports with addresses of their own', request([]).ports],
    ['a port that gets any address', [{ network: 'lan' }]],
    ['no port', []],
  ] as const)('carried out while the next run asks for its ports: %s', async (_name, ports) => {
    const { cloud, provider } = await start();
    const wanted = request([plant(cloud), plant(cloud)], { ports });
    cloud.sim.control.addFault({ ...POST_SERVER, nth: 1, do: { lateMs: 10 } });
    await diesAtCreateServer(cloud, wanted);
    cloud.sim.control.addFault({ ...POST_SERVER, ...SLOW });
    const server = await passing(cloud, /flavors/, provider.createServer(wanted));
    expect(cloud.sim.control.servers()).toMatchObject([{ id: server.id, status: 'ACTIVE' }]);
    expect(cloud.sim.control.ports().map(({ deviceId }) => deviceId)).toEqual(ports.map(() => server.id));
  });

  test('carried out after the next run has its server: it is refused, and changes nothing', async () => {
    const { cloud, provider } = await start();
    const wanted = request([plant(cloud)]);
    cloud.sim.control.addFault({ ...POST_SERVER, nth: 1, do: { lateMs: 60_000 } });
    await diesAtCreateServer(cloud, wanted);
    const server = await provider.createServer(wanted);
    cloud.sim.control.advance(120_000);
    expect(cloud.sim.control.servers()).toMatchObject([{ id: server.id, status: 'ACTIVE' }]);
    expect(cloud.sim.control.calls().at(-1)).toMatchObject({ method: 'POST', status: 409 });
  });

  test('in ERROR when it is found: it is deleted and made anew', async () => {
    const { cloud, provider } = await start({ hypervisor: { noValidHost: true } });
    const wanted = request([plant(cloud)]);
    cloud.sim.control.addFault({ ...POST_SERVER, nth: 1, do: { lateMs: 10 } });
    await diesAtCreateServer(cloud, wanted);
    cloud.sim.control.addFault({ ...POST_SERVER, ...SLOW });
    const made = provider.createServer(wanted);
    await passing(
      cloud,
      /flavors/,
      until(() => cloud.sim.control.servers()[0]?.status === 'ERROR'),
    );
    cloud.sim.control.setHypervisor({ noValidHost: false });
    const server = await passing(cloud, /flavors/, made);
    expect(cloud.sim.control.servers()).toMatchObject([{ id: server.id, status: 'ACTIVE' }]);
  });
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(2);
}

describe('a volume that Nova finds taken', () => {
  test('by a server of somebody else: it is named, at once', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const theirs = await provider.createServer(request([volume], { metadata: { 'migplan.vm': 'other' }, ports: [] }));
    const before = cloud.clock.monotonicMs();
    const { said, error } = await refusalOf(provider.createServer(request([volume])));
    expect(said).toBe(`held MP4002 volume ${volume} is in-use by server ${theirs.id} (erp-db01), which is not of this VM`);
    expect(error.details.nextSteps?.join()).toContain(`openstack server remove volume ${theirs.id} ${volume}`);
    expect(cloud.clock.monotonicMs() - before).toBeLessThan(1000);
  });

  test('by an attachment without a server: it is named, after a wait', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const attachment = await provider.reserve(volume);
    const { said } = await refusalOf(provider.createServer(request([volume])));
    expect(said).toBe(`held MP4002 volume ${volume} is reserved by attachment ${attachment}`);
    expect(cloud.clock.sleeps.length).toBeGreaterThan(3);
  });

  test('by one that gives it back in a moment: the server is made', async () => {
    const { cloud, provider } = await start();
    const volume = plant(cloud);
    const attachment = await provider.reserve(volume);
    const later = await cloud.open(
      {},
      {
        now: () => cloud.clock.now(),
        monotonicMs: () => cloud.clock.monotonicMs(),
        sleep: async (ms) => {
          await provider.release(attachment);
          await cloud.clock.sleep(ms);
        },
      },
    );
    expect((await later.createServer(request([volume]))).status).toBe('ACTIVE');
  });

  test('a refusal for another reason is told at once', async () => {
    const { cloud, provider } = await start();
    const { said } = await refusalOf(provider.createServer(request([plant(cloud)], { keyName: 'lost' })));
    expect(said).toBe('conflict MP4002 HTTP 400: Invalid key_name provided.');
    expect(cloud.clock.sleeps).toEqual([]);
  });
});

describe('POST /ports of a dead run', () => {
  test('carried out while the next run asks for the same: it is taken', async () => {
    const { cloud, provider } = await start();
    const wanted = request([plant(cloud)]);
    cloud.sim.control.addFault({ ...POST_PORT, nth: 1, do: { lateMs: 10 } });
    await diesAtCreateServer(cloud, wanted);
    cloud.sim.control.addFault({ ...POST_PORT, ...SLOW });
    const server = await passing(cloud, /ports\?/, provider.createServer(wanted));
    expect(cloud.sim.control.ports()).toMatchObject([{ deviceId: server.id, macAddress: '00:50:56:aa:bb:01' }]);
  });

  test('with any address, carried out while the server is built: it is taken away', async () => {
    const { cloud, provider } = await start();
    const wanted = request([plant(cloud)], { ports: [{ network: 'lan' }] });
    cloud.sim.control.addFault({ ...POST_PORT, nth: 1, do: { lateMs: 10 } });
    await diesAtCreateServer(cloud, wanted);
    const server = await provider.createServer(wanted);
    expect(cloud.count('POST', /\/ports$/)).toBe(2);
    expect(cloud.sim.control.ports()).toMatchObject([{ deviceId: server.id }]);
  });
});
