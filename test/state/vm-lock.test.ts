import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processTag } from '../../src/host/process-tag.js';
import { liveHolder, removeDeadLocks, takeLock } from '../../src/state/backend/file-lock.js';
import { LockHeldError, type LockHolder } from '../../src/state/lock.js';
import { tempFolder } from './in-temp.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const lockPath = async () => join(await tempFolder(), 'vms/x.lock');
const leave = async (path: string, edit: (own: LockHolder) => object) => {
  const lock = await takeLock(path, 'apply', NOW);
  await writeFile(path, JSON.stringify({ ...edit(lock.holder), id: 'left' }));
};
const outcome = (path: string) =>
  takeLock(path, 'apply', NOW).then(
    (): LockHolder | 'taken' | undefined => 'taken',
    (error: unknown) => {
      if (error instanceof LockHeldError) return error.holder;
      throw error;
    },
  );

describe('a VM’s lock', () => {
  test('who is at work is told while it lives: not when nobody is, nor when the process is dead', async () => {
    const path = await lockPath();
    expect(await liveHolder(path)).toBeUndefined();
    const lock = await takeLock(path, 'apply run1', NOW);
    expect(await liveHolder(path)).toMatchObject({ pid: process.pid, operation: 'apply run1' });
    await lock[Symbol.asyncDispose]();
    await leave(path, (own) => ({ ...own, startedTicks: '1' }));
    expect(await liveHolder(path)).toBeUndefined();
  });

  test('whoever comes second is told the holder; given back it can be taken again', async () => {
    const path = await lockPath();
    const lock = await takeLock(path, 'apply run1', NOW);
    expect(await outcome(path)).toMatchObject({ pid: process.pid, operation: 'apply run1', since: NOW.toISOString() });
    await lock[Symbol.asyncDispose]();
    await lock[Symbol.asyncDispose]();
    expect(await outcome(path)).toBe('taken');
    expect(await readdir(dirname(path))).toEqual(['x.lock']);
  });

  test.each<[string, (own: LockHolder) => object]>([
    ['a process that is gone', (own) => ({ ...own, pid: 2 ** 30 })],
    ['a pid that another process was given', (own) => ({ ...own, startedTicks: '1' })],
    ['this machine before it was started again', (own) => ({ ...own, boot: 'earlier' })],
  ])('of %s is broken', async (_name, edit) => {
    const path = await lockPath();
    await leave(path, edit);
    expect(await outcome(path)).toBe('taken');
    expect(await readdir(dirname(path))).toEqual(['x.lock']);
  });

  test.each<[string, (own: LockHolder) => object]>([
    ['another host', (own) => ({ ...own, host: 'elsewhere', pid: 2 ** 30 })],
    ['another container of the same name', (own) => ({ ...own, pidNamespace: '1', pid: 2 ** 30 })],
    ['another machine of the same name', (own) => ({ ...own, boot: 'other', machine: 'other', pid: 2 ** 30 })],
    ['a machine that does not tell which it is', (own) => ({ ...own, boot: 'other', machine: '', pid: 2 ** 30 })],
    ['a system that does not tell when a process started', (own) => ({ ...own, startedTicks: '', pid: 2 ** 30 })],
  ])('of %s is left alone: nobody can look', async (_name, edit) => {
    const path = await lockPath();
    await leave(path, edit);
    expect(await outcome(path)).toMatchObject({ id: 'left' });
  });

  test('an unreadable lock is held by someone unknown', async () => {
    const path = await lockPath();
    await leave(path, (own) => own);
    for (const text of ['{', 'null', '', '[]', '"x"', '{"pid":1}', '{"id":1,"host":{}}']) {
      await writeFile(path, text);
      expect(await outcome(path)).toBeUndefined();
    }
  });

  test('the files that a killed process had made to take it are removed by the next one; those of a living one stay', async () => {
    const path = await lockPath();
    const folder = dirname(path);
    await mkdir(folder, { recursive: true });
    const [boot, , start] = (await processTag()).split('-');
    const dead = `x.lock.${boot}-zzzzz-${start}-00000000.passing`;
    const alive = `x.lock.${await processTag()}-00000001.passing`;
    const elsewhere = `x.lock.unknown-1-1-00000002.passing`;
    const others = `y.lock.${boot}-zzzzz-${start}-00000003.passing`;
    for (const name of [dead, alive, elsewhere, others]) await writeFile(join(folder, name), '');
    await using _ = await takeLock(path, 'apply', NOW);
    expect((await readdir(folder)).sort()).toEqual([alive, elsewhere, others, 'x.lock'].sort());
    await removeDeadLocks(folder, NOW);
    expect((await readdir(folder)).sort()).toEqual([alive, elsewhere, 'x.lock'].sort());
    await utimes(join(folder, elsewhere), 0, 0);
    await removeDeadLocks(folder, NOW);
    expect((await readdir(folder)).sort()).toEqual([alive, 'x.lock'].sort());
  });

  test('its folder is private, also one that was made before', async () => {
    const path = await lockPath();
    await mkdir(dirname(path), { recursive: true });
    await chmod(dirname(path), 0o755);
    await using _ = await takeLock(path, 'apply', NOW);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  });

  test('a breaker that died is no obstacle', async () => {
    const path = await lockPath();
    await leave(path, (own) => ({ ...own, pid: 2 ** 30 }));
    await leave(`${path}.breaking`, (own) => ({ ...own, pid: 2 ** 30 }));
    expect(await outcome(path)).toBe('taken');
    expect(await readdir(dirname(path))).toEqual(['x.lock']);
  });

  test('giving back never takes away another’s lock', async () => {
    const path = await lockPath();
    const lock = await takeLock(path, 'apply', NOW);
    await writeFile(path, JSON.stringify({ ...lock.holder, id: 'other' }));
    await lock[Symbol.asyncDispose]();
    expect(await readFile(path, 'utf8')).toContain('other');
  });

  test('of many in one process exactly one gets it, also over a dead one', async () => {
    const path = await lockPath();
    await leave(path, (own) => ({ ...own, pid: 2 ** 30 }));
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(path)));
    expect(outcomes.filter((one) => one === 'taken')).toHaveLength(1);
  });
});

test('what killed processes left is removed; what is held stays', async () => {
  const path = await lockPath();
  const folder = dirname(path);
  await leave(join(folder, 'dead.lock'), (own) => ({ ...own, pid: 2 ** 30 }));
  await leave(join(folder, 'elsewhere.lock'), (own) => ({ ...own, host: 'elsewhere', pid: 2 ** 30 }));
  await using held = await takeLock(path, 'apply', NOW);
  await removeDeadLocks(folder, NOW);
  expect((await readdir(folder)).sort()).toEqual(['elsewhere.lock', 'x.lock']);
  expect(held.holder.pid).toBe(process.pid);
});
