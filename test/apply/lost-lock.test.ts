import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ApplyEvent } from '../../src/apply/handler.js';
import { Workshop } from './workshop.js';

/** What is done in a world, with the lock of the VM taken away when so many events were told; Infinity: never. */
async function withoutLockAfter(events: number, takeAway: (path: string) => void) {
  const shop = await Workshop.open();
  const world = shop.add('a', { phase: 'seed' }, 2);
  const plan = await shop.plan();
  const { place } = shop.state.vmLock('a');
  const late: string[] = [];
  let seen = 0;
  const isLost = (): boolean => seen >= events;
  const { provider } = world.cloud;
  shop.targetOver = {
    mergeVolumeMetadata: (volume, metadata) => {
      if (isLost()) late.push(`record ${metadata['migplan'] ?? ''}`);
      return provider.mergeVolumeMetadata(volume, metadata);
    },
  };
  const emit = (_event: ApplyEvent): void => {
    if (++seen === events) takeAway(place);
  };
  const [outcome] = await shop.apply(plan, { emit });
  const ledger = await shop.state.ledgerEntries('a');
  return { outcome: outcome!, late, seen, ledger };
}

const gone = (path: string): void => rmSync(path);
const anothers = (path: string): void =>
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), id: 'another' }));

test.each([
  ['is given to nobody', gone],
  ['is another’s', anothers],
])('whenever the lock of a VM %s, no volume is moved to another state any more, and the run says so', async (_name, takeAway) => {
  const whole = await withoutLockAfter(Number.POSITIVE_INFINITY, takeAway);
  expect(whole.outcome).toMatchObject({ result: 'done' });
  expect(whole.seen).toBeGreaterThan(3);
  for (let events = 1; events < whole.seen; events++) {
    const { outcome, late, ledger } = await withoutLockAfter(events, takeAway);
    expect(late, `after event ${events} of ${whole.seen}`).toEqual([]);
    expect(
      outcome.diagnostics.map(({ code }) => code),
      `after event ${events}`,
    ).toContain('MP3032');
    expect(outcome.result).toBe('failed');
    expect(ledger.unfinishedRuns, 'what it began is known still').not.toEqual([]);
  }
});
