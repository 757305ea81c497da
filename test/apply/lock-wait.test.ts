import { expect, test } from 'vitest';
import { takeLock } from '../../src/state/backend/file-lock.js';
import { LockHeldError } from '../../src/state/lock.js';
import { noteText } from '../../src/views/apply/note-text.js';
import { MovingClock } from './moving-clock.js';
import { Workshop } from './workshop.js';

/** Does something at one of its sleeps. */
class EventfulClock extends MovingClock {
  sleeps = 0;
  constructor(
    private readonly at: number,
    private readonly happens: () => unknown,
  ) {
    super();
  }
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (++this.sleeps === this.at) await this.happens();
    await super.sleep(ms, signal);
  }
}

const told = (outcomes: readonly { readonly address: string; readonly result: string }[]): string[] =>
  outcomes.map(({ address, result }) => `${address} ${result}`).sort();

async function shopOf(...names: readonly string[]) {
  const shop = await Workshop.open();
  for (const name of names) shop.add(name);
  const notes = (): string[] =>
    shop.events.flatMap((event) => (event.type === 'note' ? [`${event.address}: ${noteText(event.note)}`] : []));
  return { shop, plan: await shop.plan(), notes };
}

test('a lock that is given back in time is waited for, with no other held and nothing begun; who has it is said once', async () => {
  const { shop, plan, notes } = await shopOf('a', 'b');
  const held = await takeLock(shop.state.vmLock('b').place, 'apply other', new Date('2026-06-01T11:00:00Z'));
  const clock = new EventfulClock(3, async () => {
    expect(shop.begun).toEqual([]);
    await using _free = await takeLock(shop.state.vmLock('a').place, 'test', new Date());
    await held[Symbol.asyncDispose]();
  });
  expect(told(await shop.apply(plan, { clock, lockTimeoutMs: 10_000 }))).toEqual(['vm/a done', 'vm/b done']);
  expect(clock.sleeps).toBeGreaterThanOrEqual(3);
  const waits = notes().filter((note) => note.includes('waiting for'));
  expect(waits).toEqual([
    expect.stringMatching(
      /^vm\/b: waiting for .+ \(pid \d+ on .+, apply other, since 2026-06-01T11:00:00\.000Z\), for at most 10s$/,
    ),
  ]);
});

test('when the time is over the others are done, and the VM is left to who has it', async () => {
  const { shop, plan } = await shopOf('a', 'b');
  await using _held = await takeLock(shop.state.vmLock('b').place, 'apply other', new Date());
  const clock = new MovingClock();
  const began = clock.monotonicMs();
  expect(told(await shop.apply(plan, { clock, lockTimeoutMs: 3200 }))).toEqual(['vm/a done', 'vm/b locked']);
  expect(clock.monotonicMs() - began).toBeGreaterThanOrEqual(3200);
});

test('nobody is waited for longer than the plan may be begun', async () => {
  const { shop, plan } = await shopOf('a', 'b');
  await using _held = await takeLock(shop.state.vmLock('b').place, 'apply other', new Date());
  const expires = Date.parse(plan.plan.expires_at);
  await shop.clock.sleep(expires - 3200 - shop.clock.now().getTime());
  expect(told(await shop.apply(plan, { lockTimeoutMs: 86_400_000 }))).toEqual(['vm/a done', 'vm/b locked']);
  expect(shop.clock.now().getTime()).toBeLessThan(expires + 60_000);
});

test('somebody says stop: the wait ends, and no lock is left', async () => {
  const { shop, plan } = await shopOf('a', 'b');
  await using _held = await takeLock(shop.state.vmLock('b').place, 'apply other', new Date());
  const clock = new EventfulClock(2, () => shop.abort.abort());
  await expect(shop.apply(plan, { clock, lockTimeoutMs: 60_000 })).rejects.toThrow();
  expect(clock.sleeps).toBe(2);
  expect(shop.begun).toEqual([]);
  for (const path of [shop.state.vmLock('a').place, shop.state.planLock(plan.plan.id).place]) {
    await using _free = await takeLock(path, 'test', new Date());
  }
});

test('a run of the same plan is waited for, and refuses this one when the time is over', async () => {
  const { shop, plan, notes } = await shopOf('a');
  const held = await takeLock(shop.state.planLock(plan.plan.id).place, 'apply other', new Date());
  await expect(shop.apply(plan, { lockTimeoutMs: 1000 })).rejects.toThrow(LockHeldError);
  const clock = new EventfulClock(2, () => held[Symbol.asyncDispose]());
  expect(told(await shop.apply(plan, { clock, lockTimeoutMs: 5000 }))).toEqual(['vm/a done']);
  expect(notes()).toContainEqual(expect.stringMatching(/^plan: waiting for /));
});
