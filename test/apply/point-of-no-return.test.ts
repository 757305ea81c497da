import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { look } from '../../src/apply/looks.js';
import type { SourceProvider } from '../../src/contracts/source-provider.js';
import { ProgramFinder } from '../../src/host/program.js';
import { machineLooks } from '../../src/machine-looks.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import type { ObservedDisk, ObservedVm } from '../../src/model/observed-source.js';
import type { TargetCatalog } from '../../src/model/observed-target.js';
import { type CheckId, checkTable, idsOf } from '../../src/plan/checks/check-table.js';
import { planMigration } from '../../src/plan/plan-migration.js';
import { judgeTogether } from '../../src/plan/together/judge-together.js';
import * as s from '../plan/plan-fixture.js';
import { told, Workshop } from './workshop.js';

afterEach(() => vi.unstubAllEnvs());

const allChecks = Object.keys(checkTable).sort();
const distinct = (ids: readonly CheckId[]): CheckId[] => [...new Set(ids)].sort();

/** A cutover whose live sync is followed by `meanwhile`: what happens while bytes move. */
async function cutoverWith(meanwhile: (shop: Workshop) => void, over: Partial<DesiredMigration> = {}): Promise<Workshop> {
  const shop = await Workshop.open();
  shop.add('a', { ...s.cutover, ...over });
  const { dataPlane } = shop.worlds.get('a')!;
  shop.dataPlaneOver = { copy: async (job) => dataPlane.copy(job).then(() => meanwhile(shop)) };
  return shop;
}

const catalogIs = (shop: Workshop, over: Partial<TargetCatalog>): void => {
  const { provider } = shop.worlds.get('a')!.cloud;
  shop.targetOver = {
    ...shop.targetOver,
    observe: async () => {
      const found = await provider.observe();
      return { ...found, catalog: { ...found.catalog, ...over } };
    },
  };
};

const added = (like: ObservedDisk): ObservedDisk => ({
  ...like,
  key: s.diskKey(2002),
  uuid: '6000c29a-1111-2222-3333-444455552002',
  slot: { ...like.slot, unit: 2 },
});
const nic = { key: 4000, mac: '00:50:56:aa:bb:01', network: 'VM Network', model: 'vmxnet3' };
const mapping = { flavors: {}, networks: { 'VM Network': 'prod' }, keyPairs: {} };

const withServer = { target: { provider: 'a', server: { ...s.withServer.target.server, networks: [] } } };

describe('checks run in plan, and again before the first step that cannot be taken back', () => {
  test.each<[string, Partial<TargetCatalog>, string]>([
    ['a flavor that is deleted', { flavors: ['m1.tiny'] }, 'MP2020'],
    ['a quota that others use up', { quota: { instancesLeft: 0 } }, 'MP2019'],
  ])('%s while the live sync runs: the VM is left running', async (_name, over, code) => {
    const shop = await cutoverWith((now) => catalogIs(now, over), withServer);
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual([`vm/a failed ${code}`]);
    expect(outcomes[0]!.diagnostics[0]!.detail).toMatch(/; the VM was left running$/);
    expect([shop.worlds.get('a')!.vm.power, shop.states('a')]).toEqual(['on', ['clean']]);
  });

  test('a conversion host that is no longer reached after the live sync: the VM is left running', async () => {
    const problem = { isFatal: true, detail: 'it is another machine', nextSteps: ['name the right one'] };
    let isFit = true;
    const shop = await cutoverWith(() => {
      isFit = false;
    });
    const check = { what: 'which machine it is', found: '' };
    shop.targetOver = { checkHost: async () => [isFit ? check : { ...check, problem }] };
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual(['vm/a failed MP8004']);
    expect(outcomes[0]!.diagnostics[0]!.detail).toMatch(/which machine it is: it is another machine; the VM was left running$/);
    expect([shop.worlds.get('a')!.vm.power, shop.states('a')]).toEqual(['on', ['clean']]);
  });

  test.each<[string, (vm: ObservedVm) => Partial<ObservedVm>, string]>([
    ['a disk that is added', ({ disks }) => ({ disks: [...disks, added(disks[0]!)] }), 'disk/2002.uuid: (not there) -> '],
    ['a disk that is taken away', ({ disks }) => ({ disks: disks.slice(0, 1) }), 'disk/2001.uuid: '],
    ['another boot disk', ({ disks }) => ({ bootDisk: disks[1]!.key }), 'vm.bootDisk: "2000" -> "2001"'],
    ['another firmware', () => ({ firmware: 'efi' }), 'vm.firmware: "bios" -> "efi"'],
    ['a NIC that is added and mapped', () => ({ nics: [nic] }), 'vm.macs: "" -> "00:50:56:aa:bb:01"'],
  ])('MP3003: %s while the live sync runs: it would be left behind, so the VM is left running', async (_name, change, line) => {
    const shop = await Workshop.open();
    const target = { provider: 'a', server: { name: 'a', flavor: 'm1', securityGroups: [] }, mapping };
    const { vm, dataPlane } = shop.add('a', { ...s.cutover, target }, 2);
    const sees = (isChanged: boolean) => {
      const observe: SourceProvider['observe'] = async (asked) =>
        (await vm.provider.observe(asked)).map((found) =>
          found.kind === 'found' && isChanged ? { ...found, vm: { ...found.vm, ...change(found.vm) } } : found,
        );
      shop.sourceOver = { ...shop.sourceOver, observe };
    };
    shop.dataPlaneOver = { copy: async (job) => dataPlane.copy(job).then(() => sees(true)) };
    const plan = await shop.plan();
    const outcomes = await shop.apply(plan);
    expect(told(outcomes)).toEqual(['vm/a failed MP3003']);
    expect(outcomes[0]!.diagnostics[0]).toMatchObject({
      detail: expect.stringMatching(/; the VM was left running$/),
      lines: expect.arrayContaining([expect.stringContaining(line)]),
    });
    expect([vm.power, shop.states('a')]).toEqual(['on', ['clean', 'clean']]);
  });

  test('MP3003: image metadata that somebody changes while the live sync runs: the server would not be the reviewed one', async () => {
    const shop = await cutoverWith(({ worlds }) => {
      const [volume] = worlds.get('a')!.cloud.volumes.values();
      volume!.imageMetadata['hw_machine_type'] = 'q35';
    });
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual(['vm/a failed MP3003']);
    expect(outcomes[0]!.diagnostics[0]).toMatchObject({
      detail: expect.stringMatching(/; the VM was left running$/),
      lines: ['  disk/2000.hw_machine_type: "pc" -> "q35"'],
    });
    expect([shop.worlds.get('a')!.vm.power, shop.states('a')]).toEqual(['on', ['clean']]);
  });

  test('MP2022: a disk that is added after that is seen in the last snapshot: nothing is converted without it', async () => {
    const shop = await cutoverWith(() => {});
    const { vm } = shop.worlds.get('a')!;
    shop.sourceOver = {
      createSnapshot: async (...asked) => {
        const taken = await vm.provider.createSnapshot(...asked);
        const more = { ...taken.disks[0]!, key: s.diskKey(2001), uuid: 'added' };
        return vm.power === 'on' ? taken : { ...taken, disks: [...taken.disks, more] };
      },
    };
    const outcomes = await shop.apply(await shop.plan());
    expect(told(outcomes)).toEqual(['vm/a failed MP2022']);
    expect(outcomes[0]!.diagnostics[0]!.detail).toContain('disk 2001 was added after the plan was made');
    expect(shop.states('a')).toEqual(['clean']);
    expect(vm.leftCount).toBe(0);
  });

  test('a program that is removed while the live sync runs: the VM is left running', async () => {
    const shop = await cutoverWith((now) => {
      now.looks = { ...now.looks, programs: async () => [{ code: 'MP8001', detail: 'virt-v2v-in-place is missing' }] };
    });
    const tools = shop.tools();
    const looks = {
      ...tools.checking.looks,
      programs: (...asked: Parameters<typeof tools.checking.looks.programs>) => shop.looks.programs(...asked),
    };
    const outcomes = await shop.apply(await shop.plan(), { checking: { ...tools.checking, looks } });
    expect(told(outcomes)).toEqual(['vm/a failed MP8001']);
    expect(shop.worlds.get('a')!.vm.power).toBe('on');
  });

  test('exactly the checks that plan has run are run again, and all of the table are', async () => {
    const inPlan: CheckId[] = [];
    const ran = (id: CheckId): void => void inPlan.push(id);
    let copies = 0;
    const shop = await cutoverWith((now) => (copies++ === 0 ? now.ran.splice(0) : []));
    const [desired] = shop.desired.values();
    const observed = await shop.tools().checking.observeAgain(desired!);
    const plan = planMigration(desired!, observed, { now: s.NOW, ran });
    judgeTogether(
      [{ desired: desired!, plan, catalog: observed.catalog, observed }],
      { parallelism: 1, isChosen: true, transfers: 1 },
      ran,
    );
    const providers = { source: shop.worlds.get('a')!.vm.provider, target: shop.worlds.get('a')!.cloud.provider };
    const subject = { desired: desired!, vm: s.vm().ref, actions: plan.actions, station: 'plan' as const };
    await look(shop.looks, { ...subject, ...providers }, ran);
    expect(distinct(inPlan)).toEqual(allChecks);

    const reviewed = await shop.plan();
    let atBegin: CheckId[] = [];
    shop.sourceOver = {
      createSnapshot: (...asked) => {
        if (atBegin.length === 0) atBegin = [...shop.ran];
        return shop.worlds.get('a')!.vm.provider.createSnapshot(...asked);
      },
    };
    expect(told(await shop.apply(reviewed))).toEqual(['vm/a done']);
    // Before anything is done to the VM; and since the copy ended, which is before it was powered off.
    expect(distinct(atBegin)).toEqual(allChecks);
    expect(distinct(shop.ran)).toEqual(allChecks);
  });

  test('what was not there in the plan blocks the begin of a VM too, before its first snapshot', async () => {
    const shop = await cutoverWith(() => {}, withServer);
    const plan = await shop.plan();
    catalogIs(shop, { quota: { instancesLeft: 0 } });
    expect(told(await shop.apply(plan))).toEqual(['vm/a failed MP2019']);
    expect(shop.begun).toEqual([]);
  });
});

test.each(['plan', 'begin', 'no-return'] as const)(
  'virtio-win is not installed, %s: an error for a Windows cutover',
  async (station) => {
    const shop = await Workshop.open();
    const world = shop.add('win', s.cutover);
    const windows = {
      guestFamily: 'windows',
      guestId: 'windows2019srv_64Guest',
      firmware: 'bios',
      disks: s.bootFirst(s.diskKey(2000), []),
    } as const;
    const subject = { desired: s.desired(), vm: s.vm().ref, source: world.vm.provider, target: world.cloud.provider, station };
    const found = async (disk: 'virtio' | 'emulated') => {
      const actions = [{ kind: 'convert', ...windows, hardware: { disk, network: disk } } as const];
      const looks = { ...machineLooks(new ProgramFinder(), async () => []), programs: async () => [] };
      return (await look(looks, { ...subject, actions })).map(({ severity, code }) => `${severity} ${code}`);
    };
    vi.stubEnv('VIRTIO_WIN', '/nonexistent');
    vi.stubEnv('VIRT_TOOLS_DATA_DIR', '/nonexistent');
    expect(await found('virtio')).toEqual(['error MP2051', 'error MP8001']);
    expect(await found('emulated')).toEqual(['error MP8001']);
  },
);

describe('a look that fails on the machine that plans', () => {
  test.each([
    ['plan', 'warning'],
    ['begin', 'error'],
    ['no-return', 'error'],
  ] as const)('%s: %s', async (station, severity) => {
    const shop = await Workshop.open();
    const world = shop.add('a');
    const looks = { ...shop.looks, programs: async () => [{ code: 'MP8001', detail: 'nbdkit is missing' }] as const };
    const subject = {
      desired: s.desired(),
      vm: s.vm().ref,
      actions: [],
      source: world.vm.provider,
      target: world.cloud.provider,
    };
    expect(await look(looks, { ...subject, station })).toMatchObject([{ code: 'MP8001', severity }]);
  });
});

test.each([
  ['reader', 'sourceOver', 'readerNeeds', 'MP8006'],
  ['writer', 'targetOver', 'writerNeeds', 'MP8009'],
] as const)(
  'what a %s lacks is a warning in a plan, tried once; an error before the first snapshot, tried for each VM',
  async (row, over, needs, code) => {
    const shop = await Workshop.open();
    const world = shop.add('a');
    let asked = 0;
    const preflight = async () => {
      asked++;
      return [{ severity: 'error', code, detail: 'it is not here' } as const];
    };
    const looks = { ...machineLooks(new ProgramFinder(), preflight), programs: async () => [] };
    const { actions } = (await shop.plan()).migrations[0]!;
    shop[over] = { [needs]: () => [{ kind: 'folder', path: '/volumes' }] };
    const source = { ...world.vm.provider, ...shop.sourceOver };
    const subject = {
      desired: s.desired(),
      vm: s.vm().ref,
      actions,
      source,
      target: { ...world.cloud.provider, ...shop.targetOver },
    };
    const found = async (station: 'plan' | 'begin') =>
      (await look(looks, { ...subject, station })).map(({ severity }) => severity);
    expect([...(await found('plan')), ...(await found('plan')), asked]).toEqual(['warning', 'warning', 1]);
    expect([...(await found('begin')), ...(await found('begin')), asked]).toEqual(['error', 'error', 3]);

    shop.looks = { ...shop.looks, [row]: looks[row] };
    expect(told(await shop.apply(await shop.plan()))).toEqual([`vm/a failed ${code}`]);
    expect(shop.begun).toEqual([]);
  },
);

/** Told by the act itself: nobody could have known, or the plan said the same and this is the race against it. */
const onlyTheActShows: Readonly<Record<string, string>> = {
  MP2005: 'whether tracking is active shows in a snapshot',
  MP2006: 'the source refuses changed areas of this very snapshot',
  MP2045: 'the source cannot read its change map at this moment',
  MP2007: 'resized between check and snapshot',
  MP2008: 'replaced between check and snapshot',
  MP2012: 'a handler was called out of order',
  MP2017: 'an overlay that was there is gone',
  MP2052: 'seen on the volumes only, after the last sync before the power-off',
  MP2053: 'seen on the volumes only',
  MP2054: 'seen on the volumes only',
  MP2055: 'seen on the volumes only',
  MP2058: 'seen on the volumes only',
  MP8005: 'a sector of a disk that a running VM writes to is read from a snapshot, and a plan takes none',
  MP2023: 'powered on by somebody meanwhile',
};

describe('no check exists beside the table', () => {
  const files = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name));

  test('what apply finds out by itself is known to be findable by it alone', () => {
    const codes = files('src/apply').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/code: '(MP[28]\d{3})'/g)].map(([, code]) => code!),
    );
    const says = Object.values(checkTable).flatMap(({ says: all }): readonly string[] => all);
    const unknown = [...new Set(codes)].filter((code) => !(code in onlyTheActShows) && !says.includes(code));
    expect(unknown).toEqual([]);
    expect(Object.keys(onlyTheActShows).filter((code) => !codes.includes(code))).toEqual([]);
  });

  test('judges are called by the table alone', () => {
    const judges = ['source-checks', 'target-addresses', 'target-diagnostics', 'target-hardware', 'target-slots'];
    const pattern = /import \{([^}]*)\} from '[^']*?([\w-]+)\.js'/g;
    const callers = files('src').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(pattern)]
        .filter(([, names, module]) => judges.includes(module!) && !/placeOf|notFoundDiagnostic/.test(names!))
        .map(() => file),
    );
    expect([...new Set(callers)]).toEqual(['src/plan/checks/judge.ts']);
    expect(idsOf('migration').length + idsOf('together').length + idsOf('look').length).toBe(allChecks.length);
  });
});
