import { afterEach, describe, expect, test } from 'vitest';
import type { MachineTypeProbe } from '../../../src/contracts/target-provider.js';
import { interruptible } from '../../../src/host/interruption.js';
import { refusalOf } from './refusal-of.js';
import { SimCloud } from './sim-cloud.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(...config: Parameters<typeof SimCloud.start>): Promise<SimCloud> {
  const cloud = await SimCloud.start(...config);
  closing.push(() => cloud[Symbol.asyncDispose]());
  return cloud;
}

const probe = (over: Partial<MachineTypeProbe> = {}): MachineTypeProbe => ({ id: 'probe-1', timeoutMs: 60_000, ...over });

/** What the project holds, whoever made it. */
const left = ({ sim: { control } }: SimCloud) => [...control.servers(), ...control.volumes()].map(({ name }) => name);

describe('HW7 probing a machine type', () => {
  test.each([
    { machineType: 'pc', runs: true },
    { machineType: 'q35', runs: true },
    { machineType: 'pc-i440fx-6.2', runs: true },
    { machineType: undefined, runs: true },
    { machineType: 'pc-i440fx-rhel7.6.0', runs: false },
  ])('$machineType', async ({ machineType, runs }) => {
    const cloud = await start();
    const provider = await cloud.open();
    const answer = await provider.probeMachineType(probe(machineType === undefined ? {} : { machineType }));
    expect(answer.runs).toBe(runs);
    if (!runs) expect(answer.fault).toContain('Exhausted all hosts');
    expect(left(cloud)).toEqual([]);
  });

  test('the machine type reaches the guest, on the smallest flavor and without network', async () => {
    const flavors = [
      { name: 'big', vcpus: 8, ramMiB: 4096 },
      { name: 'small', vcpus: 1, ramMiB: 64 },
    ];
    const cloud = await start({ flavors });
    const provider = await cloud.open();
    const seen: unknown[] = [];
    const advance = cloud.clock.sleep.bind(cloud.clock);
    cloud.clock.sleep = async (ms: number, signal?: AbortSignal) => {
      await advance(ms, signal);
      const [server] = cloud.sim.control.servers();
      if (server?.domain !== undefined) seen.push(server.domain);
    };
    await provider.probeMachineType(probe({ machineType: 'q35' }));
    expect(seen[0]).toMatchObject({ machineType: 'pc-q35-7.2', memoryMiB: 64, interfaces: [] });
  });

  test.each([
    {
      what: 'no room',
      fault: { service: 'volume', method: 'POST', path: '/volumes$', do: { status: 413, message: 'full' } },
      kind: 'quota',
    },
    {
      what: 'no right to servers',
      fault: { service: 'compute', method: 'POST', path: '/servers$', do: { status: 403, message: 'no' } },
      kind: 'denied',
    },
    {
      what: 'image metadata refused',
      fault: { service: 'volume', path: '/action$', do: { status: 403, message: 'no' } },
      kind: 'denied',
    },
  ] as const)('$what: an error, and nothing is left', async ({ fault, kind }) => {
    const cloud = await start();
    const provider = await cloud.open();
    cloud.sim.control.addFault(fault);
    expect((await refusalOf(provider.probeMachineType(probe({ machineType: 'pc' })))).said).toMatch(`${kind} `);
    expect(left(cloud)).toEqual([]);
  });

  test('answers that get lost leave nothing either', async () => {
    const cloud = await start();
    const provider = await cloud.open();
    cloud.sim.control.addFault({
      service: 'compute',
      method: 'POST',
      path: '/servers$',
      times: 1,
      when: 'after',
      do: { drop: true },
    });
    cloud.sim.control.addFault({
      service: 'volume',
      method: 'POST',
      path: '/volumes$',
      times: 1,
      when: 'after',
      do: { drop: true },
    });
    expect((await provider.probeMachineType(probe({ machineType: 'pc' }))).runs).toBe(true);
    expect(left(cloud)).toEqual([]);
  });

  test('a volume that goes to error is taken away', async () => {
    const cloud = await start({ backendCapacityGiB: 0 });
    expect((await refusalOf((await cloud.open()).probeMachineType(probe()))).said).toMatch('failed ');
    expect(left(cloud)).toEqual([]);
  });

  test('an interruption in the middle takes everything away before it is heard of', async () => {
    const cloud = await start({ timings: { serverBuildMs: 3_600_000 } });
    const provider = await cloud.open();
    const controller = new AbortController();
    const sleep = cloud.clock.sleep.bind(cloud.clock);
    cloud.clock.sleep = async (ms: number, signal?: AbortSignal) => {
      if (cloud.sim.control.servers().length > 0) controller.abort();
      signal?.throwIfAborted();
      await sleep(ms, signal);
    };
    await expect(provider.probeMachineType(probe({ machineType: 'pc', signal: controller.signal }))).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(cloud.count('POST', /\/servers$/)).toBe(1);
    expect(left(cloud)).toEqual([]);
  });

  test.each(['own', 'ambient'])(
    'an interruption while the volume is made (%s signal) takes it away all the same',
    async (whose) => {
      const cloud = await start({ timings: { volumeCreateMs: 60_000 } });
      const provider = await cloud.open();
      const controller = new AbortController();
      const sleep = cloud.clock.sleep.bind(cloud.clock);
      cloud.clock.sleep = async (ms: number, signal?: AbortSignal) => {
        controller.abort();
        await sleep(ms, signal);
      };
      const own = whose === 'own' ? { signal: controller.signal } : {};
      const probing = interruptible(whose === 'own' ? undefined : controller.signal, () => provider.probeMachineType(probe(own)));
      await expect(probing).rejects.toMatchObject({ name: 'AbortError' });
      expect(cloud.count('POST', /\/servers$|\/action$/)).toBe(0);
      expect(left(cloud)).toEqual([]);
    },
  );

  test('a server that does not leave BUILD is no answer', async () => {
    const cloud = await start({ timings: { serverBuildMs: 3_600_000 } });
    expect((await refusalOf((await cloud.open()).probeMachineType(probe({ machineType: 'pc' })))).said).toMatch(
      'transient MP4003',
    );
    expect(left(cloud)).toEqual([]);
  });

  test('what a killed probe left is taken away by the next run, and nothing else', async () => {
    const cloud = await start();
    const provider = await cloud.open();
    cloud.sim.control.createVolume({ project: 'demo', name: 'left', sizeGiB: 1, metadata: { 'migplan.probe': 'old' } });
    cloud.sim.control.createVolume({ project: 'demo', name: 'theirs', sizeGiB: 1, metadata: { migplan: 'x' } });
    expect(await provider.removeProbes()).toBe(1);
    expect(left(cloud)).toEqual(['theirs']);
  });
});
