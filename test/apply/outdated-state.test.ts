import { expect, test } from 'vitest';
import { exportState, importState } from '../../src/engine/state/documents.js';
import { LocalBackend } from '../../src/state/backend/local-backend.js';
import { Workshop } from './workshop.js';

// A folder of state that is older than what the volumes say, or came from elsewhere: it counts no leases that would tell.
async function failsInTheMiddle(shop: Workshop): Promise<void> {
  shop.dataPlaneOver = { copy: () => Promise.reject(new Error('the disk is gone')) };
  const [outcome] = await shop.apply(await shop.plan());
  expect(outcome?.result).toBe('failed');
  shop.dataPlaneOver = {};
  shop.events.length = 0;
}

async function comparisons(shop: Workshop): Promise<string[]> {
  await shop.clock.sleep(86_400_000);
  await shop.apply(await shop.plan());
  return shop.events.flatMap((event) => (event.type === 'disk-synced' ? [`${event.disk} ${event.verified.mode}`] : []));
}

const seeding = async (): Promise<Workshop> => {
  const shop = await Workshop.open();
  shop.add('a', { phase: 'seed', verify: 'off' });
  return shop;
};

const ledgerOf = ({ state }: Workshop) => state.ledger('a');

test('what was begun under the state that is there is gone on with as it was asked for', async () => {
  const shop = await seeding();
  await failsInTheMiddle(shop);
  expect(await comparisons(shop)).toEqual(['2000 off']);
});

test.each([
  ['put back to before the copy was begun', 'put back'],
  ['lost', 'removed'],
])('a copy that the state does not know of, which was %s, is compared as a whole; once', async (_what, became) => {
  const shop = await seeding();
  await ledgerOf(shop).write('{}');
  const text = await ledgerOf(shop).read();
  await failsInTheMiddle(shop);
  if (became === 'removed') await ledgerOf(shop).remove();
  else await ledgerOf(shop).write(text!);
  expect(await comparisons(shop)).toEqual(['2000 full']);
  expect(shop.notes.join('\n')).toContain('disk 2000 is compared as a whole before it counts as clean');
  shop.change('a', { phase: 'sync' });
  shop.worlds.get('a')!.vm.guestWrites(3);
  shop.events.length = 0;
  expect(await comparisons(shop)).toEqual(['2000 off']);
});

test('a state that was pulled while a run was at work says nothing of what that run did later', async () => {
  const shop = await seeding();
  await failsInTheMiddle(shop);
  const backend = new LocalBackend(shop.state.root);
  const pulled = await exportState(backend);
  await importState(backend, pulled, { force: true, now: new Date() });
  expect(await comparisons(shop)).toEqual(['2000 full']);
  expect(shop.notes.join('\n')).toContain('taken over from a run that the state does not know, whose end nobody saw');
});

test('one in which nothing was begun raises no doubt', async () => {
  const shop = await seeding();
  const backend = new LocalBackend(shop.state.root);
  await ledgerOf(shop).write('{}');
  await importState(backend, await exportState(backend), { force: true, now: new Date() });
  const lock = await shop.state.vmLock('a').take('apply run', new Date());
  expect(lock.former).toBeUndefined();
  await lock[Symbol.asyncDispose]();
});
