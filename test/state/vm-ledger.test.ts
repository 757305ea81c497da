import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { attachmentId, runId, snapshotRef, volumeId } from '../../src/model/ids.js';
import { fileDocument } from '../../src/state/backend/file-document.js';
import {
  emptyLedger,
  fromElsewhere,
  type LedgerEntries,
  openVmLedger,
  readLedger,
  rebuilt,
  StoredLedger,
} from '../../src/state/vm-ledger.js';
import { tempFolder } from './in-temp.js';

const COUNTED = { number: 3, lease: 7 };
const at = (iso: string) => new Date(iso);
const synced = (bytes: number, iso: string, isDelta = true) => ({ bytes, seconds: 1, at: at(iso), isDelta });

describe('a VM’s ledger', () => {
  test('is on disk when each change resolves', async () => {
    const path = join(await tempFolder(), 'vms/x.json');
    const ledger = await openVmLedger(fileDocument(path));
    expect(await readLedger(fileDocument(path))).toEqual(emptyLedger);

    await ledger.runBegins(runId('r1'), 'plan-1');
    await ledger.snapshotIntended('snap');
    expect((await readLedger(fileDocument(path))).snapshots).toEqual([{ name: 'snap' }]);
    await ledger.snapshotTaken('snap', snapshotRef('snapshot-7'));
    await ledger.attachmentIntended(volumeId('v'), 'r0');
    expect((await readLedger(fileDocument(path))).attachments).toEqual([{ volume: 'v', recordRun: 'r0' }]);
    await ledger.attachmentTaken(volumeId('v'), attachmentId('a'));
    expect(await readLedger(fileDocument(path))).toMatchObject({
      snapshots: [{ name: 'snap', ref: 'snapshot-7' }],
      attachments: [{ volume: 'v', id: 'a' }],
      unfinishedRuns: ['r1'],
      plan: 'plan-1',
    });

    await ledger.snapshotGone({ ref: snapshotRef('snapshot-7') });
    await ledger.attachmentGone(volumeId('v'));
    await ledger.runEnds();
    expect(await readLedger(fileDocument(path))).toMatchObject({ snapshots: [], attachments: [], unfinishedRuns: [] });
  });

  test('changes that disks make at once keep their order, and none is lost', async () => {
    const stored: LedgerEntries[] = [];
    const ledger = new StoredLedger(emptyLedger, async (entries) => {
      await Promise.resolve();
      stored.push(entries);
    });
    await Promise.all(Array.from({ length: 20 }, (_, i) => ledger.snapshotIntended(`s${i}`)));
    expect(stored.map(({ snapshots }) => snapshots.length)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(stored.at(-1)!.snapshots.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `s${i}`));
  });

  test('a change that could not be stored fails, and the next one is stored whole', async () => {
    let fails = true;
    let last: LedgerEntries | undefined;
    const ledger = new StoredLedger(emptyLedger, async (entries) => {
      if (fails) throw new Error('disk full');
      last = entries;
    });
    await expect(ledger.snapshotIntended('a')).rejects.toThrow('disk full');
    fails = false;
    await ledger.snapshotIntended('b');
    expect(last?.snapshots.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('only deltas make history, newest first, with the time since the sync before', async () => {
    const ledger = await openVmLedger(fileDocument(join(await tempFolder(), 'x.json')));
    await ledger.synced(2000, synced(100, '2026-01-01T00:00:00Z', false));
    await ledger.synced(2000, synced(7, '2026-01-01T01:00:00Z'));
    await ledger.synced(2000, synced(8, '2026-01-01T03:00:00Z'));
    expect(ledger.read().history['2000']).toEqual([
      { bytes: 8, seconds: 1, intervalSeconds: 7200 },
      { bytes: 7, seconds: 1, intervalSeconds: 3600 },
    ]);
    expect(ledger.read().lastSync['2000']).toBe('2026-01-01T03:00:00.000Z');
    for (let i = 0; i < 40; i++) await ledger.synced(2000, synced(i, '2026-01-01T04:00:00Z'));
    expect(ledger.read().history['2000']).toHaveLength(20);
    await ledger.synced(2000, synced(100, '2026-01-01T05:00:00Z', false));
    expect(ledger.read().history['2000'], 'what follows a full copy is a first delta').toEqual([]);
  });

  test('a damaged file is told with its name, and never read as "nothing held"', async () => {
    const path = join(await tempFolder(), 'x.json');
    await writeFile(path, '{"snapshots": [');
    const failure = await readLedger(fileDocument(path)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DiagnosticsError);
    expect((failure as DiagnosticsError).diagnostics).toMatchObject([{ code: 'MP3013', detail: expect.stringContaining(path) }]);
  });

  const time = '2026-01-01T00:00:00.000Z';
  test.each([
    { snapshots: [null] },
    { snapshots: [{ ref: 'snapshot-7' }] },
    { attachments: [5] },
    { attachments: [{ id: 'a' }] },
    { unfinishedRuns: [{}] },
    { history: [] },
    { history: { 2000: [null] } },
    { history: { 2000: 'x' } },
    { lastSync: 'x' },
    { unseen: [5] },
    { withVolume: 'r1' },
    { doubted: ['2000'] },
    { doubted: { 2000: 5 } },
    { counted: 7 },
    { counted: { number: 1 } },
    { left: null },
    { left: { run: 'r', plan: 'p', at: 5, things: {} } },
    { left: { run: 'r', plan: 'p', at: time, things: { 'vm/x': null } } },
  ])('what is damaged in one place is damaged: %j', async (over) => {
    const path = join(await tempFolder(), 'x.json');
    await writeFile(path, JSON.stringify({ ...emptyLedger, ...over }));
    await expect(readLedger(fileDocument(path))).rejects.toThrow('it is not a ledger');
  });

  test('what is doubted stands with each disk until it is gone; runs of elsewhere are in it when the next one begins', async () => {
    const path = join(await tempFolder(), 'x.json');
    await writeFile(path, JSON.stringify(fromElsewhere({ ...emptyLedger, unfinishedRuns: ['r0'] })));
    expect(await readLedger(fileDocument(path))).toMatchObject({ unseen: ['r0'] });
    const ledger = await openVmLedger(fileDocument(path));
    await ledger.runBegins(runId('r1'), 'plan-1', {
      ...{ doubted: { 2000: 'r0', 2001: '' }, unseen: ['r0', ''], endsWithVolume: true, counted: COUNTED },
    });
    await ledger.doubtGone(2001);
    const begun = await readLedger(fileDocument(path));
    expect(begun).toMatchObject({ unfinishedRuns: ['r0', 'r1'], doubted: { 2000: 'r0' }, counted: COUNTED });
    expect(begun).toMatchObject({ unseen: ['r0', ''], withVolume: ['r1'] });
    expect(fromElsewhere(begun)).toMatchObject({ unseen: ['r0', 'r1'], doubted: { 2000: '' }, withVolume: ['r1'] });
    await ledger.runEnds();
    expect(await readLedger(fileDocument(path))).toEqual({ ...emptyLedger, plan: 'plan-1', counted: COUNTED });
  });

  test('what is found anew keeps doubts, and says of runs that were not known that nobody saw their end', async () => {
    const path = join(await tempFolder(), 'x.json');
    const document = fileDocument(path);
    const before = {
      unfinishedRuns: ['known', 'pushed', 'over'],
      unseen: ['pushed', 'over'],
      doubted: { 2000: 'known' },
      counted: COUNTED,
    };
    await writeFile(path, JSON.stringify({ ...emptyLedger, ...before }));
    const found = ['known', 'pushed', 'new'].map((run) => runId(run));
    for (let twice = 0; twice < 2; twice++) {
      await rebuilt(document, { snapshots: [], attachments: [], unfinishedRuns: found });
      const { unfinishedRuns, unseen, doubted, counted } = await readLedger(document);
      expect({ unfinishedRuns, unseen, doubted, counted }).toEqual({
        ...{ unfinishedRuns: found, unseen: ['pushed', 'new'], doubted: { 2000: 'known' }, counted: COUNTED },
      });
    }
  });

  test('holds no secrets: what a ledger says is what it was told', async () => {
    const path = join(await tempFolder(), 'x.json');
    await (await openVmLedger(fileDocument(path))).snapshotIntended('s');
    expect(Object.keys(JSON.parse(await readFile(path, 'utf8')) as object).sort()).toEqual([
      'attachments',
      'history',
      'lastSync',
      'snapshots',
      'unfinishedRuns',
    ]);
  });
});
