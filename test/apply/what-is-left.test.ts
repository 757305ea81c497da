import { expect, test } from 'vitest';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { sinceApply } from '../../src/plan/since-apply.js';
import { observe } from '../../src/state/observe.js';
import * as s from '../plan/plan-fixture.js';
import { told, Workshop } from './workshop.js';

const now = async (shop: Workshop) => {
  const desired = shop.desired.get('vm/a')!;
  const { providers } = shop.tools();
  const [observed] = await observe([desired], providers, shop.state);
  return sinceApply(desired, observed!);
};

async function cutOver(): Promise<Workshop> {
  const shop = await Workshop.open();
  shop.add('a', { ...s.cutover, shutdown: { timeoutSeconds: 60, force: false } }, 2);
  shop.change('a', { target: { provider: 'a', server: { name: 'a', flavor: 'm1', networks: [], securityGroups: [] } } });
  expect(told(await shop.apply(await shop.plan()))).toEqual(['vm/a done']);
  return shop;
}

test.each([
  ['seed', s.seed],
  ['sync', {}],
] as const)('right after a %s nothing has changed, and which run it was is known', async (_phase, over) => {
  const shop = await Workshop.open();
  shop.add('a', over, 2);
  expect(await now(shop)).toEqual({ recorded: 'nowhere', unfinished: [], changes: [] });
  await shop.apply(await shop.plan());
  expect(await now(shop)).toMatchObject({
    recorded: 'here',
    run: expect.stringMatching(/^run\d+$/),
    plan: 'plan',
    unfinished: [],
    changes: [],
  });
});

test('right after a cutover nothing has changed; then a person edits volume, server and source', async () => {
  const shop = await cutOver();
  expect(await now(shop)).toMatchObject({ recorded: 'here', changes: [] });
  const { cloud, vm } = shop.worlds.get('a')!;
  const [volume] = [...cloud.volumes.values()];
  volume!.imageMetadata = { ...volume!.imageMetadata, hw_machine_type: 'q35' };
  cloud.servers.splice(0, 1, { ...cloud.servers[0]!, status: 'SHUTOFF' });
  vm.powerOn();
  expect((await now(shop)).changes.map(({ address, field, after }) => `${address} ${field} ${String(after)}`)).toEqual([
    'vm/a power on',
    expect.stringMatching(/^vm\/a\/disk\/\d+ image_metadata\.hw_machine_type q35$/),
    'vm/a/server status SHUTOFF',
  ]);
});

test('an apply that has nothing to do leaves what was kept: what changed stays told', async () => {
  const shop = await cutOver();
  const { cloud } = shop.worlds.get('a')!;
  cloud.servers.splice(0, 1, { ...cloud.servers[0]!, status: 'SHUTOFF' });
  await shop.apply(await shop.plan());
  expect((await now(shop)).changes).toMatchObject([{ field: 'status', before: 'ACTIVE', after: 'SHUTOFF' }]);
});

test('volumes that cannot be read at the end: the VM is done, and nothing older is compared', async () => {
  const shop = await Workshop.open();
  shop.add('a');
  await shop.apply(await shop.plan());
  const details = { kind: 'transient', code: 'MP4003', provider: 'a', call: 'GET /volumes', detail: 'HTTP 503' } as const;
  const refuse = async () => {
    throw new ProviderError(details);
  };
  const { vm } = shop.worlds.get('a')!;
  const journal = new Map<string, unknown>();
  shop.clock.jump(3_600_000);
  vm.guestWrites(3);
  const plan = await shop.plan();
  shop.targetOver = { readVolume: refuse };
  const outcomes = await shop.apply(plan, { journal: { write: async (event, fields) => void journal.set(event, fields) } });
  expect(told(outcomes)).toEqual(['vm/a done']);
  expect(journal.get('left-unknown')).toMatchObject({ address: 'vm/a' });
  expect(await now(shop)).toMatchObject({ recorded: 'volumes', changes: [] });
});
