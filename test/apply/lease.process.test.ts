import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Postgres, startPostgres } from '../../lab/postgres/index.js';
import { systemClock } from '../../src/host/clock.js';
import { interruption, untilInterrupted } from '../../src/host/interruption.js';
import { PgBackend } from '../../src/state/backend/pg-backend.js';
import { parsePgUrl } from '../../src/state/backend/pg-url.js';
import { decodeRecord } from '../../src/state/sync-record-codec.js';
import { told, Workshop } from './workshop.js';

// What apply makes of a lock that others see: the number under which it writes, and the doubt that it inherits.
let server: Postgres;
let schemas = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());

const open = (schema: string, leaseMs = 600_000): Promise<PgBackend> =>
  PgBackend.open({ address: parsePgUrl(server.url), clock: systemClock, schema, project: 'acme', leaseMs });

interface Shared extends AsyncDisposable {
  readonly shop: Workshop;
  readonly schema: string;
  /** As another machine sees the same state. */
  readonly elsewhere: PgBackend;
}

async function shared(leaseMs?: number): Promise<Shared> {
  const schema = `apply_${++schemas}`;
  const backend = await open(schema, leaseMs);
  const elsewhere = await open(schema, leaseMs);
  return {
    shop: await Workshop.open(backend),
    schema,
    elsewhere,
    [Symbol.asyncDispose]: async () => {
      await backend[Symbol.asyncDispose]();
      await elsewhere[Symbol.asyncDispose]();
    },
  };
}

/** Plans anew and applies that, a day after whatever was before. */
async function applied(shop: Workshop) {
  await shop.clock.sleep(86_400_000);
  return shop.apply(await shop.plan());
}

const volumesOf = (shop: Workshop) => [...shop.worlds.get('a')!.cloud.volumes.values()];

const leases = (shop: Workshop): (number | undefined)[] =>
  volumesOf(shop).map(({ metadata }) => {
    const reading = decodeRecord(metadata);
    return reading.kind === 'record' ? reading.record.lease : expect.unreachable(reading.kind);
  });

/** On another machine a run has the VM and dies; somebody takes its lock away. */
async function diesElsewhere({ elsewhere }: Shared, run = 'elsewhere'): Promise<void> {
  const { holder } = await elsewhere.lock({ kind: 'vms', name: 'a' }).take(`apply ${run}`, new Date());
  expect(await elsewhere.breakLock({ kind: 'vms', name: 'a' }, holder.id)).toBe(true);
}

/** A run of ours that stops in the middle of its copy. */
async function failsInTheMiddle(shop: Workshop): Promise<void> {
  shop.dataPlaneOver = { copy: () => Promise.reject(new Error('the disk is gone')) };
  const [outcome] = await applied(shop);
  expect(outcome?.result).toBe('failed');
  shop.dataPlaneOver = {};
  shop.events.length = 0;
}

/** Which run wrote the record of its first volume. */
function runOf(shop: Workshop): string {
  const reading = decodeRecord(volumesOf(shop)[0]!.metadata);
  return reading.kind === 'record' ? reading.record.run : expect.unreachable(reading.kind);
}

/** How each disk was compared. */
const comparisons = (shop: Workshop): string[] =>
  shop.events.flatMap((event) => (event.type === 'disk-synced' ? [`${event.disk} ${event.verified.mode}`] : []));

describe('the number of a lease', () => {
  test('stands in every record, and grows with each run; a state that was lost begins above what the volumes say', async () => {
    await using world = await shared();
    const { shop, schema } = world;
    shop.add('a', { phase: 'sync' }, 2);
    const seen: number[] = [];
    for (let run = 0; run < 3; run++) {
      shop.worlds.get('a')!.vm.guestWrites(3);
      await applied(shop);
      const [one, other] = leases(shop);
      expect(one).toBe(other);
      seen.push(one!);
      if (run === 1) await server.psql(`DELETE FROM ${schema}.locks`);
    }
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    expect(seen[0]).toBeGreaterThan(0);
  });

  test.each([
    ['later than ours', / l=\w+/, ' l=zz'],
    ['not later, and yet another’s', / n=\w+/, ' n=7'],
  ])('of a record that is %s: it is not written over, and the run says whose it is', async (_name, what, by) => {
    await using world = await shared();
    const { shop } = world;
    shop.add('a', { phase: 'seed' });
    const plan = await shop.plan();
    let copied: Record<string, string> | undefined;
    shop.dataPlaneOver = {
      copy: async () => {
        const [volume] = volumesOf(shop);
        volume!.metadata['migplan'] = volume!.metadata['migplan']!.replace(what, by).replace(/ r=\w+/, ' r=laterrun0001');
        copied = { ...volume!.metadata };
      },
    };
    const [outcome] = await shop.apply(plan);
    expect(told([outcome!])).toEqual(['vm/a failed MP3032']);
    expect(outcome!.diagnostics[0]!.detail).toContain('laterrun0001');
    expect(volumesOf(shop)[0]!.metadata).toEqual(copied);
  });

  test('is in no record of a project whose state is a folder', async () => {
    const shop = await Workshop.open();
    shop.add('a', { phase: 'seed' });
    await applied(shop);
    expect(leases(shop)).toEqual([undefined]);
  });
});

describe('after a run whose end nobody saw', () => {
  test('what it was writing is compared as a whole, whatever the manifest says; once', async () => {
    await using world = await shared();
    const { shop } = world;
    shop.add('a', { phase: 'sync', verify: 'off' });
    await failsInTheMiddle(shop);
    await diesElsewhere(world);
    await applied(shop);
    expect(comparisons(shop)).toEqual(['2000 full']);
    expect(shop.notes.join('\n')).toMatch(/taken over from .*apply elsewhere.*\n(?:.*\n)*disk 2000 is compared as a whole/);
    shop.events.length = 0;
    shop.worlds.get('a')!.vm.guestWrites(3);
    await applied(shop);
    expect(comparisons(shop)).toEqual(['2000 off']);
    expect(shop.notes.join('\n')).not.toContain('taken over');
  });

  test('so is what it was writing when the state was put back to an earlier point, and knows nothing of that run', async () => {
    await using world = await shared();
    const { shop, schema } = world;
    shop.add('a', { phase: 'seed', verify: 'off' });
    await failsInTheMiddle(shop);
    await server.psql(`DELETE FROM ${schema}.locks`);
    await applied(shop);
    expect(comparisons(shop)).toEqual(['2000 full']);
  });

  test('a database that counts anew, to which the state was moved, is behind the volumes only once', async () => {
    await using world = await shared();
    const { shop, schema } = world;
    shop.add('a', { phase: 'sync', verify: 'off' });
    for (let run = 0; run < 3; run++) {
      shop.worlds.get('a')!.vm.guestWrites(3);
      await applied(shop);
    }
    // As after state pull and state push: what stands there is known, and the locks begin to count at 1.
    await server.psql(`DELETE FROM ${schema}.locks`);
    for (let night = 0; night < 2; night++) {
      shop.worlds.get('a')!.vm.guestWrites(3);
      await failsInTheMiddle(shop);
      await applied(shop);
      expect(comparisons(shop)).toEqual(['2000 off']);
      shop.events.length = 0;
    }
    await server.psql(
      `UPDATE ${schema}.documents SET body = (body::jsonb - 'counted')::text WHERE kind = 'vms'; DELETE FROM ${schema}.locks`,
    );
    for (const mode of ['full', 'off']) {
      shop.worlds.get('a')!.vm.guestWrites(3);
      await failsInTheMiddle(shop);
      if (mode === 'full') await server.psql(`DELETE FROM ${schema}.locks`);
      await applied(shop);
      expect(comparisons(shop), 'a state that says nothing of what it counted').toEqual([`2000 ${mode}`]);
      shop.events.length = 0;
    }
  });

  test.each([
    [
      'nothing more is compared than was asked for where the storage cuts its writer off, before anything is copied',
      true,
      ['cut off'],
      'off',
    ],
    [
      'it is compared all the same where another run wrote since: cutting that one off says nothing of the first',
      false,
      [],
      'full',
    ],
  ])('%s', async (_what, isWriter, expected, mode) => {
    await using world = await shared();
    const { shop } = world;
    shop.add('a', { phase: 'seed', verify: 'off' });
    await failsInTheMiddle(shop);
    await diesElsewhere(world, isWriter ? runOf(shop) : 'elsewhere');
    const steps: string[] = [];
    shop.dataPlaneOver = {
      cutOff: async () => steps.push('cut off') > 0,
      copy: (job) => {
        steps.push('copied');
        return shop.worlds.get('a')!.dataPlane.copy(job);
      },
    };
    await applied(shop);
    expect(steps.filter((step) => step !== 'copied')).toEqual(expected);
    expect(steps[0]).toBe(expected[0] ?? 'copied');
    expect(comparisons(shop)).toEqual([`2000 ${mode}`]);
    const told = 'the former writer of disk 2000 was cut off by the storage';
    expect(shop.notes.some((note) => note.includes(told))).toBe(isWriter);
  });

  test('the doubt outlives a run that does not get to its end', async () => {
    await using world = await shared();
    const { shop } = world;
    shop.add('a', { phase: 'seed', verify: 'off' });
    await failsInTheMiddle(shop);
    await diesElsewhere(world);
    await failsInTheMiddle(shop);
    await applied(shop);
    expect(comparisons(shop)).toEqual(['2000 full']);
  });

  test.each([
    ['its record said clean', false],
    ['a volume that is taken away is cut off from who writes to it', true],
  ])('nothing is compared that needs no doubt: %s', async (_why, releaseCutsOff) => {
    await using world = await shared();
    const { shop } = world;
    shop.targetOver = { releaseCutsOff };
    shop.add('a', { phase: 'sync', verify: 'off' });
    if (releaseCutsOff) await failsInTheMiddle(shop);
    else await applied(shop);
    await diesElsewhere(world);
    shop.events.length = 0;
    shop.worlds.get('a')!.vm.guestWrites(3);
    await applied(shop);
    expect(comparisons(shop)).toEqual(['2000 off']);
  });
});

test('a lock that is taken away in the middle of a copy ends the copy, and the VM beside it is finished', async () => {
  await using world = await shared(20_000);
  const { shop, elsewhere } = world;
  shop.add('a', { phase: 'seed' });
  shop.add('b', { phase: 'seed' });
  const plan = await shop.plan();
  let isFirst = true;
  shop.dataPlaneOver = {
    copy: async (job) => {
      if (!job.target.uri.includes('a-') && !isFirst) return shop.worlds.get('b')!.dataPlane.copy(job);
      isFirst = false;
      const [lock] = (await elsewhere.locks()).filter(({ of }) => of.name === 'a');
      await elsewhere.breakLock(lock!.of, lock!.held.id!);
      expect(interruption(), 'what is done for a VM ends with its lock').toBeDefined();
      await untilInterrupted(new Promise<void>(() => undefined));
    },
  };
  expect(told(await shop.apply(plan, { parallelism: 1 }))).toEqual(['vm/a failed MP3032', 'vm/b done']);
});
