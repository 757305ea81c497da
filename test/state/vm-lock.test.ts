import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LockHeldError, type LockHolder, takeLock } from '../../src/state/vm-lock.js';
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
  ])('of %s is broken', async (_name, edit) => {
    const path = await lockPath();
    await leave(path, edit);
    expect(await outcome(path)).toBe('taken');
    expect(await readdir(dirname(path))).toEqual(['x.lock']);
  });

  test.each<[string, (own: LockHolder) => object]>([
    ['another host', (own) => ({ ...own, host: 'elsewhere', pid: 2 ** 30 })],
    ['another container of the same name', (own) => ({ ...own, pidNamespace: '1', pid: 2 ** 30 })],
    ['a system that does not tell when a process started', (own) => ({ ...own, startedTicks: '', pid: 2 ** 30 })],
  ])('of %s is left alone: nobody can look', async (_name, edit) => {
    const path = await lockPath();
    await leave(path, edit);
    expect(await outcome(path)).toMatchObject({ id: 'left' });
  });

  test('an unreadable lock is held by someone unknown', async () => {
    const path = await lockPath();
    await leave(path, (own) => own);
    await writeFile(path, '{');
    expect(await outcome(path)).toBeUndefined();
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
