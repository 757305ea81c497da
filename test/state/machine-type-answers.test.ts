import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ProviderIdentity } from '../../src/contracts/provider.js';
import type { StateDocument } from '../../src/state/backend/state-backend.js';
import { readMachineTypeAnswers, rememberMachineType } from '../../src/state/machine-type-answers.js';
import { StateFolder } from '../../src/state/state-folder.js';

const cloud: ProviderIdentity = { kind: 'openstack', endpoint: 'https://keystone.example.com/v3', id: 'p1', region: 'RegionOne' };
const at = '2026-06-01T12:00:00.000Z';
const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function documentIn(of: ProviderIdentity = cloud): Promise<StateDocument> {
  const folder = await mkdtemp(join(tmpdir(), 'answers-'));
  folders.push(folder);
  return (await StateFolder.open(folder)).machineTypes(of);
}

test('HW7 answers are kept by type with their day, the latest of each', async () => {
  const document = await documentIn();
  expect(await readMachineTypeAnswers(document, cloud)).toEqual({});
  await rememberMachineType(document, cloud, { type: 'pc', runs: false, at: '2026-01-01T00:00:00.000Z' });
  await rememberMachineType(document, cloud, { type: 'q35', runs: true, at });
  await rememberMachineType(document, cloud, { type: 'pc', runs: true, at });
  expect(await readMachineTypeAnswers(document, cloud)).toEqual({ pc: { runs: true, at }, q35: { runs: true, at } });
});

test('HW7 each cloud, region and project has answers of its own', async () => {
  const document = await documentIn();
  await rememberMachineType(document, cloud, { type: 'pc', runs: true, at });
  const folder = folders[0]!;
  const state = await StateFolder.open(folder);
  for (const other of [
    { ...cloud, region: 'RegionTwo' },
    { ...cloud, id: 'p2' },
    { ...cloud, endpoint: 'https://other/v3' },
  ]) {
    expect(state.machineTypes(other).place).not.toBe(document.place);
    expect(await readMachineTypeAnswers(document, other)).toEqual({});
  }
});

test.each(['', '[]', '{', 'null', '{"version":2}', '{"version":1,"cloud":"x","types":{}}'])(
  'a damaged file %j is no answer',
  async (text) => {
    const document = await documentIn();
    await rememberMachineType(document, cloud, { type: 'pc', runs: true, at });
    await writeFile(document.place, text);
    expect(await readMachineTypeAnswers(document, cloud)).toEqual({});
  },
);

test('an answer that is half there is none', async () => {
  const document = await documentIn();
  await rememberMachineType(document, cloud, { type: 'pc', runs: true, at });
  await writeFile(document.place, (await readFile(document.place, 'utf8')).replace('"runs": true', '"runs": "yes"'));
  expect(await readMachineTypeAnswers(document, cloud)).toEqual({});
});
