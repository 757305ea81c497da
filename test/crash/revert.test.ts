import { describe, expect, test } from 'vitest';
import { World, type WorldOptions } from '../../lab/sim/world.js';
import { DiagnosticsError } from '../../src/diag/diagnostic.js';
import type { SnapshotRef } from '../../src/model/ids.js';
import { once, runToTheEnd } from './reconcile.js';
import { recordOf } from './record-of.js';
import { expectRecordsAreTrue, isReached } from './truth.js';

/** Effect of a first copy of one disk by which its first batch is noted. */
const FIRST_CHECKPOINT = 26;

/** Codes of what stopped a run, or `done`. */
async function night(world: World, over: Parameters<typeof runToTheEnd>[2] = {}): Promise<string> {
  world.restart();
  try {
    await runToTheEnd(world, 'synced', { verify: 'off', ...over });
    return 'done';
  } catch (error) {
    if (error instanceof DiagnosticsError)
      return error.diagnostics.flatMap(({ code, severity }) => (severity === 'error' ? [code] : [])).join(' ');
    throw error;
  } finally {
    expectRecordsAreTrue(world, 'after a night', { dirtyToo: false });
  }
}

/** A VM with a snapshot of somebody's, synced since. */
async function synced(options: WorldOptions = {}, seed = 1): Promise<{ world: World; older: SnapshotRef }> {
  const world = new World(seed, 2, options);
  const older = world.vm.takeForeignSnapshot();
  world.vm.guestWrites(6);
  expect(await night(world)).toBe('done');
  return { world, older };
}

async function revertAndGoOn(world: World, to: SnapshotRef): Promise<void> {
  world.vm.revertTo(to);
  world.vm.powerOn();
  world.vm.guestWrites(2);
}

// A revert leaves on the volume what it undid, and tracking does not tell: after enough snapshots its numbers look as if nothing
// had happened. Refused the first night, it must be refused every night, until somebody says what to do.
describe('a VM that was reverted within one epoch of tracking', () => {
  test.each([0, 1, 2, 3])('to a snapshot older than its last sync, %d snapshots by others since', async (others) => {
    const { world, older } = await synced();
    world.vm.guestWrites(4);
    await revertAndGoOn(world, older);
    for (let i = 0; i < others; i++) world.vm.forgetSnapshot(world.vm.takeForeignSnapshot('backup'));
    for (let i = 0; i < 4; i++) expect(await night(world), `night ${i + 1}`).toBe('MP2028 MP2028');
    expect(await night(world, { reseed: once })).toBe('done');
    expect(await night(world)).toBe('done');
  });

  test('to the very snapshot that was current, two syncs later', async () => {
    const { world, older } = await synced();
    world.vm.guestWrites(3);
    expect(await night(world)).toBe('done');
    await revertAndGoOn(world, older);
    for (let i = 0; i < 4; i++) expect(await night(world), `night ${i + 1}`).toBe('MP2028 MP2028');
  });

  test('running, with the boot time it had: the number that went back is refused and remembered', async () => {
    const { world, older } = await synced({ revertsRunning: true });
    world.vm.guestWrites(4);
    await revertAndGoOn(world, older);
    for (let i = 0; i < 4; i++) expect(await night(world), `night ${i + 1}`).toContain('MP2028');
    expect(await night(world, { reseed: once })).toBe('done');
    expect(await night(world)).toBe('done');
  });

  test('where boot times are not told', async () => {
    const { world, older } = await synced({ hidesBootTime: true });
    await revertAndGoOn(world, older);
    for (let i = 0; i < 4; i++) expect(await night(world), `night ${i + 1}`).toContain('MP2028');
  });

  test('and the snapshot deleted afterwards', async () => {
    const { world, older } = await synced();
    await revertAndGoOn(world, older);
    world.vm.forgetSnapshot(older);
    for (let i = 0; i < 4; i++) expect(await night(world), `night ${i + 1}`).toBe('MP2028 MP2028');
  });

  test('at every moment of a sync, and whenever that dies', async () => {
    for (let crashAt = 1; ; crashAt++) {
      const { world, older } = await synced();
      world.vm.guestWrites(6);
      world.restart({ crashAt });
      const ended = await runToTheEnd(world, 'synced', { verify: 'off' });
      await revertAndGoOn(world, older);
      for (let i = 0; i < 3; i++) expect(await night(world), `died at ${crashAt}, night ${i + 1}`).toContain('MP2028');
      expect(await night(world, { reseed: once }), `died at ${crashAt}`).toBe('done');
      expect(isReached(world, 'synced')).toBe(true);
      if (ended) break;
    }
  });

  test('to a snapshot that was taken after the base, while a sync that went further was killed', async () => {
    for (let crashAt = 1; ; crashAt++) {
      const world = new World(2, 2, {});
      world.vm.guestWrites(6);
      expect(await night(world)).toBe('done');
      const between = world.vm.takeForeignSnapshot();
      world.vm.guestWrites(8);
      world.restart({ crashAt });
      const ended = await runToTheEnd(world, 'synced', { verify: 'off' });
      await revertAndGoOn(world, between);
      for (let i = 0; i < 2; i++) world.vm.forgetSnapshot(world.vm.takeForeignSnapshot('backup'));
      // Either the volume had not got beyond the snapshot, and a delta is right; or it is refused.
      const end = await night(world);
      expect(end === 'done' || end.includes('MP2028'), `died at ${crashAt}: ${end}`).toBe(true);
      if (end !== 'done') expect(await night(world, { reseed: once })).toBe('done');
      if (ended) break;
    }
  });
});

// Where a revert leaves the boot time as it was, only numbers tell: that of the snapshot which is being copied is among them.
describe('a VM that was reverted running, after a copy that came further than its base was killed', () => {
  test.each([
    { name: 'a delta', isSynced: true },
    { name: 'a first copy that was being continued', isSynced: false },
  ])('$name', async ({ isSynced }) => {
    let refused = 0;
    for (let crashAt = 1; ; crashAt++) {
      const world = new World(7, 1, { revertsRunning: true });
      world.vm.guestWrites(6);
      if (isSynced) expect(await night(world)).toBe('done');
      else {
        world.restart({ crashAt: FIRST_CHECKPOINT });
        expect(await runToTheEnd(world, 'synced', { verify: 'off' })).toBe(false);
        expect(recordOf([...world.cloud.volumes.values()][0]!).state).toMatchObject({ partial: { upTo: 3 } });
      }
      const between = world.vm.takeForeignSnapshot();
      world.vm.guestWrites(8);
      world.restart({ crashAt });
      const ended = await runToTheEnd(world, 'synced', { verify: 'off' });
      await revertAndGoOn(world, between);
      // Refused, or a first copy that begins again, or the volume had not got beyond the snapshot: it is never wrong.
      const end = await night(world);
      if (end !== 'done') expect(end, `died at ${crashAt}`).toContain('MP2028');
      if (end !== 'done') refused++;
      expect(await night(world, end === 'done' ? {} : { reseed: once }), `died at ${crashAt}`).toBe('done');
      if (ended) break;
    }
    if (isSynced) expect(refused).toBeGreaterThan(3);
  });
});

// Nothing is read from the source any more: what became of it stops nobody.
test('a merge that died goes on, and the disks that wait for it, whatever snapshots the source has', async () => {
  let merging = 0;
  for (let crashAt = 1; ; crashAt++) {
    const { world } = await synced();
    world.restart({ crashAt });
    const ended = await runToTheEnd(world, 'converted', { verify: 'off' });
    if (ended) break;
    const states = [...world.cloud.volumes.values()].map((volume) => recordOf(volume).state.kind);
    if (!states.includes('committing')) continue;
    if (states.includes('clean')) merging++;
    world.vm.takeForeignSnapshot('after it');
    world.restart();
    await runToTheEnd(world, 'converted', { verify: 'off' });
    expectRecordsAreTrue(world, `died at ${crashAt}`);
    expect(isReached(world, 'converted'), `died at ${crashAt}: ${states}`).toBe(true);
  }
  expect(merging).toBeGreaterThan(0);
});

describe('what is no revert is not taken for one', () => {
  test('a backup that takes and deletes a snapshot each night, also while a sync runs', async () => {
    const world = new World(3, 2, {});
    for (let i = 0; i < 4; i++) {
      const backup = world.vm.takeForeignSnapshot('backup');
      expect(await night(world)).toBe('done');
      world.vm.forgetSnapshot(backup);
      world.vm.guestWrites(3);
      expect(await night(world)).toBe('done');
    }
  });

  test('a snapshot that stays, and newer ones upon it', async () => {
    const { world } = await synced();
    world.vm.takeForeignSnapshot('second');
    world.vm.guestWrites(3);
    expect(await night(world)).toBe('done');
    expect(await night(world)).toBe('done');
  });

  test('snapshots that are deleted, the older or the newer one', async () => {
    const { world, older } = await synced();
    const newer = world.vm.takeForeignSnapshot('second');
    expect(await night(world)).toBe('done');
    world.vm.forgetSnapshot(older);
    expect(await night(world)).toBe('done');
    world.vm.forgetSnapshot(newer);
    expect(await night(world)).toBe('done');
  });

  test('powered off and on without any snapshot', async () => {
    const world = new World(4, 2, {});
    expect(await night(world)).toBe('done');
    world.vm.powerOff();
    expect(await night(world)).toBe('done');
    world.vm.powerOn();
    world.vm.guestWrites(3);
    expect(await night(world)).toBe('done');
  });

  test('a revert to a snapshot of after the last sync', async () => {
    const world = new World(5, 2, {});
    expect(await night(world)).toBe('done');
    world.vm.guestWrites(3);
    const newer = world.vm.takeForeignSnapshot();
    world.vm.guestWrites(3);
    await revertAndGoOn(world, newer);
    expect(await night(world)).toBe('done');
  });
});

test('powered off and on where a snapshot stays: nobody can tell it from a revert, so it is said', async () => {
  const { world } = await synced();
  world.vm.powerOff();
  world.vm.powerOn();
  for (let i = 0; i < 3; i++) expect(await night(world)).toBe('MP2028 MP2028');
});

test('a cutover powers off a VM with an old snapshot itself, and finishes', async () => {
  const { world } = await synced();
  world.vm.guestWrites(4);
  world.restart();
  await runToTheEnd(world, 'converted');
  expectRecordsAreTrue(world, 'after the cutover');
  expect(isReached(world, 'converted')).toBe(true);
});
