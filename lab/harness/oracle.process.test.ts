import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConformanceClient } from '../openstack-sim/conformance/client.js';
import { type SimFixture, startFixture } from '../openstack-sim/sim-fixture.js';
import { CloudControl } from './cloud-control.js';
import { Oracle } from './oracle.js';
import { cloudTruth, snapshotOf } from './truth.js';
import { simulatedWitness, watchedClaims } from './witness.js';

// Who watches the watcher: each way in which a record can lie is told here, and the truth is not.
const GiB = 2 ** 30;
const MiB = 2 ** 20;
let fixture: SimFixture;
let client: ConformanceClient;
let control: CloudControl;
let oracle: Oracle;
let source: { readonly id: string; readonly file: string };
let copy: typeof source;

beforeEach(async () => {
  fixture = await startFixture({ evidence: { ...watchedClaims, snapshots: true } });
  client = await fixture.as('demo');
  control = new CloudControl(fixture.sim.controlUrl);
  oracle = new Oracle(simulatedWitness(control), cloudTruth(control));
  source = fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, name: 'source' });
  copy = fixture.sim.control.createVolume({ project: 'demo', sizeGiB: 1, name: 'copy' });
  for (const { file } of [source, copy]) write(file, 5 * MiB, 'what both hold');
  await snapshot('migplan-run1-vm-c1');
});

afterEach(async () => {
  await oracle[Symbol.asyncDispose]().catch(() => undefined);
  await fixture[Symbol.asyncDispose]();
});

function write(file: string, offset: number, text: string): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, text, offset);
  closeSync(descriptor);
}

async function snapshot(name: string): Promise<void> {
  const { status } = await client.call('volumev3', 'POST', '/snapshots', {
    body: { snapshot: { volume_id: source.id, name, force: true } },
  });
  expect(status).toBe(202);
}

async function claim(change: Readonly<Record<string, string>> = {}): Promise<void> {
  const fields = { v: '1', s: 'clean', i: '-', c: String(GiB), m: 'aa', k: '2000', d: source.id, n: '1', r: 'run1', ...change };
  const migplan = Object.entries(fields)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
  const metadata = { changeID: '', migplan };
  expect((await client.call('volumev3', 'POST', `/volumes/${copy.id}/metadata`, { body: { metadata } })).status).toBe(200);
}

test('a copy that is what its record says is true, and stays true when the snapshot is gone', async () => {
  await claim();
  fixture.sim.control.advance(1000);
  const [taken] = await control.snapshots();
  await client.call('volumev3', 'DELETE', `/snapshots/${taken!.id}`);
  fixture.sim.control.advance(1000);
  expect(await control.snapshots()).toEqual([]);
  await oracle.judge();
  expect(await control.claims(), 'what was judged is kept no longer').toEqual([]);
});

test('one byte that was wrong when the record was written is told, although it was mended before anybody looked', async () => {
  write(copy.file, 700 * MiB, 'x');
  await claim();
  write(copy.file, 700 * MiB, '\0');
  await expect(oracle.judge()).rejects.toThrow(/copy, when its record was written, .*mismatch at offset 734003200/);
  await oracle.judge();
});

test('a block that the copy lacks is told', async () => {
  write(source.file, 900 * MiB, 'new');
  await snapshot('migplan-run2-vm-c2');
  await claim({ r: 'run2', n: '2' });
  await expect(oracle.judge()).rejects.toThrow(/are not those of snapshot migplan-run2-vm-c2/);
});

test('a volume that somebody writes to after its record was judged is told', async () => {
  await claim();
  await oracle.judge();
  write(copy.file, 0, 'x');
  await expect(oracle.judge()).rejects.toThrow(/copy, now, said .*mismatch at offset 0/);
});

test('a final copy is judged like a clean one where nothing converts it', async () => {
  write(copy.file, 0, 'x');
  await claim({ s: 'converted' });
  await expect(oracle.judge()).rejects.toThrow(/s=converted/);
});

test.each([
  ['a run that took no snapshot', { r: 'run9' }, /run run9 took no snapshot/],
  ['another cycle', { n: '12' }, /took no snapshot of disk 2000 for cycle 12/],
])('a record about %s is told', async (_, change, message) => {
  await claim(change);
  await expect(oracle.judge()).rejects.toThrow(message);
});

test('a record that the oracle does not understand is told, never skipped', async () => {
  await claim({ s: 'shiny' });
  await expect(oracle.judge()).rejects.toThrow('does not understand the record');
});

test('bytes beyond the disk are nobody’s', async () => {
  await claim({ c: String(900 * MiB) });
  write(copy.file, 950 * MiB, 'x');
  await oracle.judge();
});

test('after a revert two snapshots have one changeID: the run’s own is the one that counts', () => {
  const old = { snapshotName: 'migplan-run1-vm-c1', changeId: 'a/7', file: 'old' };
  const other = { snapshotName: 'migplan-run2-vm-c2', changeId: 'a/7', file: 'new' };
  const claimed = { state: 'clean', changeId: 'a/7', capacity: 1, diskKey: 2000, diskUuid: '', run: 'run2', cycle: 2 };
  expect(snapshotOf(claimed, [old, other])).toBe(other);
  expect(snapshotOf({ ...claimed, run: 'run1', cycle: 1 }, [old, other])).toBe(old);
});
