import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../src/apply/apply-plan.js';
import { checkFacts, leftOf } from '../../src/apply/check-plan.js';
import { windowRefusal } from '../../src/apply/check-windows.js';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { timeRulesOf } from '../../src/engine/policy/judge-policy.js';
import { systemClock } from '../../src/host/clock.js';
import { clip, type Extent, totalLength } from '../../src/model/extent.js';
import { takeLock } from '../../src/state/backend/file-lock.js';
import { LockHeldError } from '../../src/state/lock.js';
import * as s from '../plan/plan-fixture.js';
import { samplePlan } from '../plan/sample-plan.js';
import { told, Workshop } from './workshop.js';

describe('before anything is touched', () => {
  test('a changed fact is named, with what it was and is; a begun migration is not asked', () => {
    const plan = samplePlan();
    const desired = s.desired({ name: 'web-01', address: 'vm/erp-db01' });
    const now = { desired, observed: s.observed({ volumes: { '2000': [s.volume({ size: 1 })] } }) };
    const all = new Map(plan.migrations.map(({ address }) => [address, now]));
    const of = (address: string, begun: string[] = []) =>
      checkFacts(plan, all, { plan: plan.plan.id, startedAt: '', begun, done: [], by: '' }).filter(
        (one) => one.address === address,
      );
    expect(of('vm/erp-db01')).toMatchObject([
      { code: 'MP3003', lines: [expect.stringContaining(`disk/2000.size: "${s.CAPACITY}" -> "1"`)] },
    ]);
    expect(of('vm/erp-db01', ['vm/erp-db01'])).toEqual([]);
    expect(checkFacts(plan, new Map(), undefined)).toMatchObject(
      plan.migrations.filter(({ actions }) => actions.length > 0).map(() => ({ code: 'MP3006' })),
    );
  });

  test('a lock that is held leaves its VM to who holds it; the others are done, and the same plan goes on later', async () => {
    const shop = await Workshop.open();
    for (const name of ['a', 'b', 'c']) shop.add(name);
    const plan = await shop.plan();
    const held = await takeLock(shop.state.vmLock('b').place, 'someone', new Date());
    expect(told(await shop.apply(plan)).sort()).toEqual(['vm/a done', 'vm/b locked MP3009', 'vm/c done']);
    expect(shop.begun.filter((text) => text.startsWith('vm/b'))).toEqual([]);
    expect(await shop.state.readPlanProgress(plan.plan.id)).not.toHaveProperty('completedAt');
    await held[Symbol.asyncDispose]();
    expect(told(await shop.apply(plan))).toEqual(['vm/b done']);
    expect(await shop.state.readPlanProgress(plan.plan.id)).toHaveProperty('completedAt');
  });

  test('another run of the very same plan refuses all: neither may write over how far the other has come', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const plan = await shop.plan();
    await using _held = await takeLock(shop.state.planLock(plan.plan.id).place, 'someone', new Date());
    await expect(shop.apply(plan)).rejects.toThrow(LockHeldError);
    expect(shop.begun).toEqual([]);
    await using _free = await takeLock(shop.state.vmLock('a').place, 'test', new Date());
  });
});

describe('right before each migration', () => {
  test.each(['observed', 'looked at'] as const)('somebody says stop while it is %s: nothing is waited for', async (when) => {
    const shop = await Workshop.open();
    shop.add('a');
    const plan = await shop.plan();
    const forEver = async (): Promise<never> => {
      shop.abort.abort();
      await systemClock.sleep(3_600_000);
      throw new Error('it was waited for');
    };
    if (when === 'observed') shop.sourceOver = { observe: forEver };
    else shop.looks = { ...shop.looks, reader: forEver };
    expect(told(await shop.apply(plan))).toEqual(['vm/a interrupted']);
    expect(shop.begun).toEqual([]);
  });

  test('facts are compared once more: the plan is refused for that VM, and nothing of it is done', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const b = shop.add('b');
    const plan = await shop.plan();
    // Someone makes b's volume by hand after the first look at all of them.
    await b.cloud.provider.createVolume({ name: 'b-2000', sizeGiB: 1, metadata: {} });
    const outcomes = await shop.apply(plan);
    expect(told(outcomes)).toEqual(['vm/a done', 'vm/b refused MP3003']);
    expect(shop.begun.filter((text) => text.startsWith('vm/b'))).toEqual([]);
  });

  test('MP3011: what is left is more than the plan allows', async () => {
    const shop = await Workshop.open();
    shop.add('a', {}, 2);
    const plan = await shop.plan();
    // Begun already, so facts do not count any more; but only one disk was reviewed.
    const entry = plan.migrations[0]!;
    const actions = entry.actions.map((action) =>
      action.kind === 'sync' ? { ...action, disks: action.disks.slice(0, 1) } : action,
    );
    await shop.state.writePlanProgress({ plan: plan.plan.id, startedAt: '', begun: ['vm/a'], done: [], by: '' });
    const outcomes = await shop.apply({ ...plan, migrations: [{ ...entry, actions }] });
    expect(told(outcomes)).toEqual(['vm/a refused MP3011']);
    expect(outcomes[0]!.diagnostics[0]!.detail).toContain('sync disk 2001: not in the plan');
    expect(shop.begun).toEqual([]);
  });

  test('MP3014: the window closed while other VMs were worked on', async () => {
    const shop = await Workshop.open();
    shop.add('a', { window: { kind: 'once', start: '2026-06-01T00:00:00Z', end: '2026-06-01T11:00:00Z' } });
    shop.add('b', { window: { kind: 'once', start: '2026-06-01T00:00:00Z', end: '2026-06-01T13:00:00Z' } });
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a not-started MP3014', 'vm/b done']);
  });

  test('a plan that spans several windows is finished: each run does what is open, and what is done waits for no window', async () => {
    const shop = await Workshop.open();
    shop.add('a', { window: { kind: 'once', start: '2026-06-01T00:00:00Z', end: '2026-06-01T13:00:00Z' } });
    shop.add('b', { window: { kind: 'once', start: '2026-06-01T20:00:00Z', end: '2026-06-01T23:00:00Z' } });
    const plan = await shop.plan();
    const refused = async () => {
      const left = leftOf(plan, [...shop.desired.values()], await shop.state.readPlanProgress(plan.plan.id));
      return windowRefusal(left, shop.clock.now())?.diagnostics.map(({ address }) => address) ?? [];
    };
    expect(await refused()).toEqual([]);
    expect(told(await shop.apply(plan))).toEqual(['vm/a done', 'vm/b not-started MP3014']);
    expect(shop.notes).toContain('the window closes at 2026-06-01T13:00:00.000Z');
    expect(await refused()).toEqual(['vm/b']);
    await shop.clock.sleep(Date.parse('2026-06-01T21:00:00Z') - shop.clock.now().getTime());
    expect(await refused()).toEqual([]);
    expect(told(await shop.apply(plan))).toEqual(['vm/b done']);
    expect((await shop.state.readPlanProgress(plan.plan.id))?.completedAt).toBeDefined();
  });

  test('MP3014: the window closes during the live sync: the VM is not powered off any more', async () => {
    const shop = await Workshop.open();
    shop.add('a', { ...s.cutover, window: { kind: 'once', start: '2026-06-01T00:00:00Z', end: '2026-06-01T13:00:00Z' } });
    shop.sourceOver = {
      changedExtents: async () => [],
      removeSnapshot: async (...asked) => {
        await shop.clock.sleep(7_200_000);
        await shop.worlds.get('a')!.vm.provider.removeSnapshot(...asked);
      },
    };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed MP3014']);
    expect(shop.worlds.get('a')!.vm.power).toBe('on');
    expect(shop.states('a')).toEqual(['clean']);
  });

  describe('MP3020: a freeze that begins while a plan is applied', () => {
    const freeze = { name: 'year-end', start: '2026-06-01T13:00:00.000Z', end: '2026-06-02T00:00:00.000Z' };
    const rules = { of: 'the Project', places: {}, freezes: [freeze] };
    const afterIt = async ({ clock }: Workshop) => clock.sleep(Date.parse(freeze.end) - clock.now().getTime());

    /** A cutover at whose `step` of the source two hours pass. */
    async function cutoverThatTakesLongAt(step: 'removeSnapshot' | 'shutdownGuest') {
      const shop = await Workshop.open();
      const { provider } = shop.add('a', s.cutover).vm;
      const plan = await shop.plan();
      shop.timeRules = timeRulesOf(plan, [rules]);
      const slow = async (...asked: never[]) => {
        await shop.clock.sleep(7_200_000);
        await (provider[step] as (...asked: never[]) => Promise<unknown>)(...asked);
      };
      shop.sourceOver = { [step]: slow };
      return { shop, plan };
    }

    test('begins no other VM, and says until when', async () => {
      const shop = await Workshop.open();
      const slow = shop.add('a');
      shop.add('b');
      shop.dataPlaneOver = {
        copy: async (job) => {
          await slow.dataPlane.copy(job);
          await shop.clock.sleep(7_200_000);
        },
      };
      const plan = await shop.plan();
      shop.timeRules = timeRulesOf(plan, [rules]);
      const [, b] = await shop.apply(plan, { parallelism: 1 });
      expect(told([b!])).toEqual(['vm/b not-started MP3020']);
      expect(b!.diagnostics[0]).toMatchObject({
        address: 'vm/b',
        detail: `rule "freezes" of the Project: "year-end" lasts until ${freeze.end}; nothing was changed`,
        nextSteps: [`run the same plan again from ${freeze.end} on`, expect.stringContaining('policy.freezes')],
      });
    });

    test('stops a copy after its batch', async () => {
      const shop = await Workshop.open();
      const world = shop.add('a');
      let batches = 0;
      shop.dataPlaneOver = {
        copy: async (job) => {
          batches++;
          await shop.clock.sleep(7_200_000);
          await world.dataPlane.copy(job);
        },
      };
      const plan = await shop.plan();
      shop.timeRules = timeRulesOf(plan, [rules]);
      expect(told(await shop.apply(plan))).toEqual(['vm/a failed MP3020']);
      expect([batches, shop.states('a')]).toEqual([1, ['dirty']]);
    });

    test('powers no VM off; the same plan is no way round it, and does it when it is over', async () => {
      const { shop, plan } = await cutoverThatTakesLongAt('removeSnapshot');
      const [outcome] = await shop.apply(plan);
      expect(told([outcome!])).toEqual(['vm/a failed MP3020']);
      expect(outcome!.diagnostics[0]!.detail).toMatch(/; what was done so far is kept, and the VM was left running$/);
      const before = shop.begun.length;
      expect(told(await shop.apply(plan))).toEqual(['vm/a not-started MP3020']);
      expect([shop.worlds.get('a')!.vm.power, shop.begun.length]).toEqual(['on', before]);
      shop.sourceOver = {};
      await afterIt(shop);
      expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
    });

    test('leaves no VM off that is off already, neither this run nor the next', async () => {
      const { shop, plan } = await cutoverThatTakesLongAt('shutdownGuest');
      shop.converterOver = { convert: () => Promise.reject(new Error('the machine is busy')) };
      expect((await shop.apply(plan)).map(({ result }) => result)).toEqual(['failed']);
      expect([shop.worlds.get('a')!.vm.power, shop.timeRules(shop.clock.now()).length]).toEqual(['off', 1]);
      shop.converterOver = {};
      expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
    });

    test('is not begun by a run that lasts longer than its plan may be applied', () => {
      const plan = samplePlan();
      const late = new Date(Date.parse(plan.plan.expires_at) + 86_400_000);
      const codes = (start: string) =>
        timeRulesOf(plan, [{ ...rules, freezes: [{ ...freeze, start, end: '2099-01-02T00:00:00Z' }] }])(late).map(
          ({ code }) => code,
        );
      expect(codes('2099-01-01T00:00:00Z')).toEqual([]);
      expect(codes(plan.plan.expires_at)).toEqual(['MP3020']);
    });
  });

  test('MP3014: the window closes in the middle of a copy: it stops after the batch, and goes on there in the next', async () => {
    const shop = await Workshop.open();
    const windows = ['2026-06-01', '2026-06-02'].map(
      (day) => ({ kind: 'once', start: `${day}T00:00:00Z`, end: `${day}T13:00:00Z` }) as const,
    );
    const world = shop.add('a', { window: windows[0]! });
    const copied: Extent[] = [];
    const copyFor = (ms: number): void => {
      shop.dataPlaneOver = {
        copy: async (job) => {
          copied.push(...job.extents);
          await shop.clock.sleep(ms);
          await world.dataPlane.copy(job);
        },
      };
    };
    copyFor(7_200_000);
    const [outcome] = await shop.apply(await shop.plan());
    expect(told([outcome!])).toEqual(['vm/a failed MP3014']);
    expect(outcome!.diagnostics[0]!.detail).toContain('what was done so far is kept');
    expect(shop.states('a')).toEqual(['dirty']);
    expect(world.vm.leftCount).toBe(0);
    const firstBatch = copied.splice(0);

    shop.change('a', { window: windows[1]! });
    await shop.clock.sleep(Date.parse('2026-06-02T01:00:00Z') - shop.clock.now().getTime());
    copyFor(0);
    const plan = await shop.plan();
    const upTo = firstBatch.reduce((end, { offset, length }) => Math.max(end, offset + length), 0);
    expect(plan.migrations[0]!.actions).toMatchObject([{ disks: [{ reason: 'interrupted-full', partial: { upTo } }] }]);
    expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
    // Of what the first run did, only what the guest wrote since.
    expect(totalLength(clip(copied, { offset: 0, length: upTo }))).toBeLessThan(upTo);
    expect(shop.states('a')).toEqual(['clean']);
  });

  test('a migration that left the manifests is refused', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const plan = await shop.plan();
    shop.desired.delete('vm/a');
    expect(told(await shop.apply(plan))).toEqual(['vm/a refused MP3006']);
  });
});

describe('once and for all', () => {
  test('a begun plan is continued, a finished one does nothing', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    shop.add('b');
    const plan = await shop.plan();
    const failing = new ProviderError({ kind: 'denied', code: 'MP4002', provider: 'b', call: 'x', detail: 'no' });
    let calls = 0;
    shop.targetOver = {
      setBootable: async () => {
        if (++calls === 2) throw failing;
      },
    };
    expect(told(await shop.apply(plan, { parallelism: 1 }))).toEqual(['vm/a done', 'vm/b failed MP4002']);
    expect(shop.states('b')).toEqual(['dirty']);
    shop.targetOver = {};
    shop.events.length = 0;
    expect(told(await shop.apply(plan))).toEqual(['vm/b done']);
    expect(shop.begun).toEqual(['vm/b set-image-metadata', 'vm/b sync']);
    expect((await shop.state.readPlanProgress(plan.plan.id))?.completedAt).toBeDefined();
    shop.events.length = 0;
    expect(await shop.apply(plan)).toEqual([]);
    expect(shop.begun).toEqual([]);
  });

  test('one that another process finished meanwhile is not done again', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const plan = await shop.plan();
    // Two processes read "nothing done"; the second gets the lock when the first has ended.
    expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
    shop.worlds.get('a')!.vm.guestWrites(3);
    expect(await shop.apply(plan)).toEqual([]);
  });
});

describe('when something goes wrong', () => {
  test('one migration fails: the others finish, all locks are given back', async () => {
    const shop = await Workshop.open();
    for (const name of ['a', 'b', 'c']) shop.add(name);
    const plan = await shop.plan();
    const refused = new ProviderError({ kind: 'quota', code: 'MP4004', provider: 'b', call: 'POST /volumes', detail: 'full' });
    shop.targetOver = {
      createVolume: (request) =>
        request.name === 'b-2000'
          ? Promise.reject(refused)
          : shop.worlds.get(request.name[0]!)!.cloud.provider.createVolume(request),
    };
    const outcomes = await shop.apply(plan);
    expect(told(outcomes)).toEqual(['vm/a done', 'vm/b failed MP4004', 'vm/c done']);
    expect(outcomes[1]!.diagnostics[0]).toMatchObject({ address: 'vm/b', detail: 'b: POST /volumes: full' });
    for (const name of ['a', 'b', 'c']) await takeLock(shop.state.vmLock(name).place, 'test', new Date());
  });

  test('what was read has moved meanwhile: nothing says that the copy is complete, and the next run copies again', async () => {
    const shop = await Workshop.open();
    const world = shop.add('a');
    const plan = await shop.plan();
    const moved = new ProviderError({
      kind: 'conflict',
      code: 'MP5005',
      provider: 'a',
      call: 'read',
      detail: 'it was written to',
    });
    const asked: string[][] = [];
    shop.sourceOver = {
      reader: async (snapshot, disk) => ({
        ...(await world.vm.provider.reader(snapshot, disk)),
        program: 'a',
        requireUnmoved: async () => {
          asked.push(shop.states('a'));
          throw moved;
        },
      }),
    };
    expect(told(await shop.apply(plan))).toEqual(['vm/a failed MP5005']);
    expect(asked).toEqual([['dirty']]);
    expect(shop.states('a')).toEqual(['dirty']);
    shop.sourceOver = {};
    expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
    expect(shop.states('a')).toEqual(['clean']);
  });

  test('a bug of ours is told as one, with its stack', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    shop.targetOver = { setBootable: () => Promise.reject(new TypeError('x is not a function')) };
    expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a failed bug TypeError: x is not a function']);
  });

  test('what throws outside of a migration takes no lock away from those that still run', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    shop.add('b');
    const plan = await shop.plan();
    const heldAtEnd: boolean[] = [];
    const applying = applyPlan({
      plan,
      desired: shop.desired,
      state: shop.state,
      tools: shop.tools(),
      parallelism: 2,
      onOutcome: ({ address }) => {
        if (address === 'vm/a') throw new Error('the view broke');
        heldAtEnd.push(true);
      },
    });
    await expect(applying).rejects.toThrow('the view broke');
    expect(heldAtEnd).toEqual([true]);
    expect(shop.states('b')).toEqual(['clean']);
  });
});

describe('interrupted', () => {
  test('what runs stops at its next step, what has not begun does not begin', async () => {
    const shop = await Workshop.open();
    for (const name of ['a', 'b', 'c']) shop.add(name);
    const plan = await shop.plan();
    shop.targetOver = {
      setBootable: async () => shop.abort.abort(),
    };
    expect(told(await shop.apply(plan, { parallelism: 1 }))).toEqual([
      'vm/a interrupted',
      'vm/b not-started',
      'vm/c not-started',
    ]);
    expect(shop.states('a')).toEqual(['dirty']);
  });

  test('what goes wrong while stopping is told all the same', async () => {
    const shop = await Workshop.open();
    shop.add('a');
    const plan = await shop.plan();
    const denied = new ProviderError({ kind: 'denied', code: 'MP4002', provider: 'a', call: 'x', detail: 'no' });
    shop.targetOver = {
      setBootable: async () => {
        shop.abort.abort();
        throw denied;
      },
    };
    expect(told(await shop.apply(plan))).toEqual(['vm/a failed MP4002']);
  });
});

test('MP3013: a VM whose ledger is damaged is not touched; without the file it is synced as before', async () => {
  const shop = await Workshop.open();
  shop.add('a');
  expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
  shop.change('a', { phase: 'sync', cbtSync: true });
  await shop.clock.sleep(3_600_000);
  const plan = await shop.plan();
  const path = shop.state.ledger('a').place;
  await writeFile(path, (await readFile(path, 'utf8')).replace('"things": {', '"things": 5, "was": {'));
  const [refused] = await shop.apply(plan);
  expect(told([refused!])).toEqual(['vm/a failed MP3013']);
  expect(refused!.diagnostics[0]!.nextSteps).toEqual([expect.stringContaining('removing it is safe')]);
  expect([shop.states('a'), shop.worlds.get('a')!.vm.leftCount]).toEqual([['clean'], 0]);
  await rm(path);
  expect(told(await shop.apply(plan))).toEqual(['vm/a done']);
  expect(shop.states('a')).toEqual(['clean']);
});
