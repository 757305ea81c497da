import { describe, expect, test } from 'vitest';
import { BLOCKS } from '../../lab/sim/source-vm.js';
import { World } from '../../lab/sim/world.js';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import type { Extent } from '../../src/model/extent.js';
import { once, runToTheEnd } from './reconcile.js';
import { recordOf } from './record-of.js';
import { expectRecordsAreTrue, isReached } from './truth.js';

const again = { request: 'once-2', how: 'copy' } as const;

/** What was copied since, as blocks. */
function watchCopies(world: World): () => number[] {
  const { copy } = world.dataPlane;
  const extents: Extent[] = [];
  (world.dataPlane as { copy: typeof copy }).copy = (job) => {
    extents.push(...job.extents);
    return copy(job);
  };
  return () => extents.splice(0).flatMap(({ offset, length }) => Array.from({ length }, (_, index) => offset + index));
}

/** All of every disk was written before, so that a full copy has every block to write. */
async function synced(seed: number): Promise<World> {
  const world = new World(seed, 1);
  const bytes = world.vm.bytesNow(world.vm.keys[0]!);
  for (const block of bytes.keys()) bytes[block] ||= 200 + block;
  expect(await runToTheEnd(world, 'synced', { verify: 'off' })).toBe(true);
  return world;
}

const volumeOf = (world: World) => [...world.cloud.volumes.values()][0]!;
const stateOf = (world: World) => recordOf(volumeOf(world)).state;

async function night(world: World, over: Parameters<typeof runToTheEnd>[2] = {}, crashAt?: number): Promise<boolean> {
  world.restart(crashAt === undefined ? {} : { crashAt });
  const ended = await runToTheEnd(world, 'synced', { verify: 'off', reseed: once, ...over });
  expectRecordsAreTrue(world, `night, crash at ${crashAt}`, { dirtyToo: false });
  return ended;
}

/** Reseeds that die at effect 1, 2, and so on, until one ends; and how far each came. */
async function* stoppedReseeds(): AsyncGenerator<{ world: World; crashAt: number; upTo: number }> {
  for (let crashAt = 1; ; crashAt++) {
    const world = await synced(7);
    world.vm.guestWrites(3);
    if (await night(world, {}, crashAt)) return;
    const state = stateOf(world);
    yield { world, crashAt, upTo: state.kind === 'dirty' && state.base === undefined ? (state.partial?.upTo ?? 0) : 0 };
  }
}

describe('a reseed that dies at any effect', () => {
  test('goes on where it stopped, and copies of what it had only what changed since', async () => {
    let continued = 0;
    for await (const { world, crashAt, upTo } of stoppedReseeds()) {
      const state = stateOf(world);
      const copied = watchCopies(world);
      expect(await night(world), `died at ${crashAt}`).toBe(true);
      expect(isReached(world, 'synced'), `died at ${crashAt}`).toBe(true);
      const disk = world.vm.keys[0]!;
      const at = state.kind === 'dirty' ? state.partial?.at : undefined;
      const needless = copied().filter((block) => block < upTo && at !== undefined && !world.vm.changedSince(disk, at, block));
      expect(needless, `died at ${crashAt}, had ${upTo}`).toEqual([]);
      if (upTo > 0) continued++;
    }
    expect(continued).toBeGreaterThan(3);
  });

  test('and dies again and again: it still ends', async () => {
    const world = await synced(8);
    let nights = 0;
    // Long enough for a batch and its checkpoint, too short for a whole disk.
    while (!(await night(world, {}, 32))) expect(nights++).toBeLessThan(20);
    expect(nights).toBeGreaterThan(1);
    expect(isReached(world, 'synced')).toBe(true);
  });

  test('and the VM is reverted before it goes on: it begins again, and is right', async () => {
    for (let crashAt = 1; ; crashAt++) {
      const world = await synced(9);
      const older = world.vm.takeForeignSnapshot();
      world.vm.guestWrites(4);
      const ended = await night(world, {}, crashAt);
      world.vm.revertTo(older);
      world.vm.powerOn();
      world.vm.guestWrites(2);
      if (ended) break;
      const upTo = stateOf(world).kind;
      expect(await night(world, { reseed: upTo === 'clean' ? again : once }), `died at ${crashAt}`).toBe(true);
      expect(isReached(world, 'synced'), `died at ${crashAt}`).toBe(true);
    }
  });

  test('and the map of what changed since is refused: it begins again, and is right', async () => {
    for await (const { world, crashAt, upTo } of stoppedReseeds()) {
      if (upTo === 0) continue;
      const { provider } = world.vm;
      const { changedExtents } = provider;
      (provider as { changedExtents: typeof changedExtents }).changedExtents = async () => {
        throw new ProviderError({ kind: 'cbt-invalid', code: 'MP2006', provider: 'vc', call: 'sim', detail: 'refused' });
      };
      const copied = watchCopies(world);
      expect(await night(world), `died at ${crashAt}`).toBe(true);
      expect(new Set(copied()).size, `died at ${crashAt}`).toBeGreaterThan(BLOCKS / 2);
    }
  });

  test('and another machine goes on, which knows nothing of that run', async () => {
    let continued = 0;
    for await (const { world, crashAt, upTo } of stoppedReseeds()) {
      world.ledgerText = undefined;
      // People have seen that its host is gone, and given the volume free.
      volumeOf(world).attachments.clear();
      const copied = watchCopies(world);
      expect(await night(world), `died at ${crashAt}`).toBe(true);
      expect(stateOf(world).kind).toBe('clean');
      if (upTo === 0) continue;
      continued++;
      expect(new Set(copied()).size, `died at ${crashAt}, had ${upTo}`).toBeLessThan(BLOCKS);
    }
    expect(continued).toBeGreaterThan(3);
  });
});

describe('reseed: once that stays in the manifest', () => {
  test('is carried out once, and every night after it is a delta', async () => {
    const world = await synced(10);
    expect(await night(world)).toBe(true);
    const copied = watchCopies(world);
    for (let i = 0; i < 3; i++) {
      world.vm.guestWrites(1);
      expect(await night(world)).toBe(true);
      expect(new Set(copied()).size).toBeLessThan(BLOCKS / 2 + 1);
    }
    expect(await night(world, { reseed: again })).toBe(true);
    expect(new Set(copied()).size).toBeGreaterThan(BLOCKS / 2 + 1);
  });

  test('taken out, and put in again after a sync: asked for anew', async () => {
    const world = await synced(11);
    expect(await night(world)).toBe(true);
    expect(await night(world, { reseed: undefined })).toBe(true);
    const copied = watchCopies(world);
    expect(await night(world)).toBe(true);
    expect(new Set(copied()).size).toBeGreaterThan(BLOCKS / 2 + 1);
  });

  test('is no permission to copy again what is reverted later', async () => {
    const world = await synced(12);
    const older = world.vm.takeForeignSnapshot();
    expect(await night(world)).toBe(true);
    world.vm.revertTo(older);
    world.vm.powerOn();
    for (let i = 0; i < 3; i++) {
      const refused = await night(world).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(DiagnosticsError);
      const steps = (refused as DiagnosticsError).diagnostics.flatMap(({ nextSteps = [] }) => nextSteps);
      expect(steps.join()).toContain('spec.reseed: once-2 ');
    }
    expect(await night(world, { reseed: again })).toBe(true);
  });
});
