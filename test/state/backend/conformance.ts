import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../../src/diag/diagnostic.js';
import { type Clock, systemClock } from '../../../src/host/clock.js';
import type { DocumentName, StateBackend } from '../../../src/state/backend/state-backend.js';
import { LockHeldError, type LockHolder } from '../../../src/state/lock.js';

/** One place where state is kept, that several backends look at as several machines would. */
export interface BackendPlace {
  /** Another one that sees the same state; waits by this clock, else by that of the place. */
  open(over?: { readonly clock: Clock }): Promise<StateBackend>;
  /** A lock of this machine before it was started again: others may have its name, where other machines take locks. */
  readonly beforeRestart: 'taken' | 'held';
  /** Makes who holds the lock somebody else: what the holder says of itself is edited. */
  rewriteHolder(name: DocumentName, edit: (own: LockHolder) => object): Promise<void>;
  /** What stands there of a holder whose end nobody saw is damaged. */
  damageFormer(name: DocumentName): Promise<void>;
}

const NOW = new Date('2026-06-01T12:00:00.000Z');
const web: DocumentName = { kind: 'vms', name: 'web01' };
const HOSTILE = [
  '../../etc/passwd',
  '.',
  '..',
  'a/b',
  'a%2Fb',
  'a_2fb',
  'ä ö',
  '"; drop table x; --',
  'A',
  'a',
  'web01.lock',
  '"\\',
  '\u202e',
];

const codesOf = (work: Promise<unknown>): Promise<readonly string[] | 'done'> =>
  work.then(
    () => 'done' as const,
    (error: unknown) => {
      if (error instanceof DiagnosticsError) return error.diagnostics.map(({ code }) => code);
      throw error;
    },
  );

const refusedBy = (work: Promise<unknown>): Promise<LockHeldError> =>
  work.then(
    () => expect.fail('the lock was given'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(LockHeldError);
      return error as LockHeldError;
    },
  );

const listed = (text: string | undefined): string[] =>
  text === undefined ? [] : (JSON.parse(text) as { readonly all: string[] }).all;

async function expectToldUntilSettled(backend: StateBackend, former: unknown): Promise<void> {
  for (const isSettled of [false, true]) {
    const lock = await backend.lock(web).take('apply run2', NOW);
    expect(lock.former).toEqual(former);
    await backend.document(web).write('{"by": "second"}');
    if (isSettled) await lock.settle?.();
    await lock[Symbol.asyncDispose]();
  }
  await backend.document(web).write('{"by": "nobody"}');
  const lock = await backend.lock(web).take('apply run3', NOW);
  expect(lock.former).toBeUndefined();
  await lock[Symbol.asyncDispose]();
}

/** What every backend of state does. `start` makes an empty place; what it makes is gone after the test. */
export function backendConformance(name: string, start: () => Promise<BackendPlace>): void {
  describe(`state in ${name}`, () => {
    test('is nothing before it is prepared: reading makes nothing', async () => {
      const place = await start();
      await using backend = await place.open();
      expect(await backend.lineage()).toBe('');
      expect(await backend.document(web).read()).toBeUndefined();
      expect(await backend.list('vms')).toEqual([]);
      expect(await backend.locks()).toEqual([]);
      expect(await backend.lock(web).holder()).toBeUndefined();
      await using other = await place.open();
      expect(await other.lineage(), 'nothing was made by looking').toBe('');
    });

    test('has one lineage, also when many begin at the same time, and keeps it', async () => {
      const place = await start();
      const lineages = await Promise.all(
        Array.from({ length: 5 }, async () => {
          await using backend = await place.open();
          return await backend.prepare();
        }),
      );
      expect(new Set(lineages).size).toBe(1);
      expect(lineages[0]).toMatch(/^[0-9a-f-]{36}$/);
      await using later = await place.open();
      expect(await later.lineage()).toBe(lineages[0]);
      expect(await later.prepare()).toBe(lineages[0]);
    });

    test('a document is what was written last, for whoever reads; removed it is not there', async () => {
      const place = await start();
      await using mine = await place.open();
      await using other = await place.open();
      await mine.prepare();
      const text = `${JSON.stringify({ unfinishedRuns: ['ä \u2028 \\u0000 "'], n: 1 }, null, 2)}\n`;
      await mine.document(web).write(text);
      expect(JSON.parse((await other.document(web).read()) ?? '')).toEqual(JSON.parse(text));
      await other.document(web).write('{"n": 2}');
      expect(JSON.parse((await mine.document(web).read()) ?? '')).toEqual({ n: 2 });
      await mine.document(web).write('{"n": 3}');
      expect(JSON.parse((await other.document(web).read()) ?? '')).toEqual({ n: 3 });
      await mine.document(web).remove();
      await mine.document(web).remove();
      expect(await other.document(web).read()).toBeUndefined();
      await other.document(web).write('{"n": 4}');
      expect(JSON.parse((await mine.document(web).read()) ?? '')).toEqual({ n: 4 });
    });

    test('many that edit a document at the same time lose nothing, whether it is there or not', async () => {
      const place = await start();
      const backends = await Promise.all(Array.from({ length: 4 }, () => place.open({ clock: systemClock })));
      await backends[0]!.prepare();
      const name: DocumentName = { kind: 'run-index', name: 'recent' };
      const add = (one: string) => (text: string | undefined) => JSON.stringify({ all: [...listed(text), one] });
      const wanted = Array.from({ length: 10 }, (_, at) => `run${at}`);
      await Promise.all(wanted.map((one, at) => backends[at % 4]!.document(name).edit(add(one))));
      for (const backend of backends) {
        expect(listed(await backend.document(name).read()).toSorted()).toEqual(wanted.toSorted());
        expect(await backend.list('run-index')).toEqual(['recent']);
        expect(await backend.locks()).toEqual([]);
      }
      await backends[3]!.document(name).remove();
      await backends[2]!.document(name).edit(add('later'));
      expect(listed(await backends[1]!.document(name).read())).toEqual(['later']);
      for (const backend of backends) await backend[Symbol.asyncDispose]();
    });

    test('an edit that fails changes nothing, and keeps nobody out', async () => {
      const place = await start();
      await using backend = await place.open();
      await backend.prepare();
      const document = backend.document(web);
      await document.write('{"n": 1}');
      const failing = document.edit(() => {
        throw new RangeError('no');
      });
      await expect(failing).rejects.toThrow(RangeError);
      expect(JSON.parse((await document.read()) ?? '')).toEqual({ n: 1 });
      await document.edit((text) => JSON.stringify({ was: text && JSON.parse(text) }));
      expect(JSON.parse((await document.read()) ?? '')).toEqual({ was: { n: 1 } });
    });

    test('names lead nowhere else: each is a document of its own, and is listed as it is', async () => {
      const place = await start();
      await using backend = await place.open();
      await backend.prepare();
      for (const one of HOSTILE) await backend.document({ kind: 'vms', name: one }).write(JSON.stringify({ one }));
      for (const one of HOSTILE)
        expect(JSON.parse((await backend.document({ kind: 'vms', name: one }).read()) ?? '')).toEqual({ one });
      expect(await backend.list('vms')).toEqual([...HOSTILE].sort());
      expect(await backend.list('plans')).toEqual([]);
      expect(await backend.document({ kind: 'plans', name: 'A' }).read()).toBeUndefined();
    });

    test('whoever comes second is told the holder; given back it can be taken again', async () => {
      const place = await start();
      await using mine = await place.open();
      await using other = await place.open();
      await mine.prepare();
      const lock = await mine.lock(web).take('apply run1', NOW);
      expect(lock.holder).toMatchObject({ pid: process.pid, operation: 'apply run1', since: NOW.toISOString() });
      for (const backend of [mine, other]) {
        const held = await refusedBy(backend.lock(web).take('apply run2', NOW));
        expect(held).toMatchObject({ id: lock.holder.id, holder: { operation: 'apply run1', pid: process.pid } });
        expect(await backend.lock(web).holder()).toMatchObject({ id: lock.holder.id });
        expect((await backend.locks()).map(({ of }) => of)).toEqual([web]);
      }
      await using _free = await other.lock({ kind: 'vms', name: 'web02' }).take('apply run2', NOW);
      await using _plan = await other.lock({ kind: 'plans', name: 'web01' }).take('apply run2', NOW);
      await lock[Symbol.asyncDispose]();
      await lock[Symbol.asyncDispose]();
      expect(await other.lock(web).holder()).toBeUndefined();
      await using _again = await other.lock(web).take('apply run2', NOW);
    });

    test('of many that want a lock at the same time exactly one gets it', async () => {
      const place = await start();
      const backends = await Promise.all(Array.from({ length: 4 }, () => place.open()));
      await backends[0]!.prepare();
      const ends = await Promise.allSettled(
        backends.flatMap((backend) => [backend.lock(web).take('apply a', NOW), backend.lock(web).take('apply b', NOW)]),
      );
      const taken = ends.filter(({ status }) => status === 'fulfilled');
      expect(taken).toHaveLength(1);
      for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(LockHeldError);
      for (const backend of backends) await backend[Symbol.asyncDispose]();
    });

    test.each<[string, (own: LockHolder) => object, 'taken' | 'held' | 'as the place says']>([
      ['a process that is gone', (own) => ({ ...own, pid: 2 ** 30 }), 'taken'],
      ['this machine before it was started again', (own) => ({ ...own, boot: 'earlier' }), 'as the place says'],
      ['another host', (own) => ({ ...own, host: 'elsewhere', pid: 2 ** 30 }), 'held'],
      ['another container of the same name', (own) => ({ ...own, pidNamespace: '1', pid: 2 ** 30 }), 'held'],
    ])('a lock of %s', async (_name, edit, says) => {
      const place = await start();
      const expected = says === 'as the place says' ? place.beforeRestart : says;
      await using dead = await place.open();
      await dead.prepare();
      await dead.lock(web).take('apply dead', NOW);
      await place.rewriteHolder(web, edit);
      await using mine = await place.open();
      expect((await mine.lock(web).holder()) === undefined).toBe(expected === 'taken');
      expect(await mine.locks(), 'dead or alive, it is listed').toHaveLength(1);
      if (expected === 'held') {
        expect(await refusedBy(mine.lock(web).take('apply me', NOW))).toMatchObject({ holder: { operation: 'apply dead' } });
        await mine.removeDeadLocks(NOW);
        expect(await mine.locks()).toHaveLength(1);
        return;
      }
      const lock = await mine.lock(web).take('apply me', NOW);
      expect(await mine.lock(web).holder()).toMatchObject({ operation: 'apply me' });
      await lock[Symbol.asyncDispose]();
      await dead.lock(web).take('apply dead', NOW);
      await place.rewriteHolder(web, edit);
      await mine.removeDeadLocks(NOW);
      expect(await mine.locks()).toEqual([]);
    });

    test('taken away by force it is free; who had it is refused the next write, and gives back nothing of another', async () => {
      const place = await start();
      await using first = await place.open();
      await using second = await place.open();
      await first.prepare();
      const lock = await first.lock(web).take('apply run1', NOW);
      await first.document(web).requireLock();
      await first.document(web).write('{"by": "first"}');
      expect(await second.breakLock(web, 'not-its-id')).toBe(false);
      await first.document(web).write('{"by": "first, still"}');
      expect(await second.breakLock(web, lock.holder.id)).toBe(true);
      expect(await second.breakLock(web, lock.holder.id), 'once').toBe(false);
      expect(await codesOf(first.document(web).write('{"by": "a late one"}'))).toEqual(['MP3032']);
      expect(await codesOf(first.document(web).requireLock())).toEqual(['MP3032']);
      expect(await codesOf(second.document(web).requireLock()), 'it never had it').toBe('done');
      const other = await second.lock(web).take('apply run2', NOW);
      expect(await codesOf(first.document(web).write('{"by": "a late one"}'))).toEqual(['MP3032']);
      await second.document(web).write('{"by": "second"}');
      await lock[Symbol.asyncDispose]();
      expect(await first.lock(web).holder()).toMatchObject({ id: other.holder.id });
      expect(JSON.parse((await first.document(web).read()) ?? '')).toEqual({ by: 'second' });
      await other[Symbol.asyncDispose]();
    });

    test('whose end nobody saw is told to each that comes next, until one has finished', async () => {
      const place = await start();
      await using first = await place.open();
      await using second = await place.open();
      await first.prepare();
      const { holder } = await first.lock(web).take('apply run1', NOW);
      expect(await second.breakLock(web, holder.id)).toBe(true);
      await expectToldUntilSettled(second, expect.objectContaining({ id: holder.id, operation: 'apply run1' }));
    });

    test('what is struck out is so at once: whoever loses the lock after that is the next one told', async () => {
      const place = await start();
      await using first = await place.open();
      await using second = await place.open();
      await first.prepare();
      const lost = await first.lock(web).take('apply run1', NOW);
      expect(await second.breakLock(web, lost.holder.id)).toBe(true);
      const next = await second.lock(web).take('apply run2', NOW);
      await next.settle?.();
      await next.settle?.();
      await second.document(web).write('{"by": "second"}');
      expect(await first.breakLock(web, next.holder.id)).toBe(true);
      const last = await first.lock(web).take('apply run3', NOW);
      expect(last.former).toMatchObject({ id: next.holder.id });
      await last[Symbol.asyncDispose]();
    });

    test('who has lost the lock strikes nothing out', async () => {
      const place = await start();
      await using first = await place.open();
      await using second = await place.open();
      await first.prepare();
      const lost = await first.lock(web).take('apply run1', NOW);
      expect(await second.breakLock(web, lost.holder.id)).toBe(true);
      const late = await second.lock(web).take('apply run2', NOW);
      expect(await first.breakLock(web, late.holder.id)).toBe(true);
      await late.settle?.().catch(() => undefined);
      const last = await first.lock(web).take('apply run3', NOW);
      expect(last.former).toBeDefined();
      await last[Symbol.asyncDispose]();
    });

    test('what is left of it can be damaged: then it is somebody unknown, and not nobody', async () => {
      const place = await start();
      await using first = await place.open();
      await using second = await place.open();
      await first.prepare();
      const { holder } = await first.lock(web).take('apply run1', NOW);
      expect(await second.breakLock(web, holder.id)).toBe(true);
      await place.damageFormer(web);
      await expectToldUntilSettled(second, 'unknown');
    });

    test('who is known to be dead, or gave its lock back, is no doubt', async () => {
      const place = await start();
      await using dead = await place.open();
      await using next = await place.open();
      await dead.prepare();
      await dead.lock(web).take('apply dead', NOW);
      await place.rewriteHolder(web, (own) => ({ ...own, pid: 2 ** 30 }));
      for (const operation of ['apply me', 'apply me again']) {
        const lock = await next.lock(web).take(operation, NOW);
        expect(lock.former).toBeUndefined();
        await lock[Symbol.asyncDispose]();
      }
    });

    test('a lock says nothing about other documents', async () => {
      const place = await start();
      await using first = await place.open();
      await using second = await place.open();
      await first.prepare();
      const lock = await first.lock(web).take('apply run1', NOW);
      await second.breakLock(web, lock.holder.id);
      await first.document({ kind: 'vms', name: 'web02' }).write('{}');
      await first.document({ kind: 'plans', name: 'web01' }).write('{}');
      await lock[Symbol.asyncDispose]();
      await first.document(web).write('{"after": "it was given back, nothing is held"}');
    });
  });
}
