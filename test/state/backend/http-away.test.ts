import { describe, expect, test } from 'vitest';
import type { StateServerOptions } from '../../../lab/state-server/index.js';
import type { Clock } from '../../../src/host/clock.js';
import type { DocumentName } from '../../../src/state/backend/state-backend.js';
import { asGitLab, asTerraform, type HttpPlace, httpPlace, quickClock } from './http-place.js';

const NOW = new Date('2026-06-01T12:00:00.000Z');
const web: DocumentName = { kind: 'vms', name: 'web01' };
const WEB = { kind: 'vms', of: 'web01' } as const;

const dialects: [string, StateServerOptions][] = [
  ['GitLab', asGitLab],
  ['Terraform', asTerraform],
];

/** Somebody is at work; `clock` is what that one looks at. */
async function atWork(options: StateServerOptions) {
  const place = await httpPlace(options);
  const clock = quickClock();
  const backend = await place.open({ clock });
  await backend.prepare();
  const lock = await backend.lock(web).take('apply run1', NOW);
  await backend.document(web).write('{"n":1}');
  return { place, clock, backend, lock };
}
const bodyOf = (place: HttpPlace): string => place.server.control.state(place.nameOf(WEB))?.body ?? '';

/** The server comes back when so much time has passed. */
function backAfter(place: HttpPlace, clock: Clock, ms: number): void {
  const sinceMs = clock.monotonicMs();
  const { sleep } = clock;
  Object.assign(clock, {
    sleep: async (forMs: number) => {
      await sleep(forMs);
      if (clock.monotonicMs() - sinceMs >= ms) place.server.control.clearFaults();
    },
  });
}

describe.each(dialects)('%s: a server that is away', (_name, options) => {
  test.each([
    ['nobody answers', { drop: true }],
    ['a proxy says so', { status: 502 }],
  ] as const)('for a minute and a quarter in the middle of work (%s) is waited for', async (_how, effect) => {
    const { place, clock, backend } = await atWork(options);
    place.server.control.addFault({ do: effect });
    backAfter(place, clock, 75_000);
    await backend.document(web).requireLock();
    place.server.control.addFault({ do: effect });
    backAfter(place, clock, 75_000);
    await backend.document(web).write('{"n":2}');
    expect(JSON.parse(bodyOf(place))).toMatchObject({ document: { n: 2 } });
  });

  test('for longer fails what it does, within two minutes, and what stands there stays', async () => {
    const { place, clock, backend } = await atWork(options);
    place.server.control.addFault({ do: { drop: true } });
    const sinceMs = clock.monotonicMs();
    await expect(backend.document(web).write('{"n":2}')).rejects.toThrow(/MP3033/);
    const tookMs = clock.monotonicMs() - sinceMs;
    expect(tookMs).toBeGreaterThan(80_000);
    expect(tookMs).toBeLessThan(120_000);
    expect(JSON.parse(bodyOf(place))).toMatchObject({ document: { n: 1 } });
  });

  test('for every write, though it can be read, ends the write within two minutes', async () => {
    const { place, clock, backend } = await atWork(options);
    place.server.control.addFault({ method: 'POST', path: /vm-web01\?ID/, do: { status: 503 } });
    const sinceMs = clock.monotonicMs();
    await expect(backend.document(web).write('{"n":2}')).rejects.toThrow(/MP3033.*503/);
    expect(clock.monotonicMs() - sinceMs).toBeLessThan(120_000);
  });

  test('at the start is told within a few seconds: an address is wrong more often', async () => {
    const { place } = await atWork(options);
    place.server.control.addFault({ do: { status: 502 } });
    const clock = quickClock();
    const backend = await place.open({ clock });
    await expect(backend.lineage()).rejects.toThrow(/MP3033.*502/);
    expect(clock.monotonicMs()).toBeLessThan(10_000);
  });
});

describe.each(dialects)('%s: a lock', (_name, options) => {
  test('whose holder died before it could say who it is can be found by its id, and freed', async () => {
    const { place, backend, lock } = await atWork(options);
    await lock[Symbol.asyncDispose]();
    place.server.control.stealLock(place.nameOf(WEB), { ID: '4711-a', Who: 'bob' });
    await expect(backend.lock(web).take('apply run2', NOW)).rejects.toMatchObject({
      id: '4711-a',
      told: { who: expect.any(String) },
    });
    expect(await backend.locks('another'), 'not by another id').toEqual([]);
    expect(await backend.locks('4711-a')).toMatchObject([{ of: web, held: { id: '4711-a' } }]);
    expect(await backend.breakLock(web, '4711-a')).toBe(true);
    await backend.lock(web).take('apply run2', NOW);
  });

  test('is found without asking for each, where its holder said who it is', async () => {
    const { place, backend, lock } = await atWork(options);
    place.server.log.clear();
    expect(await backend.locks(lock.holder.id)).toHaveLength(1);
    expect(new Set(place.server.log.list().map(({ method }) => method))).toEqual(new Set(['GET']));
  });

  test('is the server’s to tell: freed or taken in the server itself it is lost', async () => {
    const { place, backend } = await atWork(options);
    await backend.document(web).requireLock();
    place.server.control.stealLock(place.nameOf(WEB), { ID: 'x', Who: 'bob' });
    await expect(backend.document(web).requireLock()).rejects.toThrow(/MP3032/);
    place.server.control.freeLock(place.nameOf(WEB));
    await expect(backend.document(web).requireLock()).rejects.toThrow(/MP3032/);
    expect(place.server.control.state(place.nameOf(WEB))?.lock, 'who looks leaves nothing').toBeUndefined();
  });

  test('that is held for a moment is waited for; one that stays is told', async () => {
    const { place, clock, backend, lock } = await atWork(options);
    await lock[Symbol.asyncDispose]();
    const short = { ID: 'short-1', Who: 'bob' };
    const { sleep } = clock;
    place.server.control.stealLock(place.nameOf(WEB), short);
    Object.assign(clock, { sleep: (ms: number) => sleep(ms).then(() => place.server.control.freeLock(place.nameOf(WEB))) });
    await (await backend.lock(web).take('apply run2', NOW))[Symbol.asyncDispose]();
    Object.assign(clock, { sleep });
    place.server.control.stealLock(place.nameOf(WEB), short);
    await expect(backend.lock(web).take('apply run2', NOW)).rejects.toMatchObject({ id: 'short-1' });
  });

  test('with an id that is more than an id is told without it', async () => {
    const { place, backend, lock } = await atWork(options);
    await lock[Symbol.asyncDispose]();
    place.server.control.stealLock(place.nameOf(WEB), { ID: 'a; reboot', Who: 'bob' });
    await expect(backend.lock(web).take('apply run2', NOW)).rejects.toMatchObject({ id: undefined });
  });
});

test('a server that does not say whose a lock is: what stands beside it counts', async () => {
  const { place, backend, lock } = await atWork(asTerraform);
  place.server.control.addFault({ method: 'LOCK', path: /vm-web01/, do: { status: 423 } });
  await backend.document(web).requireLock();
  const found = JSON.parse(bodyOf(place));
  const serial = found.serial + 1;
  place.server.control.put(place.nameOf(WEB), JSON.stringify({ ...found, serial, holder: { ...lock.holder, id: 'x' } }), serial);
  await expect(backend.document(web).requireLock()).rejects.toThrow(/MP3032/);
});

test('a state that comes from elsewhere keeps its lineage', async () => {
  const place = await httpPlace(asGitLab);
  const backend = await place.open();
  expect(await backend.prepare('11111111-2222-4333-8444-555555555555')).toBe('11111111-2222-4333-8444-555555555555');
  expect(await (await place.open()).prepare('another')).toBe('11111111-2222-4333-8444-555555555555');
});

test('two projects of one server see nothing of each other', async () => {
  const place = await httpPlace(asGitLab);
  const [one, other] = [await place.open({ project: 'one' }), await place.open({ project: 'other' })];
  expect(await one.prepare()).not.toBe(await other.prepare());
  await one.document(web).write('{"n":1}');
  await one.lock(web).take('apply run1', NOW);
  expect(await other.list('vms')).toEqual([]);
  expect(await other.locks()).toEqual([]);
  await other.lock(web).take('apply run2', NOW);
});
