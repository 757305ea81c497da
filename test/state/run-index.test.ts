import { describe, expect, test } from 'vitest';
import { fileDocument } from '../../src/state/backend/file-document.js';
import { type IndexedRun, RUNS_INDEXED_MAX, readRunIndex, withRun } from '../../src/state/run-index.js';
import { tempFolder } from './in-temp.js';

const process = { who: 'ops@conv1', host: 'conv1', pid: 4648, startedTicks: '1', pidNamespace: '2', boot: 'b', machine: 'm' };
const begun = (run: string): IndexedRun => ({
  run,
  plan: 'd0b6a7e2',
  process,
  folder: '/srv/move',
  migplan: '0.1.0',
  addresses: ['vm/web01'],
  more: 0,
  startedAt: '2026-06-01T12:00:00.000Z',
});
const ended = (run: string): IndexedRun => ({ ...begun(run), endedAt: '2026-06-01T13:00:00.000Z', exit: 0, bytes: 7 });

const emptyDocument = async () => fileDocument(`${await tempFolder()}/recent.json`);
const namesIn = (runs: readonly IndexedRun[]): string[] => runs.map(({ run }) => run);

describe('the index of runs', () => {
  test('is empty where nothing was noted: states of older versions have none', async () => {
    expect(await readRunIndex(await emptyDocument())).toEqual([]);
  });

  test('has the last one first, and how a run ended in its place, however often that is told', async () => {
    const document = await emptyDocument();
    for (const run of ['a', 'b', 'c']) await document.edit(withRun(begun(run)));
    for (const _again of [1, 2]) await document.edit(withRun(ended('b')));
    expect(await readRunIndex(document)).toEqual([begun('c'), ended('b'), begun('a')]);
  });

  test('keeps the newest; of one that went out meanwhile the end comes in again', async () => {
    const document = await emptyDocument();
    const text = Array.from({ length: RUNS_INDEXED_MAX + 5 }, (_, at) => begun(`r${at}`)).reduce(
      (before: string | undefined, run) => withRun(run)(before),
      undefined,
    );
    await document.write(text!);
    const kept = namesIn(await readRunIndex(document));
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([RUNS_INDEXED_MAX, `r${RUNS_INDEXED_MAX + 4}`, 'r5']);
    await document.edit(withRun(ended('r0')));
    const after = await readRunIndex(document);
    expect([after.length, after[0], after.at(-1)!.run]).toEqual([RUNS_INDEXED_MAX, ended('r0'), 'r6']);
  });

  test('a whole index stays small: a server of Terraform states keeps every version of it', () => {
    const long = { ...begun('r'), addresses: Array.from({ length: 10 }, (_, at) => `vm/database-of-customer-${at}`), more: 990 };
    const text = Array.from({ length: RUNS_INDEXED_MAX }, (_, at) => ({ ...long, run: `r${at}` })).reduce(
      (before: string | undefined, run) => withRun(run)(before),
      undefined,
    );
    expect(text!.length).toBeLessThan(160 * 1024);
  });

  test('what another version wrote otherwise is left out, and left alone', async () => {
    const document = await emptyDocument();
    const others = [{ run: 'x', of: 'a later version' }, 7, null, { ...begun('later'), colour: 'red' }];
    await document.write(JSON.stringify({ runs: others }));
    await document.edit(withRun(begun('a')));
    expect(namesIn(await readRunIndex(document))).toEqual(['a', 'later']);
    await document.edit(withRun(ended('a')));
    expect((JSON.parse((await document.read()) ?? '') as { runs: unknown[] }).runs).toEqual([ended('a'), ...others]);
  });

  test.each<[string, object]>([
    ['no process', { process: undefined }],
    ['a process without a host', { process: { ...process, host: 7 } }],
    ['a name that is none', { run: '../x' }],
    ['no time', { startedAt: 'yesterday' }],
    ['an end without an exit code', { endedAt: '2026-06-01T13:00:00.000Z' }],
    ['an exit code without an end', { exit: 0 }],
    ['no list of VMs', { addresses: 'vm/a' }],
    ['a VM that is no text', { addresses: [{}] }],
    ['fewer VMs than none', { more: -1 }],
  ])('with %s it is no run', async (_what, wrong) => {
    const document = await emptyDocument();
    await document.write(JSON.stringify({ runs: [{ ...begun('a'), ...wrong }, begun('b')] }));
    expect(namesIn(await readRunIndex(document))).toEqual(['b']);
  });

  test.each(['[]', '{"runs": {}}', 'null', '{'])('%s is damaged: that is told, and it is not written over', async (text) => {
    const document = await emptyDocument();
    await document.write(text);
    await expect(readRunIndex(document)).rejects.toMatchObject({ diagnostics: [{ code: 'MP3013' }] });
    await expect(document.edit(withRun(begun('a')))).rejects.toThrow(/MP3013|damaged|index/);
    expect(await document.read()).toBe(text);
  });
});
