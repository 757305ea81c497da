import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findRun } from '../../src/engine/runs/find-run.js';
import { listRuns, newestRuns } from '../../src/engine/runs/read-runs.js';
import { StateFolder } from '../../src/state/state-folder.js';

const HOUR = 3600;
const LATEST = Date.parse('2026-06-01T12:00:00Z') / 1000;

interface Told {
  readonly run: string;
  /** Hours before the latest one. */
  readonly ago: number;
  readonly tookHours: number;
  /** There is a folder in the place of its journal. */
  readonly isUnreadable?: true;
  /** There is no time in its journal. */
  readonly isEmpty?: boolean;
}

class Runs implements AsyncDisposable {
  private constructor(readonly state: StateFolder) {}

  static async of(told: readonly Told[]): Promise<Runs> {
    const state = await StateFolder.open(await mkdtemp(join(tmpdir(), 'migplan-runs-')));
    for (const one of told) await write(state, one);
    return new Runs(state);
  }

  [Symbol.asyncDispose] = () => rm(this.state.root, { recursive: true, force: true });
}

async function write(state: StateFolder, { run, ago, tookHours, isUnreadable, isEmpty = false }: Told): Promise<void> {
  const path = state.journalPath(run);
  const began = LATEST - ago * HOUR;
  await mkdir(isUnreadable ? path : state.runFolder(run), { recursive: true });
  const start = { at: new Date(began * 1000).toISOString(), event: 'run-start', addresses: [] };
  if (!isUnreadable) await writeFile(path, isEmpty ? '' : `${JSON.stringify(start)}\n`);
  await utimes(path, began, began + tookHours * HOUR);
}

const names = ({ runs }: Awaited<ReturnType<typeof newestRuns>>): string[] => runs.map(({ run }) => run);

test('journals that were last written before the newest runs began are not read', async () => {
  await using all = await Runs.of([
    { run: 'old', ago: 9, tookHours: 1, isUnreadable: true },
    { run: 'long', ago: 8, tookHours: 8 },
    { run: 'newest', ago: 1, tookHours: 0 },
    { run: 'second', ago: 3, tookHours: 0 },
  ]);
  const { state } = all;
  expect(await newestRuns(state, 1)).toMatchObject({ runs: [{ run: 'newest' }], more: 3 });
  expect(names(await newestRuns(state, 2))).toEqual(['newest', 'second']);
  expect((await findRun(state)).run).toBe('newest');
  expect((await findRun(state, 'lo')).run).toBe('long');
  const unread = { diagnostics: [{ code: 'MP3013', detail: expect.stringContaining('old') }] };
  await expect(newestRuns(state, 4)).rejects.toMatchObject(unread);
  await expect(listRuns(state)).rejects.toMatchObject(unread);
});

test('what cannot be read among the newest is told', async () => {
  await using all = await Runs.of([
    { run: 'newest', ago: 0, tookHours: 0, isUnreadable: true },
    { run: 'second', ago: 3, tookHours: 0 },
  ]);
  await expect(newestRuns(all.state, 1)).rejects.toMatchObject({ diagnostics: [{ code: 'MP3013' }] });
});

test('the newest by the time that the journal says, however long each ran: as in the list of all', async () => {
  const told = fc.record({ ago: fc.nat(30), tookHours: fc.nat(40), isEmpty: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(told, { maxLength: 12 }), fc.integer({ min: 1, max: 13 }), async (some, most) => {
      await using all = await Runs.of(some.map((one, index) => ({ ...one, run: `run${index}` })));
      const listed = (await listRuns(all.state)).map(({ run }) => run);
      const newest = await newestRuns(all.state, most);
      expect(names(newest)).toEqual(listed.slice(0, most));
      expect(newest.more).toBe(Math.max(0, listed.length - most));
    }),
    { numRuns: 60 },
  );
});
