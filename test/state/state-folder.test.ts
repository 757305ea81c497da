import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { openJournal } from '../../src/state/journal.js';
import { StateFolder } from '../../src/state/state-folder.js';
import { tempFolder } from './in-temp.js';

const codesOf = async (work: Promise<unknown>): Promise<readonly string[]> => {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  return failure instanceof DiagnosticsError
    ? failure.diagnostics.map(({ code }) => code)
    : [`no diagnostic: ${String(failure)}`];
};

describe('the state folder', () => {
  test('planning alone leaves nothing behind', async () => {
    const root = join(await tempFolder(), '.migplan');
    const state = await StateFolder.open(root);
    expect(state.lineage).toBe('');
    expect(await state.ledgerEntries('x')).toMatchObject({ snapshots: [] });
    expect(await state.runsWithOverlays('x')).toEqual([]);
    expect(await state.readPlanProgress('p')).toBeUndefined();
    await expect(readdir(root)).rejects.toThrow('ENOENT');
  });

  test('has one lineage for good', async () => {
    const root = join(await tempFolder(), '.migplan');
    const first = await (await StateFolder.open(root)).prepare();
    expect(first.lineage).toMatch(/^[0-9a-f-]{36}$/);
    expect((await StateFolder.open(root)).lineage).toBe(first.lineage);
    expect((await first.prepare()).lineage).toBe(first.lineage);
    expect((await readdir(root)).sort()).toEqual([
      'machine-types',
      'place.json',
      'plans',
      'run-index',
      'runs',
      'state.json',
      'vms',
    ]);
  });

  test('of processes that begin at once all have the same lineage', async () => {
    const root = join(await tempFolder(), '.migplan');
    const states = await Promise.all(Array.from({ length: 8 }, async () => (await StateFolder.open(root)).prepare()));
    expect(new Set(states.map(({ lineage }) => lineage)).size).toBe(1);
  });

  test.each(['../../etc/passwd', '..', '.', '/etc/passwd', 'a/b', 'a\\b', 'nul\0', '%2e%2e', '', 'ü☃'])(
    'the name %j stays inside',
    async (name) => {
      const root = await tempFolder();
      const state = await StateFolder.open(root);
      for (const path of [
        state.ledger(name).place,
        state.vmLock(name).place,
        state.journalPath(name),
        state.overlayFolder(name, 'vm'),
        state.overlayFolder('run', name),
      ]) {
        const inside = relative(root, path);
        expect(inside.split('/')).not.toContain('..');
        expect(inside.startsWith('/')).toBe(false);
        expect(path).not.toContain('\0');
      }
    },
  );

  test('different names never meet in one file', async () => {
    const state = await StateFolder.open(await tempFolder());
    const names = ['a', 'a.b', 'a%2Eb', 'a/b', 'a%2Fb', 'A'];
    expect(new Set(names.map((name) => state.ledger(name).place)).size).toBe(names.length);
  });

  test('finds the runs whose overlays of a VM are here', async () => {
    const state = await StateFolder.open(await tempFolder());
    await mkdir(state.overlayFolder('run1', 'erp.db'), { recursive: true });
    await mkdir(state.overlayFolder('run2', 'erp.db'), { recursive: true });
    await mkdir(state.overlayFolder('run3', 'other'), { recursive: true });
    await writeFile(join(state.overlayFolder('run2', 'erp.db'), '2000.qcow2'), '');
    await writeFile(join(state.overlayFolder('run3', 'other'), '2000.qcow2'), '');
    const [mine, others, none] = await Promise.all(['erp.db', 'other', 'x'].map((name) => state.runsWithOverlays(name)));
    expect([mine, others, none]).toEqual([['run2'], ['run3'], []]);
  });

  test('journals do not pile up for ever, and overlays are never forgotten', async () => {
    const state = await StateFolder.open(await tempFolder());
    const journal = async (run: string, ageSeconds: number) => {
      await mkdir(state.runFolder(run), { recursive: true });
      await writeFile(state.journalPath(run), '{}\n');
      const at = Date.now() / 1000 - ageSeconds;
      await utimes(state.journalPath(run), at, at);
    };
    for (let i = 0; i < 755; i++) await journal(`run${i}`, i);
    await journal('needed', 100_000);
    await mkdir(state.overlayFolder('needed', 'x'), { recursive: true });
    await state.forgetOldRuns();
    const left = new Set(await readdir(join(state.root, 'runs')));
    expect(left.size).toBe(751);
    expect(left.has('needed')).toBe(true);
    expect(left.has('run749')).toBe(true);
    expect(left.has('run750')).toBe(false);
  });

  test('MP3013: it cannot be read or written', async () => {
    const root = await tempFolder();
    await writeFile(join(root, 'file'), '');
    // Works for root as well, whom no permission stops.
    expect(
      await codesOf((await StateFolder.open(join(root, 'absent'))).prepare().then((state) => state.prepare())),
    ).not.toContain('MP3013');
    expect(await codesOf(StateFolder.open(join(root, 'file/state')))).toEqual(['MP3013']);
    expect(
      await codesOf(
        openJournal(join(root, 'file/journal'), { now: () => new Date(0), monotonicMs: () => 0, sleep: async () => {} }).write(
          'x',
        ),
      ),
    ).toEqual(['MP3013']);
    await writeFile(join(root, 'state.json'), '{}');
    expect(await codesOf(StateFolder.open(root))).toEqual(['MP3013']);
  });
});

test('a journal only grows, one object a line, in order', async () => {
  const path = join(await tempFolder(), 'runs/r/journal.ndjson');
  const journal = openJournal(path, { now: () => new Date(0), monotonicMs: () => 0, sleep: async () => {} });
  await Promise.all(Array.from({ length: 10 }, (_, i) => journal.write('step', { i })));
  const before = await readFile(path, 'utf8');
  await openJournal(path, { now: () => new Date(1), monotonicMs: () => 0, sleep: async () => {} }).write('again', {
    text: 'two\nlines',
  });
  const after = await readFile(path, 'utf8');
  expect(after.startsWith(before)).toBe(true);
  const lines = after
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; i?: number });
  expect(lines.map(({ event, i }) => `${event}${i ?? ''}`)).toEqual([
    ...Array.from({ length: 10 }, (_, i) => `step${i}`),
    'again',
  ]);
});
