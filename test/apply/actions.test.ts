import { describe, expect, test } from 'vitest';
import { allOrAbort } from '../../src/apply/all-or-abort.js';
import type { GuestInspection, InspectedDisk, InspectedSystem } from '../../src/contracts/converter.js';
import { ProviderError } from '../../src/contracts/provider-error.js';
import type { SourceSnapshot } from '../../src/contracts/source-provider.js';
import type { MadeServer } from '../../src/contracts/target-provider.js';
import { systemClock } from '../../src/host/clock.js';
import { totalLength } from '../../src/model/extent.js';
import * as s from '../plan/plan-fixture.js';
import { told, Workshop } from './workshop.js';

const good: InspectedDisk = { key: s.diskKey(2000), bios: true, efi: true, encrypted: [], windows: [] };
const linux: InspectedSystem = { root: '/dev/sda1', family: 'linux', name: 'Linux', disks: [s.diskKey(2000)] };
const unsupported = new ProviderError({
  kind: 'unsupported',
  code: 'MP5004',
  provider: 'a',
  call: 'ShutdownGuest',
  detail: 'no tools',
});

const brokenLine = { kind: 'transient', code: 'MP8004', provider: 'a', call: 'volume', detail: 'the line is gone' } as const;

async function cutover(over: { readonly force?: boolean; readonly cbtSync?: boolean } = {}, disks = 1): Promise<Workshop> {
  const shop = await Workshop.open();
  const { force = false, cbtSync = true } = over;
  shop.add('a', { ...s.cutover, cbtSync, shutdown: { timeoutSeconds: 60, force } }, disks);
  return shop;
}

describe('power-off', () => {
  test('a guest that shuts down', async () => {
    const shop = await cutover();
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    expect(shop.states('a')).toEqual(['converted']);
  });

  test('a guest that takes its time: the plug is not pulled before the timeout', async () => {
    const shop = await cutover();
    const { vm } = shop.worlds.get('a')!;
    const began = shop.clock.now().getTime();
    let asked = 0;
    shop.sourceOver = {
      shutdownGuest: async () => {},
      powerState: async () => {
        if (++asked > 10) vm.power = 'off';
        return vm.power;
      },
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    expect(shop.clock.now().getTime() - began).toBeLessThan(60_000);
  });

  test.each([
    ['source', 'sourceOver'],
    ['target', 'targetOver'],
  ] as const)('MP8004: a conversion host of the %s that is not fit: the guest is not even asked', async (_side, over) => {
    const shop = await cutover();
    const problem = (isFatal: boolean) => ({ isFatal, detail: 'it is another machine', nextSteps: ['name the right one'] });
    const checks = (isFatal: boolean) => async () => [{ what: 'which machine it is', found: '', problem: problem(isFatal) }];
    shop[over] = { checkHost: checks(true) };
    const report = await shop.apply(await shop.plan());
    expect(told(report).join()).toMatch(/MP8004/);
    expect(JSON.stringify(report)).toContain('which machine it is: it is another machine');
    expect(shop.begun).toEqual([]);
    expect(shop.worlds.get('a')!.vm.power).toBe('on');
    // What may be right when it is needed is no reason.
    shop[over] = { checkHost: checks(false) };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
  });

  describe('what the volumes hold is looked at while the guest runs', () => {
    const inspections: readonly (readonly [string, Partial<GuestInspection>])[] = [
      ['MP2053 nothing boots from the boot disk', { disks: [{ ...good, bios: false }] }],
      ['MP2052 two systems', { systems: [linux, { ...linux, root: '/dev/sda2' }] }],
      ['MP2054 LUKS', { disks: [{ ...good, encrypted: ['LUKS'] }], systems: [] }],
      ['MP2056 Windows', { systems: [{ ...linux, family: 'windows' }] }],
      ['MP2058 nothing', { systems: [] }],
    ];
    test.each(inspections)('%s: it is left running, the volumes are given back', async (name, over) => {
      const shop = await cutover();
      const inspection = { disks: [good], systems: [linux], ...over };
      shop.converterOver = { inspect: async () => inspection };
      const outcomes = await shop.apply(await shop.plan());
      expect(told(outcomes)).toEqual([`vm/a failed ${name.split(' ')[0]}`]);
      expect(outcomes[0]!.diagnostics[0]!.detail).toMatch(/; the VM was left running$/);
      const { vm, cloud } = shop.worlds.get('a')!;
      expect([vm.power, shop.states('a')]).toEqual(['on', ['clean']]);
      expect([...cloud.volumes.values()].map(({ attachments }) => attachments.size)).toEqual([0]);
      shop.converterOver = {};
      expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    });

    test.each(['on', 'off'] as const)(
      'found %s: the conversion is told which system it is, and looked for once',
      async (power) => {
        const shop = await cutover();
        const { converter, vm } = shop.worlds.get('a')!;
        vm.power = power;
        const roots: string[] = [];
        let looks = 0;
        shop.converterOver = {
          inspect: async (job) => {
            looks++;
            return converter.inspect(job);
          },
          convert: async (job) => {
            roots.push(job.root);
            return converter.convert(job);
          },
        };
        expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
        expect([roots, looks]).toEqual([['/dev/sda1'], 1]);
      },
    );
  });

  test('MP6006: the delta before it took longer than the downtime may be: the guest is not even asked', async () => {
    const shop = await cutover();
    shop.change('a', { limits: { downtimeSeconds: 600 } });
    const { dataPlane, vm } = shop.worlds.get('a')!;
    const copyTaking = (ms: number): void => {
      shop.dataPlaneOver = { copy: async (job) => dataPlane.copy(job).then(() => shop.clock.sleep(ms)) };
    };
    shop.change('a', s.seed);
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    await shop.clock.sleep(1000);
    shop.change('a', s.cutover);
    copyTaking(700_000);
    const plan = await shop.plan();
    const outcomes = await shop.apply(plan);
    expect(told(outcomes)).toEqual(['vm/a failed MP6006']);
    expect(outcomes[0]!.diagnostics[0]!.detail).toMatch(
      /^the last delta of all disks took 11m.* 2 at a time; limits\.downtime is 10m/,
    );
    expect([vm.power, shop.states('a')]).toEqual(['on', ['clean']]);

    copyTaking(60_000);
    expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
    expect([vm.power, shop.states('a')]).toEqual(['off', ['converted']]);
  });

  test('MP6006: of two disks, one at a time, what they take together counts, not the longest', async () => {
    const shop = await cutover({}, 2);
    shop.change('a', { ...s.seed, limits: { downtimeSeconds: 600 } });
    const { dataPlane, vm } = shop.worlds.get('a')!;
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    await shop.clock.sleep(1000);
    vm.guestWrites(9);
    shop.change('a', s.cutover);
    shop.dataPlaneOver = { copy: async (job) => dataPlane.copy(job).then(() => shop.clock.sleep(400_000)) };
    const outcomes = await shop.apply(await shop.plan(), { settings: { batchBytes: 100, repairBytes: 1, transfersMax: 1 } });
    expect(told(outcomes)).toEqual(['vm/a failed MP6006']);
    expect(outcomes[0]!.diagnostics[0]!.detail).toContain('took 13m');
    expect(vm.power).toBe('on');
  });

  test('limits.downtime after a first full copy: a delta is taken while the guest runs, and is what counts', async () => {
    const shop = await cutover();
    shop.change('a', { limits: { downtimeSeconds: 600 } });
    const { dataPlane, vm } = shop.worlds.get('a')!;
    const taken: number[] = [];
    shop.dataPlaneOver = {
      copy: async (job) => {
        taken.push(totalLength(job.extents));
        await dataPlane.copy(job);
        await shop.clock.sleep(700_000);
      },
    };
    vm.guestWrites(3);
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP6006']);
    expect([vm.power, shop.states('a')]).toEqual(['on', ['clean']]);
    shop.dataPlaneOver = {};
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    expect(taken.length).toBeGreaterThan(0);
  });

  test('MP5007: it does not shut down; nothing is forced, and all deltas stay possible', async () => {
    const shop = await cutover();
    shop.sourceOver = { shutdownGuest: async () => {} };
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual(['vm/a failed MP5007']);
    expect(outcomes[0]!.diagnostics[0]!.detail).toBe('the guest did not shut down within 60 s');
    expect(shop.worlds.get('a')!.vm.power).toBe('on');
    expect(shop.states('a')).toEqual(['clean']);
    expect(shop.notes).toEqual([]);
  });

  test('MP5007: no tools run; the reason is told, and nobody waits', async () => {
    const shop = await cutover();
    shop.sourceOver = { shutdownGuest: () => Promise.reject(unsupported) };
    const began = shop.clock.now().getTime();
    const outcomes = await shop.apply(await shop.plan());
    expect(outcomes[0]!.diagnostics[0]).toMatchObject({
      code: 'MP5007',
      detail: expect.stringContaining('no VMware Tools are running'),
    });
    expect(shop.clock.now().getTime() - began).toBeLessThan(10_000);
  });

  test('a clock that is set hours ahead does not end the time a guest has to shut down', async () => {
    const shop = await cutover({ force: true });
    const { vm } = shop.worlds.get('a')!;
    let asked = 0;
    shop.sourceOver = {
      shutdownGuest: async () => shop.clock.jump(5 * 3_600_000),
      powerState: async () => {
        if (++asked > 5) vm.power = 'off';
        return vm.power;
      },
      powerOff: async () => expect.unreachable('the plug was pulled'),
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
  });

  test('shutdown.force: the plug is pulled after the timeout, and it is told', async () => {
    const shop = await cutover({ force: true });
    shop.sourceOver = { shutdownGuest: async () => {} };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    expect(shop.notes).toContain('the guest did not shut down within 60 s; powering off hard (shutdown.force)');
  });

  test('interrupted while waiting: the plug is not pulled, though force is allowed', async () => {
    const shop = await cutover({ force: true });
    shop.sourceOver = { shutdownGuest: async () => shop.abort.abort() };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a interrupted']);
    expect(shop.worlds.get('a')!.vm.power).toBe('on');
  });
});

test('MP2089: a server whose port is not connected is done, and that is told at the end', async () => {
  const shop = await cutover();
  shop.change('a', { target: { provider: 'a', server: { name: 'a', flavor: 'm1', networks: [], securityGroups: [] } } });
  const { cloud } = shop.worlds.get('a')!;
  const port = { id: 'port-1', network: 'n', mac: 'fa:16:3e:00:00:01', addresses: [], description: '' };
  shop.targetOver = {
    createServer: async (request) => ({
      ...(await cloud.provider.createServer(request)),
      ports: [
        { ...port, link: { status: 'DOWN' } },
        { ...port, id: 'port-2', link: { status: 'ACTIVE' } },
      ],
    }),
  };
  const outcomes = await shop.apply(await shop.plan());
  expect(told(outcomes)).toEqual(['vm/a done MP2089']);
  expect(outcomes[0]?.diagnostics[0]).toMatchObject({ severity: 'warning', address: 'vm/a/server' });
  expect(outcomes[0]?.diagnostics[0]?.detail).toContain('port port-1');
});

async function serverWith(made: Partial<MadeServer>): Promise<Workshop> {
  const shop = await cutover();
  shop.change('a', { target: { provider: 'a', server: { name: 'a', flavor: 'm1', networks: [], securityGroups: [] } } });
  const { cloud } = shop.worlds.get('a')!;
  shop.targetOver = { createServer: async (request) => ({ ...(await cloud.provider.createServer(request)), ...made }) };
  return shop;
}

test('a server whose ports cannot be looked at is done, and why is told at the end', async () => {
  const details = { kind: 'denied', code: 'MP4002', provider: 'cloud', call: 'GET /ports', detail: 'HTTP 403: no' } as const;
  const shop = await serverWith({ portsUnknown: new ProviderError(details) });
  const outcomes = await shop.apply(await shop.plan());
  expect(told(outcomes)).toEqual(['vm/a done MP4002']);
  expect(outcomes[0]?.diagnostics[0]).toMatchObject({
    severity: 'warning',
    address: 'vm/a/server',
    detail: 'the server runs; how its ports are connected is not known: cloud: GET /ports: HTTP 403: no',
  });
});

test('what was found out before a later step failed is told with the failure, and in the journal', async () => {
  const port = { id: 'port-1', network: 'n', mac: 'fa:16:3e:00:00:01', addresses: [], description: '', link: { status: 'DOWN' } };
  const shop = await serverWith({ ports: [port] });
  const journal = new Map<string, unknown>();
  const plan = await shop.plan();
  const outcomes = await shop.apply(plan, {
    emit: (event) => {
      if (event.type === 'action-done' && event.action.kind === 'create-server') throw unsupported;
    },
    journal: { write: async (event, fields) => void journal.set(event, fields) },
  });
  expect(told(outcomes)).toEqual(['vm/a failed MP5004 MP2089']);
  expect(journal.get('vm-end')).toMatchObject({ result: 'failed', diagnostics: [{ code: 'MP5004' }, { code: 'MP2089' }] });
});

describe('a source that comes back to life', () => {
  test.each([
    ['before the conversion', { kind: 'convert' }],
    ['before the server', { kind: 'create-server' }],
  ] as const)('MP2023 %s', async (_name, { kind }) => {
    const shop = await cutover();
    shop.change('a', { target: { provider: 'a', server: { name: 'a', flavor: 'm1', networks: [], securityGroups: [] } } });
    const { vm, cloud } = shop.worlds.get('a')!;
    const outcomes = await shop.apply(await shop.plan(), {
      emit: (event) => {
        shop.events.push(event);
        if (event.type === 'action-start' && event.action.kind === kind) vm.power = 'on';
      },
    });
    expect(told(outcomes)).toEqual(['vm/a failed MP2023']);
    expect(cloud.servers).toEqual([]);
    expect(shop.states('a')).toEqual([kind === 'convert' ? 'clean' : 'converted']);
  });

  test.each([
    ['MP7003 no virtio drivers', { disk: 'emulated', network: 'virtio', firmware: 'any', warnings: [] }],
    ['MP7003 no network driver', { disk: 'virtio', network: 'emulated', firmware: 'any', warnings: [] }],
    ['MP7003 not a word about drivers', { disk: 'unknown', network: 'virtio', firmware: 'any', warnings: [] }],
    ['MP7004 UEFI', { disk: 'virtio', network: 'virtio', firmware: 'uefi', warnings: [] }],
  ] as const)('%s: nothing is merged, no overlay stays, the volume can still take deltas', async (name, report) => {
    const shop = await cutover();
    const { converter, overlays } = shop.worlds.get('a')!;
    shop.converterOver = { convert: async (job) => converter.convert(job).then(({ guest }) => ({ ...report, guest })) };
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual([`vm/a failed ${name.split(' ')[0]}`]);
    expect(shop.states('a')).toEqual(['clean']);
    expect(overlays.size).toBe(0);
    expect(shop.worlds.get('a')!.cloud.servers).toEqual([]);
    shop.converterOver = {};
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
  });

  test('Ctrl-C while virt-v2v runs: nothing is merged, nothing is held, the volume can still take deltas; the next run cuts over', async () => {
    const shop = await cutover();
    const { converter, overlays, vm, cloud } = shop.worlds.get('a')!;
    shop.converterOver = {
      convert: async (job) => {
        shop.abort.abort();
        job.signal?.throwIfAborted();
        return converter.convert(job);
      },
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a interrupted']);
    expect([shop.states('a'), overlays.size, vm.power]).toEqual([['clean'], 0, 'off']);
    expect([...cloud.volumes.values()].map(({ attachments }) => attachments.size)).toEqual([0]);
    expect(shop.notes).toContain('the source VM is powered off and stays off: migplan never powers it on');
    shop.converterOver = {};
    const signal = new AbortController().signal;
    expect(told(await shop.apply(await shop.plan(), { signal }))).toEqual(['vm/a done']);
  });

  test('Ctrl-C while it is merged: that is finished, since half of it is nothing; no server is made', async () => {
    const shop = await cutover();
    shop.change('a', { target: { provider: 'a', server: { name: 'a', flavor: 'm1', networks: [], securityGroups: [] } } });
    const { converter, overlays, cloud } = shop.worlds.get('a')!;
    shop.converterOver = {
      commit: async (disk) => {
        shop.abort.abort();
        await systemClock.sleep(1);
        return converter.commit(disk);
      },
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a interrupted']);
    expect([shop.states('a'), overlays.size, cloud.servers]).toEqual([['converted'], 0, []]);
    expect([...cloud.volumes.values()].map(({ attachments }) => attachments.size)).toEqual([0]);
    shop.converterOver = {};
    const signal = new AbortController().signal;
    expect(told(await shop.apply(await shop.plan(), { signal }))).toEqual(['vm/a done']);
    expect(cloud.servers).toHaveLength(1);
  });

  test('MP2023 while virt-v2v runs: nothing is merged, the volume can still take deltas', async () => {
    const shop = await cutover();
    const { vm } = shop.worlds.get('a')!;
    const plan = await shop.plan();
    const tools = shop.tools();
    const converter = {
      ...tools.converter,
      convert: async (job: Parameters<typeof tools.converter.convert>[0]) => {
        const report = await tools.converter.convert(job);
        vm.power = 'on';
        return report;
      },
    };
    expect(told(await shop.apply(plan, { converter }))).toEqual(['vm/a failed MP2023']);
    expect(shop.states('a')).toEqual(['clean']);
    expect(shop.notes).toContain('the source VM is powered off and stays off: migplan never powers it on');
  });
});

describe('sync', () => {
  test('the snapshots of one run never share a name', async () => {
    const shop = await cutover();
    const names: string[] = [];
    const { provider } = shop.worlds.get('a')!.vm;
    shop.sourceOver = {
      createSnapshot: (vm, request): Promise<SourceSnapshot> => {
        names.push(request.name);
        return provider.createSnapshot(vm, request);
      },
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(2);
  });

  test('MP6004: a delta above its limit stops before the first write', async () => {
    const shop = await Workshop.open();
    const world = shop.add('a', { limits: { deltaBytes: 2 } }, 2);
    await shop.apply(await shop.plan());
    shop.clock.sleep(1000);
    world.vm.guestWrites(30);
    const before = [...world.cloud.volumes.values()].map(({ metadata, durable }) => ({ metadata, bytes: [...durable] }));
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual(['vm/a failed MP6004']);
    expect([...world.cloud.volumes.values()].map(({ metadata, durable }) => ({ metadata, bytes: [...durable] }))).toEqual(before);
    expect(world.vm.leftCount).toBe(0);
  });

  test('MP6005: a difference drops the base, and the next plan shows a full copy that needs a new plan', async () => {
    const shop = await Workshop.open();
    const world = shop.add('a');
    await shop.apply(await shop.plan());
    shop.clock.sleep(1000);
    // A block that tracking knows nothing of.
    const bytes = world.vm.bytesNow(s.diskKey(2000));
    const untouched = bytes.findIndex((_, block) => !world.vm.changedSince(s.diskKey(2000), { epoch: '', sequence: 1 }, block));
    bytes[untouched] = 77;
    const plan = await shop.plan();
    expect(told(await shop.apply(plan))).toEqual(['vm/a failed MP6005']);
    expect(shop.states('a')).toEqual(['dirty']);
    expect(told(await shop.apply(plan))).toEqual(['vm/a refused MP3011']);
    expect((await shop.plan()).migrations[0]!.actions).toMatchObject([{ kind: 'sync', disks: [{ mode: 'full' }] }]);
  });

  test.each([
    ['what a delta wrote, and the volume lost', 'changed', /where it was just written/],
    ['what tracking did not report', 'untouched', /which was not reported as changed/],
  ] as const)('MP6005: verify: sample finds %s', async (_name, which, detail) => {
    const shop = await Workshop.open();
    const world = shop.add('a', { verify: 'sample' });
    await shop.apply(await shop.plan());
    const { changeID } = [...world.cloud.volumes.values()][0]!.metadata;
    const seeded = { epoch: '', sequence: Number(changeID!.split('/')[1]) };
    world.vm.guestWrites(3);
    shop.clock.sleep(1000);
    const bytes = world.vm.bytesNow(s.diskKey(2000));
    const isWanted = (block: number) => world.vm.changedSince(s.diskKey(2000), seeded, block) === (which === 'changed');
    const block = [...bytes.keys()].find(isWanted)!;
    if (which === 'untouched') bytes[block] = 77;
    else {
      shop.dataPlaneOver = {
        copy: async (job) => {
          await world.dataPlane.copy(job);
          [...world.cloud.volumes.values()][0]!.durable[block] = 255;
        },
      };
    }
    const [outcome] = await shop.apply(await shop.plan());
    expect(outcome?.diagnostics).toMatchObject([{ code: 'MP6005', detail: expect.stringMatching(detail) }]);
    expect(shop.states('a')).toEqual(['dirty']);
  });

  test('a sync tells what it compared; a delta is read back as a whole', async () => {
    const shop = await Workshop.open();
    const world = shop.add('a', { verify: 'sample' });
    await shop.apply(await shop.plan());
    world.vm.guestWrites(3);
    shop.clock.sleep(1000);
    await shop.apply(await shop.plan());
    const [seed, delta] = shop.events.flatMap((event) => (event.type === 'disk-synced' ? [event] : []));
    // Disks of ten bytes have one block.
    expect(seed?.verified).toMatchObject({ mode: 'sample', copiedBytes: 0, bytes: 10, blocks: 1, of: 1 });
    expect(delta?.verified).toMatchObject({ mode: 'sample', copiedBytes: delta!.bytes, bytes: 10 });
  });

  test('after a revert and its reseed the first delta is one again: more is compared outside of it', async () => {
    const shop = await Workshop.open();
    const world = shop.add('a', { verify: 'sample' });
    const older = world.vm.takeForeignSnapshot();
    const night = async (): Promise<unknown> => {
      shop.clock.sleep(1000);
      world.vm.guestWrites(2);
      const plan = await shop.plan();
      expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
      const verify = plan.migrations[0]!.actions.flatMap((action) => (action.kind === 'sync' ? [action.verify] : []))[0];
      return verify?.mode === 'compare' && verify.doubts.map(({ kind }) => kind).filter((kind) => kind !== 'foreign-snapshot');
    };
    expect([await night(), await night(), await night()]).toEqual([[], ['first-delta'], []]);
    world.vm.revertTo(older);
    world.vm.powerOn();
    expect((await shop.plan()).blocked.map(({ code }) => code)).toEqual(['MP2028']);
    shop.change('a', { reseed: { request: 'once', how: 'copy' } });
    expect([await night(), await night(), await night()]).toEqual([[], ['first-delta'], []]);
  });

  test('a clock that is set hours ahead in the middle of a copy does not make it one of hours', async () => {
    const shop = await Workshop.open();
    const world = shop.add('a', s.seed);
    shop.dataPlaneOver = {
      copy: async (job) => {
        shop.clock.jump(5 * 3_600_000);
        await shop.clock.sleep(500);
        await world.dataPlane.copy(job);
      },
    };
    await shop.apply(await shop.plan());
    const [synced] = shop.events.flatMap((event) => (event.type === 'disk-synced' ? [event] : []));
    expect(synced?.seconds).toBeGreaterThan(0);
    expect(synced?.seconds).toBeLessThan(60);
  });

  test.each([
    ['that broke is the reason of a copy that failed', new ProviderError(brokenLine), 'vm/a failed MP8004'],
    ['that did not break leaves the reason as it is', undefined, 'end of file'],
  ])('a hold %s', async (_name, reason, expected) => {
    const shop = await Workshop.open();
    const { provider } = shop.add('a', s.seed).cloud;
    shop.dataPlaneOver = { copy: () => Promise.reject(new Error('end of file')) };
    shop.targetOver = {
      connect: async (volume, attachment) => ({
        ...(await provider.connect(volume, attachment)),
        block: { driver: 'file', path: `a/${volume}` },
        broken: async () => reason,
      }),
    };
    expect(told(await shop.apply(await shop.plan())).join()).toContain(expected);
  });

  test('a copy that failed and a snapshot that could not be removed are both told', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const plan = await shop.plan();
    const failure = (detail: string) =>
      new ProviderError({ kind: 'transient', code: 'MP5003', provider: 'a', call: 'x', detail });
    shop.dataPlaneOver = { copy: () => Promise.reject(failure('the cause')) };
    shop.sourceOver = { removeSnapshot: () => Promise.reject(failure('the consequence')) };
    const [outcome] = await shop.apply(plan);
    expect(outcome!.diagnostics).toMatchObject([
      { code: 'MP5003', detail: 'a: x: the cause' },
      {
        code: 'MP5003',
        detail: 'what was held could not be given back: a: x: the consequence',
        nextSteps: ['run the same plan again: it removes what is left'],
      },
    ]);
    // What could not be given back is known to the next run.
    expect((await shop.state.ledgerEntries('a')).snapshots).toHaveLength(1);
    shop.dataPlaneOver = {};
    shop.sourceOver = {};
    expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
    expect(shop.worlds.get('a')!.vm.leftCount).toBe(0);
  });

  test('Ctrl-C ends waiting for a snapshot that is being merged; the next run looks again', async () => {
    const shop = await Workshop.open();
    const { provider } = shop.add('a').vm;
    const merging = async (): Promise<void> => {
      shop.abort.abort();
      await systemClock.sleep(60_000);
    };
    shop.sourceOver = { removeSnapshot: merging };
    const plan = await shop.plan();
    expect(told(await shop.apply(plan))).toEqual(['vm/a interrupted']);
    expect(shop.states('a')).toEqual(['clean']);
    expect((await shop.state.ledgerEntries('a')).snapshots).toHaveLength(1);
    shop.sourceOver = { removeSnapshot: provider.removeSnapshot };
    expect(told(await shop.apply(plan, { signal: new AbortController().signal }))).toEqual(['vm/a done']);
    expect(shop.worlds.get('a')!.vm.leftCount).toBe(0);
  });

  test('Ctrl-C while a snapshot is taken: it is taken, and removed, and nothing is copied', async () => {
    const shop = await Workshop.open();
    const { provider } = shop.add('a').vm;
    shop.sourceOver = {
      createSnapshot: async (vm, request) => {
        shop.abort.abort();
        await systemClock.sleep(1);
        return provider.createSnapshot(vm, request);
      },
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a interrupted']);
    expect([shop.worlds.get('a')!.vm.leftCount, shop.states('a')]).toEqual([0, ['dirty']]);
    expect(shop.events.some(({ type }) => type === 'progress' || type === 'disk-synced')).toBe(false);
  });

  test('Ctrl-C and a snapshot that cannot be removed: interrupted, and what is left is told', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const failure = new ProviderError({ kind: 'transient', code: 'MP5003', provider: 'a', call: 'x', detail: 'gone away' });
    shop.sourceOver = { removeSnapshot: () => Promise.reject(failure) };
    shop.dataPlaneOver = {
      copy: async () => {
        shop.abort.abort();
        await systemClock.sleep(60_000);
      },
    };
    const [outcome] = await shop.apply(await shop.plan());
    expect(outcome).toMatchObject({
      result: 'interrupted',
      diagnostics: [{ code: 'MP5003', detail: expect.stringContaining('gone away') }],
    });
  });

  /** A source whose readers take something; `log` has what became of it, and what the record said then. */
  function takingReaders(shop: Workshop, log: string[], giveBack = async (): Promise<void> => {}): void {
    const { provider } = shop.worlds.get('a')!.vm;
    shop.sourceOver = {
      reader: async (...asked) => {
        log.push(`taken, ${shop.states('a')[0]}`);
        const release = async (): Promise<void> => {
          log.push(`released, ${shop.states('a')[0]}`);
          await giveBack();
        };
        return { ...(await provider.reader(...asked)), program: 'a', release };
      },
    };
  }

  test('what a reader takes is given back when the record says that the copy is complete, also when that fails', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const log: string[] = [];
    const stuck = new ProviderError({ kind: 'failed', code: 'MP4012', provider: 'a', call: 'x', detail: 'stuck' });
    takingReaders(shop, log, () => Promise.reject(stuck));
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP4012']);
    expect(log).toEqual(['taken, dirty', 'released, clean']);
    expect(shop.states('a')).toEqual(['clean']);
  });

  test('and when the copy fails', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const log: string[] = [];
    takingReaders(shop, log);
    const failure = new ProviderError({ kind: 'transient', code: 'MP5003', provider: 'a', call: 'x', detail: 'gone' });
    shop.dataPlaneOver = { openSource: () => Promise.reject(failure) };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP5003']);
    expect(log).toEqual(['taken, dirty', 'released, dirty']);
  });

  test('a reader that broke is the reason why the copy failed', async () => {
    const shop = await Workshop.open();
    const { provider } = shop.add('a').vm;
    const error = (code: 'MP4011' | 'MP5003') =>
      new ProviderError({ kind: 'transient', code, provider: 'a', call: 'x', detail: 'end of file' });
    shop.sourceOver = {
      reader: async (...asked) => ({ ...(await provider.reader(...asked)), program: 'a', broken: async () => error('MP4011') }),
    };
    shop.dataPlaneOver = { copy: () => Promise.reject(error('MP5003')) };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP4011']);
  });

  test('a disk that cannot be read leaves an earlier copy and its record alone', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    await shop.apply(await shop.plan());
    shop.clock.sleep(1000);
    shop.change('a', { reseed: { request: 'once', how: 'copy' } });
    const full = new ProviderError({ kind: 'quota', code: 'MP4004', provider: 'a', call: 'x', detail: 'HTTP 413' });
    shop.sourceOver = { reader: () => Promise.reject(full) };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP4004']);
    expect(shop.states('a')).toEqual(['clean']);
    expect(shop.worlds.get('a')!.vm.leftCount).toBe(0);
  });

  test('a hold that cannot be connected is given back', async () => {
    const shop = await Workshop.open();
    const { cloud } = shop.add('a');
    shop.targetOver = {
      connect: () =>
        Promise.reject(new ProviderError({ kind: 'failed', code: 'MP4008', provider: 'a', call: 'connect', detail: 'no host' })),
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP4008']);
    expect([...cloud.volumes.values()].map(({ attachments }) => attachments.size)).toEqual([0]);
    expect((await shop.state.ledgerEntries('a')).attachments).toEqual([]);
  });

  test('a conversion asks for room for all its disks at once, and gives it free after the volumes', async () => {
    const shop = await Workshop.open();
    const world = shop.add('a', s.cutover, 2);
    const told: string[] = [];
    const { provider } = world.cloud;
    shop.targetOver = {
      takeSlots: async (volumes) => {
        told.push(`take ${volumes.length}`);
        return {
          [Symbol.asyncDispose]: async () => {
            told.push('free');
          },
        };
      },
      release: async (attachment) => {
        told.push('release');
        await provider.release(attachment);
      },
    };
    expect((await shop.apply(await shop.plan()))[0]?.result).toBe('done');
    expect(told.slice(-4)).toEqual(['take 2', 'release', 'release', 'free']);
    // Before the power-off what is on the volumes is looked at, all together too.
    const pass = ['take 1', 'take 1', 'take 2'];
    expect(told.filter((line) => line.startsWith('take'))).toEqual([...pass, ...pass]);
  });

  test('MP2005: tracking that did not become active is found before the first write', async () => {
    const shop = await cutover();
    const { provider } = shop.worlds.get('a')!.vm;
    const plan = await shop.plan();
    shop.sourceOver = {
      createSnapshot: async (vm, request) => {
        const snapshot = await provider.createSnapshot(vm, request);
        return { ...snapshot, disks: snapshot.disks.map(({ changeId: _, ...disk }) => disk) };
      },
    };
    expect(told(await shop.apply(plan))).toEqual(['vm/a failed MP2005']);
    expect(shop.worlds.get('a')!.vm.power).toBe('on');
    expect(shop.worlds.get('a')!.vm.leftCount).toBe(0);
  });

  test.each([
    ['MP2008 another disk in the slot', { uuid: 'other' }, 'MP2008'],
    ['MP2007 another size', { capacity: 4096 }, 'MP2007'],
  ])('%s when the snapshot is taken', async (_name, over, code) => {
    const shop = await Workshop.open();
    const { provider } = shop.add('a').vm;
    const plan = await shop.plan();
    shop.sourceOver = {
      createSnapshot: async (vm, request) => {
        const snapshot = await provider.createSnapshot(vm, request);
        return { ...snapshot, disks: snapshot.disks.map((disk) => ({ ...disk, ...over })) };
      },
    };
    expect(told(await shop.apply(plan))).toEqual([`vm/a failed ${code}`]);
  });
});

test('disks of different cycles are not converted', async () => {
  const shop = await Workshop.open();
  const world = shop.add('a', s.cutover, 2);
  shop.change('a', { phase: 'sync', cutover: false });
  await shop.apply(await shop.plan());
  const [, second] = [...world.cloud.volumes.values()];
  second!.metadata = { ...second!.metadata, migplan: second!.metadata['migplan']!.replace(/ n=\d+ /, ' n=9 ') };
  shop.change('a', { ...s.cutover, finalSync: 'skip' });
  expect((await shop.plan()).blocked).toMatchObject([{ code: 'MP2012' }]);
});

describe('allOrAbort', () => {
  test('throws the first failure, and only when the others have ended', async () => {
    const ended: string[] = [];
    const work = async (item: string, signal: AbortSignal) => {
      if (item === 'fails') throw new Error('first');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      ended.push(item);
      signal.throwIfAborted();
    };
    await expect(allOrAbort(['a', 'fails', 'b'], 3, new AbortController().signal, work)).rejects.toThrow('first');
    expect(ended).toEqual(['a', 'b']);
  });
  test('begins nothing after an abort', async () => {
    const begun: number[] = [];
    const abort = new AbortController();
    const work = async (item: number) => {
      begun.push(item);
      abort.abort();
    };
    await expect(allOrAbort([1, 2, 3], 1, abort.signal, work)).rejects.toThrow(/abort/i);
    expect(begun).toEqual([1]);
  });
});
