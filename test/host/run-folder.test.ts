import { access, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRunFolder } from '../../src/host/run-folder.js';

test('is private, short enough for sockets, and gone when disposed', async () => {
  const folder = await openRunFolder({ XDG_RUNTIME_DIR: `/tmp/${'long'.repeat(30)}` });
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  expect(folder.path.length).toBeLessThan(50);
  await folder[Symbol.asyncDispose]();
  await expect(access(folder.path)).rejects.toThrow('ENOENT');
});

describe('what killed runs left in the same place', () => {
  let base: string;
  let mine: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'run-'));
    await using folder = await openRunFolder({ XDG_RUNTIME_DIR: base });
    mine = basename(folder.path);
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  /** The name of a folder like ours, with some of its parts changed. */
  const like = (change: Readonly<Record<number, string>>): string =>
    mine
      .split('-')
      .map((part, index) => change[index] ?? part)
      .join('-');

  const remainingOf = async (names: readonly string[]): Promise<string[]> => {
    for (const name of names) {
      await mkdir(join(base, name));
      await writeFile(join(base, name, 'source-1.sock'), '');
    }
    await using folder = await openRunFolder({ XDG_RUNTIME_DIR: base });
    return (await readdir(base)).filter((name) => name !== basename(folder.path));
  };

  test('is removed when the process has ended, or its pid is another process now', async () => {
    const noSuchPid = (2 ** 22 + 1).toString(36);
    expect(await remainingOf([like({ 2: noSuchPid }), like({ 3: '1' })])).toEqual([]);
  });

  test('is kept when the process lives, counts its pids elsewhere, or the folder is not ours', async () => {
    const kept = [like({ 4: 'zzzzzz' }), like({ 1: '1', 3: '1' }), 'migplan-notes', 'other-1-2-3-abcdef'];
    expect((await remainingOf(kept)).sort()).toEqual([...kept].sort());
  });
});
