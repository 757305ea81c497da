import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import { attachmentId, runId, volumeId } from '../../src/model/ids.js';
import { StateFolder } from '../../src/state/state-folder.js';
import { openVmLedger } from '../../src/state/vm-ledger.js';
import { tempFolder } from './in-temp.js';

/** A state folder whose run holds an attachment, a snapshot and an overlay. */
async function working(root: string): Promise<StateFolder> {
  const state = await (await StateFolder.open(root)).prepare();
  const ledger = await openVmLedger(state.ledger('db'));
  await ledger.runBegins(runId('run-alive-01'), 'plan');
  await ledger.snapshotIntended('migplan-run-alive-01');
  await ledger.attachmentIntended(volumeId('vol-1'), undefined);
  await ledger.attachmentTaken(volumeId('vol-1'), attachmentId('att-1'));
  await ledger.synced(2000, { bytes: 5, seconds: 1, at: new Date(0), isDelta: true });
  await mkdir(state.overlayFolder('run-alive-01', 'db'), { recursive: true });
  await writeFile(join(state.overlayFolder('run-alive-01', 'db'), '2000.qcow2'), 'half');
  return state;
}

const everything = {
  attachments: [{ id: 'att-1' }],
  snapshots: [{ name: 'migplan-run-alive-01' }],
  unfinishedRuns: ['run-alive-01'],
};
const nothing = { attachments: [], snapshots: [], unfinishedRuns: [] };

describe('a copied state folder', () => {
  test('says nothing of what is held: the run it was copied from may be alive', async () => {
    const home = await tempFolder();
    const original = await working(join(home, 'a'));
    await cp(join(home, 'a'), join(home, 'b'), { recursive: true, preserveTimestamps: true });
    const copy = await StateFolder.open(join(home, 'b'));
    expect(copy.copied).toBe(join(home, 'b/place.json'));
    expect(copy.lineage).toBe('');
    expect(await copy.ledgerEntries('db')).toMatchObject({ ...nothing, lastSync: { 2000: new Date(0).toISOString() } });
    expect(await copy.runsWithOverlays('db')).toEqual([]);
    const same = await StateFolder.open(join(home, 'a'));
    expect(same.copied).toBeUndefined();
    expect(same.lineage).toBe(original.lineage);
    expect(await same.ledgerEntries('db')).toMatchObject(everything);
    expect(await same.runsWithOverlays('db')).toEqual(['run-alive-01']);
  });

  test('counts again when a person says so by removing the file that names its place', async () => {
    const home = await tempFolder();
    const { lineage } = await working(join(home, 'a'));
    await cp(join(home, 'a'), join(home, 'b'), { recursive: true });
    await rm((await StateFolder.open(join(home, 'b'))).copied!);
    const adopted = await (await StateFolder.open(join(home, 'b'))).prepare();
    expect(adopted.lineage).toBe(lineage);
    expect(await adopted.ledgerEntries('db')).toMatchObject(everything);
    expect(await adopted.runsWithOverlays('db')).toEqual(['run-alive-01']);
    expect((await StateFolder.open(join(home, 'b'))).copied).toBeUndefined();
  });

  test('becomes a folder of its own with the first effect: another lineage, estimates kept', async () => {
    const home = await tempFolder();
    const { lineage } = await working(join(home, 'a'));
    await cp(join(home, 'a'), join(home, 'b'), { recursive: true });
    const own = await (await StateFolder.open(join(home, 'b'))).prepare();
    expect(own.copied).toBeUndefined();
    expect(own.lineage).toMatch(/^[0-9a-f-]{36}$/);
    expect(own.lineage).not.toBe(lineage);
    expect(await own.ledgerEntries('db')).toMatchObject({ ...nothing, history: { 2000: [{ bytes: 5 }] } });
    expect(await own.runsWithOverlays('db')).toEqual([]);
    const again = await StateFolder.open(join(home, 'b'));
    expect([again.copied, again.lineage]).toEqual([undefined, own.lineage]);
    // What was copied of a conversion is put aside, not thrown away.
    expect((await readdir(join(home, 'b'))).some((name) => name.startsWith('runs.copied-'))).toBe(true);
  });

  test('is none when the folder was renamed, or is of a version that wrote no place', async () => {
    const home = await tempFolder();
    await working(join(home, 'a'));
    await rename(join(home, 'a'), join(home, 'b'));
    expect(await (await StateFolder.open(join(home, 'b'))).ledgerEntries('db')).toMatchObject(everything);
    await rm(join(home, 'b/place.json'));
    expect(await (await StateFolder.open(join(home, 'b'))).ledgerEntries('db')).toMatchObject(everything);
  });

  test('is one when another machine wrote it', async () => {
    const home = await tempFolder();
    await working(join(home, 'a'));
    const path = join(home, 'a/place.json');
    const { place } = JSON.parse(await readFile(path, 'utf8')) as { place: string };
    await writeFile(path, JSON.stringify({ place: place.replace(/^[^/]*/, 'another-machine') }));
    expect((await StateFolder.open(join(home, 'a'))).copied).toBe(path);
    await writeFile(path, 'null');
    expect((await StateFolder.open(join(home, 'a'))).copied).toBe(path);
  });
});

test('folders of the state are private, also those that a umask left open', async () => {
  const root = join(await tempFolder(), '.migplan');
  await mkdir(join(root, 'vms'), { recursive: true });
  for (const path of [root, join(root, 'vms')]) await chmod(path, 0o755);
  await (await StateFolder.open(root)).prepare();
  const folders = ['', 'vms', 'plans', 'runs', 'machine-types', 'run-index'];
  const modes = await Promise.all(folders.map(async (name) => (await stat(join(root, name))).mode & 0o777));
  expect(modes).toEqual(folders.map(() => 0o700));
});

const codesOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof DiagnosticsError ? error.diagnostics.map(({ code }) => code).join() : error),
  );

test.each(['null', '[]', '"x"', '1', '{"lineage":{}}', '{"attachments":1,"begun":1,"plan":1}'])(
  'files of the state that hold %s are told as damaged, not as a bug',
  async (text) => {
    const root = await tempFolder();
    const state = await (await StateFolder.open(root)).prepare();
    await writeFile(state.ledger('x').place, text);
    if (!text.includes('lineage')) expect(await codesOf(state.ledgerEntries('x'))).toBe('MP3013');
    await writeFile(join(root, 'plans/p.json'), text);
    expect(await codesOf(state.readPlanProgress('p'))).toBe('MP3013');
    await writeFile(join(root, 'state.json'), text);
    expect(await codesOf(StateFolder.open(root))).toBe('MP3013');
  },
);
