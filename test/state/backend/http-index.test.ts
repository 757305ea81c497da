import { describe, expect, test } from 'vitest';
import type { StateServerOptions } from '../../../lab/state-server/index.js';
import { PLANS_LISTED_MAX } from '../../../src/state/backend/http-index-content.js';
import { type DocumentName, RUN_INDEX } from '../../../src/state/backend/state-backend.js';
import { asGitLab, asTerraform, type HttpPlace, httpPlace, quickClock } from './http-place.js';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const plan: DocumentName = { kind: 'plans', name: 'p1' };
const INDEX = { kind: 'index', of: '' } as const;

const indexOf = (place: HttpPlace) => JSON.parse(place.server.control.state(place.nameOf(INDEX))?.body ?? '{}').document;

const dialects: [string, StateServerOptions, string][] = [
  ['GitLab', asGitLab, 'POST'],
  ['Terraform', asTerraform, 'LOCK'],
];

describe.each(dialects)('%s: the index of a project whose plans never end', (_name, options, lockMethod) => {
  test('lists the last plans; an older one is found by its id, and every VM by its name', async () => {
    const place = await httpPlace(options);
    const backend = await place.open();
    await backend.prepare();
    await backend.document({ kind: 'vms', name: 'web01' }).write('{}');
    await backend.document(plan).write('{"n":1}');
    const body = JSON.parse(place.server.control.state(place.nameOf(INDEX))!.body!);
    const plans = ['p1', ...Array.from({ length: PLANS_LISTED_MAX - 1 }, (_, i) => `q${i}`)];
    const document = { ...body.document, names: { ...body.document.names, plans } };
    place.server.control.put(
      place.nameOf(INDEX),
      JSON.stringify({ ...body, serial: body.serial + 1, document }),
      body.serial + 1,
    );
    const later = await place.open();
    await using _lock = await later.lock({ kind: 'plans', name: 'p2' }).take('apply run1', NOW);
    await later.document({ kind: 'plans', name: 'p2' }).write('{"n":2}');
    expect(indexOf(place).names.plans).toEqual([...plans.slice(1), 'p2']);
    expect(indexOf(place).names.vms).toEqual(['web01']);
    expect(await later.list('plans')).toEqual(['p2']);
    expect(JSON.parse((await (await place.open()).document(plan).read()) ?? '')).toEqual({ n: 1 });
    await using _old = await later.lock(plan).take('apply run2', NOW);
    expect((await later.locks()).map(({ of }) => of.name)).toEqual(['p1', 'p2']);
  });

  test('what a version that does not know of the index of runs leaves out when it writes is found all the same', async () => {
    const place = await httpPlace(options);
    const backend = await place.open();
    await backend.prepare();
    await backend.document(RUN_INDEX).edit(() => '{"runs":[1]}');
    const body = JSON.parse(place.server.control.state(place.nameOf(INDEX))!.body!);
    const { 'run-index': known, ...names } = body.document.names;
    expect(known).toEqual(['recent']);
    const without = { ...body, serial: body.serial + 1, document: { ...body.document, names } };
    place.server.control.put(place.nameOf(INDEX), JSON.stringify(without), body.serial + 1);
    const later = await place.open();
    expect(await later.list('run-index')).toEqual(['recent']);
    expect(JSON.parse((await later.document(RUN_INDEX).read()) ?? '')).toEqual({ runs: [1] });
    await later.document(RUN_INDEX).edit((text) => JSON.stringify({ runs: [2, ...JSON.parse(text ?? '').runs] }));
    expect(JSON.parse((await (await place.open()).document(RUN_INDEX).read()) ?? '')).toEqual({ runs: [2, 1] });
    expect(indexOf(place).names['run-index']).toEqual(['recent']);
  });

  test('who died while it edited the index of runs keeps the next one out for some seconds only', async () => {
    const place = await httpPlace(options);
    const backend = await place.open();
    await backend.prepare();
    await backend.document(RUN_INDEX).edit(() => '{"runs":[1]}');
    place.server.control.stealLock(place.nameOf({ kind: 'run-index', of: 'recent' }), { ID: 'dead' });
    const clock = quickClock();
    await (await place.open({ clock })).document(RUN_INDEX).edit(() => '{"runs":[2]}');
    expect(clock.monotonicMs()).toBeLessThan(10_000);
    expect(JSON.parse((await backend.document(RUN_INDEX).read()) ?? '')).toEqual({ runs: [2] });
  });

  test('who looks for locks asks for no plan that nobody applies', async () => {
    const place = await httpPlace(options);
    const backend = await place.open();
    await backend.prepare();
    for (const name of ['p1', 'p2', 'p3']) {
      await using _lock = await backend.lock({ kind: 'plans', name }).take('apply run1', NOW);
      await backend.document({ kind: 'plans', name }).write('{}');
    }
    expect(indexOf(place)).toMatchObject({ locked: [], names: { plans: ['p1', 'p2', 'p3'] } });
    await using held = await backend.lock(plan).take('apply run2', NOW);
    place.server.log.clear();
    expect(await backend.locks()).toMatchObject([{ of: plan, held: { id: held.holder.id } }]);
    expect(place.server.log.counted()).toBe(2);
  });

  test('a plan that is given back while another run waits for it is listed as that one’s', async () => {
    const place = await httpPlace(options);
    const [one, other] = [await place.open(), await place.open()];
    await one.prepare();
    const lock = await one.lock(plan).take('apply run1', NOW);
    let release = () => {};
    const until = new Promise<void>((resolve) => (release = resolve));
    place.server.log.clear();
    place.server.control.addFault({ method: lockMethod, path: /plan-p1(\/lock)?$/, nth: 1, do: { until } });
    const taking = other.lock(plan).take('apply run2', NOW);
    await expect.poll(() => place.server.log.counted({ method: 'GET', path: /index$/ })).toBeGreaterThan(0);
    await lock[Symbol.asyncDispose]();
    expect(indexOf(place).locked).toEqual([]);
    release();
    const taken = await taking;
    expect((await one.locks()).map(({ held }) => held.id)).toEqual([taken.holder.id]);
    await taken[Symbol.asyncDispose]();
    await taken[Symbol.asyncDispose]();
    expect(await one.locks()).toEqual([]);
  });

  test('a plan whose lock was taken away is looked at no more', async () => {
    const place = await httpPlace(options);
    const backend = await place.open();
    await backend.prepare();
    const lock = await backend.lock(plan).take('apply run1', NOW);
    expect(await backend.breakLock(plan, 'another')).toBe(false);
    expect(indexOf(place).locked).toEqual(['p1']);
    expect(await backend.breakLock(plan, lock.holder.id)).toBe(true);
    expect(indexOf(place).locked).toEqual([]);
  });

  test('a plan that cannot be noted is not kept locked', async () => {
    const place = await httpPlace(options);
    const backend = await place.open();
    await backend.prepare();
    await backend.document(plan).write('{}');
    place.server.control.addFault({ method: 'GET', path: /index$/, do: { status: 403 } });
    await expect(backend.lock(plan).take('apply run1', NOW)).rejects.toThrow(/MP3033/);
    place.server.control.clearFaults();
    place.server.control.addFault({ method: 'GET', path: /index$/, nth: 3, do: { status: 403 } });
    await expect((await place.open()).lock(plan).take('apply run1', NOW)).rejects.toThrow(/MP3033/);
    expect(place.server.control.state(place.nameOf({ kind: 'plans', of: 'p1' }))?.lock).toBeUndefined();
  });
});
