import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { World } from '../../lab/sim/world.js';
import type { DataPlane } from '../../src/contracts/data-plane.js';
import { exportState, importState } from '../../src/engine/state/documents.js';
import { refreshState } from '../../src/engine/state/refresh.js';
import type { DesiredMigration } from '../../src/model/desired.js';
import { LocalBackend } from '../../src/state/backend/local-backend.js';
import type { DocumentName } from '../../src/state/backend/state-backend.js';
import { decodeRecord } from '../../src/state/sync-record-codec.js';
import { told, Workshop } from './workshop.js';

// A folder of state that is older than what the volumes say, or came from elsewhere: it counts no leases that would tell.
const a: DocumentName = { kind: 'vms', name: 'a' };
const broken: Partial<DataPlane> = { copy: () => Promise.reject(new Error('the disk is gone')) };

/** What came of it, how each disk was compared, and what was said. */
async function applied(shop: Workshop, over: Partial<DataPlane> = {}): Promise<string[]> {
  shop.dataPlaneOver = over;
  await shop.clock.sleep(86_400_000);
  shop.events.length = 0;
  const outcomes = await shop.apply(await shop.plan());
  const compared = shop.events.flatMap((event) => (event.type === 'disk-synced' ? [`${event.disk} ${event.verified.mode}`] : []));
  return [...told(outcomes), ...compared];
}

async function begun(over: Partial<DesiredMigration> = {}, disks = 1): Promise<Workshop> {
  const shop = await Workshop.open();
  shop.add('a', { phase: 'seed', verify: 'off', ...over }, disks);
  expect(await applied(shop, broken)).toContainEqual(expect.stringContaining('vm/a failed'));
  return shop;
}

const backendOf = ({ state }: Workshop) => new LocalBackend(state.root);

/** On another machine a run has the VM, and somebody takes its lock away. */
async function diesElsewhere(shop: Workshop, run = 'elsewhere'): Promise<void> {
  const backend = backendOf(shop);
  const { holder } = await backend.lock(a).take(`apply ${run}`, new Date());
  const { place } = backend.lock(a);
  await writeFile(place, JSON.stringify({ ...JSON.parse(await readFile(place, 'utf8')), host: 'elsewhere' }));
  expect(await backend.breakLock(a, holder.id)).toBe(true);
}

test('what was begun under the state that is there is gone on with as it was asked for', async () => {
  const shop = await begun();
  expect(await applied(shop, broken)).toContainEqual(expect.stringContaining('vm/a failed'));
  expect(await applied(shop)).toEqual(['vm/a done', '2000 off']);
});

test.each([['put back to before the copy was begun'], ['lost']])(
  'a copy that the state does not know of, which was %s, is compared as a whole; once',
  async (became) => {
    const shop = await begun();
    if (became === 'lost') await shop.state.ledger('a').remove();
    else await shop.state.ledger('a').write('{}');
    expect(await applied(shop)).toEqual(['vm/a done', '2000 full']);
    expect(shop.notes.join('\n')).toContain('disk 2000 is compared as a whole before it counts as clean');
    shop.change('a', { phase: 'sync' });
    shop.worlds.get('a')!.vm.guestWrites(3);
    expect(await applied(shop)).toEqual(['vm/a done', '2000 off']);
  },
);

test('the doubt outlives runs that do not get to their end, though their own records stand there by then', async () => {
  const shop = await begun();
  await shop.state.ledger('a').remove();
  for (let run = 0; run < 2; run++) expect(await applied(shop, broken)).toContainEqual(expect.stringContaining('vm/a failed'));
  expect(await applied(shop)).toEqual(['vm/a done', '2000 full']);
});

test('a difference that proves another writer is told as that, and the copy that follows is compared, too', async () => {
  const shop = await begun();
  await shop.state.ledger('a').remove();
  const [outcome] = await applied(shop, { firstDifference: async () => 9 });
  expect(outcome).toBe('vm/a failed MP6005');
  shop.dataPlaneOver = { firstDifference: async () => 9 };
  const [failed] = await shop.apply(await shop.plan());
  expect(failed!.diagnostics[0]!.detail).toContain('another run whose end nobody saw wrote to it');
  expect(await applied(shop)).toEqual(['vm/a done', '2000 full']);
});

test('a former writer that is cut off stays cut off for the runs that come next', async () => {
  const shop = await begun();
  await diesElsewhere(shop, 'run000000001');
  expect((await applied(shop, { ...broken, cutOff: async () => true }))[0]).toContain('vm/a failed');
  expect(await applied(shop, { cutOff: () => expect.fail('asked again') })).toEqual(['vm/a done', '2000 off']);
});

test('one that was not cut off before another run wrote is not the only one any more', async () => {
  const shop = await begun();
  await diesElsewhere(shop, 'run000000001');
  expect((await applied(shop, { ...broken, cutOff: async () => false }))[0]).toContain('vm/a failed');
  expect(await applied(shop, { cutOff: () => expect.fail('that says nothing of the first one') })).toEqual([
    'vm/a done',
    '2000 full',
  ]);
});

test('a disk that was compared is not compared again because another one of the VM was not', async () => {
  const shop = await begun({ phase: 'sync' }, 2);
  await diesElsewhere(shop);
  let one: string | undefined;
  const onlyOne: Partial<DataPlane> = {
    copy: async (job) => {
      one ??= job.target.uri;
      if (job.target.uri === one) return shop.worlds.get('a')!.dataPlane.copy(job);
      await expect.poll(() => shop.events.some(({ type }) => type === 'disk-synced')).toBe(true);
      throw new Error('gone');
    },
  };
  const [, ...first] = await applied(shop, onlyOne);
  expect(first).toEqual([expect.stringMatching(/^200[01] full$/)]);
  shop.worlds.get('a')!.vm.guestWrites(3);
  expect((await applied(shop, broken))[0]).toContain('vm/a failed');
  const [outcome, ...second] = await applied(shop);
  expect(outcome).toBe('vm/a done');
  const other = first[0]!.startsWith('2000') ? '2001' : '2000';
  expect(second.sort()).toEqual([`${other} full`, first[0]!.replace('full', 'off')].sort());
});

test('a state that was pulled while a run was at work says nothing of what that run did later', async () => {
  const shop = await begun();
  const backend = backendOf(shop);
  await importState(backend, await exportState(backend), { force: true, now: new Date() });
  expect((await applied(shop, broken))[0]).toContain('vm/a failed');
  expect(await applied(shop)).toEqual(['vm/a done', '2000 full']);
});

test('one in which nothing was begun raises no doubt', async () => {
  const shop = await Workshop.open();
  shop.add('a', { phase: 'seed', verify: 'off' });
  await shop.state.ledger('a').write('{}');
  const backend = backendOf(shop);
  await importState(backend, await exportState(backend), { force: true, now: new Date() });
  expect(await applied(shop)).toEqual(['vm/a done', '2000 off']);
});

test.each([
  ['of what is known nothing is forgotten, and there is no doubt', true, 'off'],
  ['what it does not find again is doubted', false, 'full'],
])('refresh: %s', async (_what, isKnown, mode) => {
  const shop = await begun();
  if (!isKnown) await shop.state.ledger('a').remove();
  const runtime = { providers: async () => shop.providers, state: async () => shop.state };
  for (let twice = 0; twice < 2; twice++) {
    const { vms } = await refreshState(runtime, [...shop.desired.values()], { now: new Date() });
    expect(vms[0]?.unfinished_runs).toEqual(isKnown ? ['run000000001'] : []);
  }
  expect(await applied(shop)).toEqual(['vm/a done', `2000 ${mode}`]);
});

test('a merge that goes on after a run whose end nobody saw: the storage is asked to cut that one off, disk by disk', async () => {
  const shop = await Workshop.open();
  const world = shop.add('a', { phase: 'cutover', cutover: true, verify: 'off' }, 2);
  let merged = 0;
  shop.converterOver = { commit: (disk) => (merged++ === 1 ? Promise.reject(new Error('hangs')) : world.converter.commit(disk)) };
  expect((await applied(shop))[0]).toContain('vm/a failed');
  expect(shop.states('a')).toEqual(['committing', 'committing']);
  const folder = shop.state.overlayFolder('run000000001', 'a');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '2000.qcow2'), '');
  await diesElsewhere(shop, 'run000000001');
  shop.converterOver = {};
  let asked = 0;
  expect(await applied(shop, { cutOff: async () => ++asked === 1 })).toEqual(['vm/a done']);
  expect(asked).toBe(2);
  expect(shop.notes.filter((note) => note.includes('was cut off by the storage'))).toHaveLength(1);
  expect(shop.states('a')).toEqual(['converted', 'converted']);
});

test('a run that does not see the volumes, because the manifest names another target for a while, forgets nothing', async () => {
  const shop = await begun();
  shop.worlds.set('b', new World(2, 1));
  await diesElsewhere(shop, 'run000000001');
  const desired = shop.desired.get('vm/a')!;
  for (const target of ['b', 'a']) {
    shop.desired.set('vm/a', { ...desired, target: { ...desired.target, provider: target } });
    const result = await applied(shop, target === 'b' ? broken : {});
    if (target === 'b') expect(result[0]).toContain('vm/a failed');
    else expect(result).toEqual(['vm/a done', '2000 full']);
  }
});

test.each([
  ['was begun so that its writes end with the volume', true, 'off'],
  ['writes on though its volume is taken away', false, 'full'],
])('where taking a volume away cuts off who has it: of a run that %s', async (_what, isSo, mode) => {
  const shop = await Workshop.open();
  shop.add('a', { phase: 'seed', verify: 'off' });
  shop.targetOver = { releaseCutsOff: isSo };
  expect((await applied(shop, broken))[0]).toContain('vm/a failed');
  await diesElsewhere(shop, 'run000000001');
  shop.targetOver = { releaseCutsOff: true };
  expect((await applied(shop, { openTarget: () => Promise.reject(new Error('no such device')) }))[0]).toContain('vm/a failed');
  expect(await applied(shop)).toEqual(['vm/a done', `2000 ${mode}`]);
});

test('a volume whose record was lost is doubted as it was before', async () => {
  const shop = await begun();
  await diesElsewhere(shop, 'run000000001');
  const [volume] = [...shop.worlds.get('a')!.cloud.volumes.values()];
  for (const key of Object.keys(volume!.metadata)) if (key.startsWith('migplan')) volume!.metadata[key] = 'damaged';
  shop.change('a', { reseed: { how: 'copy', request: 'r1' } });
  const first = await applied(shop, broken);
  expect(first[0]).toContain('vm/a failed');
  expect(await applied(shop)).toEqual(['vm/a done', '2000 full']);
});

test('a run that has cut off the former writer and is killed is the only one to be cut off next', async () => {
  const shop = await begun();
  await diesElsewhere(shop, 'run000000001');
  expect((await applied(shop, { ...broken, cutOff: async () => true }))[0]).toContain('vm/a failed');
  const [volume] = [...shop.worlds.get('a')!.cloud.volumes.values()];
  const reading = decodeRecord(volume!.metadata);
  await diesElsewhere(shop, reading.kind === 'record' ? reading.record.run : expect.unreachable());
  let asked = 0;
  expect(await applied(shop, { cutOff: async () => ++asked > 0 })).toEqual(['vm/a done', '2000 off']);
  expect(asked).toBe(1);
});

test('a merge that others may have gone on with under a state that was put back since is compared when it is made again', async () => {
  const shop = await Workshop.open();
  const world = shop.add('a', { phase: 'cutover', cutover: true, verify: 'off' }, 2);
  shop.converterOver = { commit: () => Promise.reject(new Error('hangs')) };
  expect((await applied(shop))[0]).toContain('vm/a failed');
  shop.converterOver = {};
  world.overlays.clear();
  shop.change('a', { reseed: { how: 'compare', request: 'r1' } });
  expect((await applied(shop)).sort()).toEqual(['2000 full', '2001 full', 'vm/a done']);
});
