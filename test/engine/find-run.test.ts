import { appendFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { findRun, stateIn } from '../../src/engine/runs/find-run.js';
import { followLogs, keptLogs, linesOf } from '../../src/engine/runs/run-logs.js';
import { vmOfRun } from '../../src/engine/runs/vm-of-run.js';
import type { StateFolder } from '../../src/state/state-folder.js';
import { tempFolder } from '../state/in-temp.js';

async function withRuns(...names: readonly string[]): Promise<StateFolder> {
  const folder = await tempFolder();
  const state = await stateIn(folder, {});
  for (const [index, name] of names.entries()) {
    await mkdir(state.runFolder(name), { recursive: true });
    const line = { at: new Date(index * 1000).toISOString(), event: 'run-start', run: name };
    await writeFile(state.journalPath(name), `${JSON.stringify(line)}\n`);
  }
  return state;
}

async function write(state: StateFolder, run: string, path: string, text: string): Promise<string> {
  const file = join(state.logsFolder(run), path);
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, text);
  return file;
}

describe('a run is named by', () => {
  test.each<[string, string | undefined, string]>([
    ['nothing: the newest', undefined, 'abd3'],
    ['its name', 'abc1', 'abc1'],
    ['its name, though another begins with it', 'abc', 'abc'],
    ['as much as only it has', 'abd', 'abd3'],
  ])('%s', async (_name, asked, run) => {
    expect((await findRun(await withRuns('abc', 'abc1', 'abd3'), asked)).run).toBe(run);
  });

  test('of hundreds that begin so only the first are named', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `a${String(index).padStart(3, '0')}`);
    const error: unknown = await findRun(await withRuns(...names), 'a').catch((thrown: unknown) => thrown);
    expect((error as DiagnosticsError).diagnostics[0]!.detail).toMatch(/several runs: a000, a001, .*a009 and 190 more$/);
  });

  test.each<[string, string, RegExp]>([
    ['a beginning of several', 'ab', /is the beginning of several runs: abc, abc1/],
    ['a name that none has', 'x', /there is no run "x"/],
    ['an empty name', '', /there is no run ""/],
    ['a path', '../../etc', /there is no run/],
  ])('%s is refused', async (_name, asked, why) => {
    const error: unknown = await findRun(await withRuns('abc', 'abc1'), asked).catch((thrown: unknown) => thrown);
    expect((error as DiagnosticsError).diagnostics[0]).toMatchObject({ code: 'MP3040', detail: expect.stringMatching(why) });
  });

  test('where nothing was applied yet, and not even the folder is there, that is said', async () => {
    const state = await stateIn(join(await tempFolder(), 'nowhere'), {});
    await expect(findRun(state)).rejects.toThrow(DiagnosticsError);
    await expect(findRun(state)).rejects.toThrow('nothing was applied from here yet');
  });

  test('MIGPLAN_DATA_DIR is where the state is, relative to the folder too', async () => {
    expect((await stateIn('/a', { MIGPLAN_DATA_DIR: 'data' })).root).toBe('/a/data');
    expect((await stateIn('/a', { MIGPLAN_DATA_DIR: '/b' })).root).toBe('/b');
    expect((await stateIn('/a', {})).root).toBe('/a/.migplan');
  });

  test('an empty one, as pipelines give a variable that nobody has set, is none', async () => {
    expect((await stateIn('/a', { MIGPLAN_DATA_DIR: '' })).root).toBe('/a/.migplan');
  });
});

describe('logs of a run', () => {
  test('by VM, with what was put aside first', async () => {
    const state = await withRuns('r');
    await write(state, 'r', 'web%2E01/disk-2000.nbdkit.log.1', 'old\n');
    const path = await write(state, 'r', 'web%2E01/disk-2000.nbdkit.log', 'new\n');
    await write(state, 'r', 'db/virt-v2v.log', 'x\n');
    await write(state, 'r', 'ssh.log', 'y\n');
    expect((await keptLogs(state, { run: 'r' })).map(({ vm, name }) => `${vm ?? '-'} ${name}`)).toEqual([
      'db virt-v2v',
      '- ssh',
      'web.01 disk-2000.nbdkit',
    ]);
    const [log, ...others] = await keptLogs(state, { run: 'r', vm: 'web.01' });
    expect([log, others]).toEqual([{ path, vm: 'web.01', name: 'disk-2000.nbdkit', bytes: 4 }, []]);
    expect(await linesOf(log!)).toEqual(['old', 'new']);
  });

  test('a VM is named with or without vm/; one that the run had nothing to do with is refused, and the nearest is named', async () => {
    const state = await withRuns('r');
    await write(state, 'r', 'gone/virt-v2v.log', 'x\n');
    const lines = ['web01', 'db'].map((name) => ({ at: '2026-01-01T00:00:00Z', event: 'vm-start', address: `vm/${name}` }));
    await appendFile(state.journalPath('r'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const [run, logs] = [await findRun(state), await keptLogs(state, { run: 'r' })];
    expect(['web01', 'vm/web01', 'gone'].map((asked) => vmOfRun(run, asked, logs))).toEqual(['web01', 'web01', 'gone']);
    const refusal = async (asked: string) => {
      try {
        return vmOfRun(run, asked, logs);
      } catch (error) {
        return (error as DiagnosticsError).diagnostics;
      }
    };
    expect(await refusal('vm/wbe01')).toMatchObject([
      {
        code: 'MP1016',
        detail: 'run r had nothing to do with a VM "wbe01": its VMs are web01, db, gone',
        nextSteps: ['Did you mean web01?'],
      },
    ]);
    expect((await refusal('something-else'))[0]).not.toHaveProperty('nextSteps');
  });

  test('a run without any has none, and nothing is an error', async () => {
    expect(await keptLogs(await withRuns('r'), { run: 'r' })).toEqual([]);
  });

  test('they are followed until the run has ended: whole lines, nothing twice, also when a file is put aside', async () => {
    const state = await withRuns('r');
    const path = await write(state, 'r', 'a/x.log', 'one\ntw');
    const told: string[] = [];
    const later = [
      () => write(state, 'r', 'a/x.log', 'o\n'),
      async () => {
        await rename(path, `${path}.1`);
        await write(state, 'r', 'a/x.log', '3\n');
      },
      () => write(state, 'r', 'b/y.log', 'four\n'),
    ];
    const steps = [...later];
    const clock = { now: () => new Date(0), monotonicMs: () => 0, sleep: async () => void (await steps.shift()?.()) };
    await followLogs(state, {
      run: 'r',
      clock,
      signal: new AbortController().signal,
      goesOn: async () => steps.length > 0,
      onLines: ({ name }, lines) => told.push(`${name}: ${lines.join()}`),
    });
    expect(told).toEqual(['x: one', 'x: two', 'x: 3', 'y: four']);
  });

  test('following ends with Ctrl-C', async () => {
    const state = await withRuns('r');
    const abort = new AbortController();
    const clock = { now: () => new Date(0), monotonicMs: () => 0, sleep: async () => abort.abort() };
    await followLogs(state, { run: 'r', clock, signal: abort.signal, goesOn: async () => true, onLines: () => undefined });
    expect(abort.signal.aborted).toBe(true);
  });
});
