import { afterEach, describe, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { all, at, RawClient, VM } from './raw-client.js';
import { MIB, startTestSim, worldWith } from './test-world.js';

let sim: VcenterSim;
let client: RawClient;
afterEach(() => sim.close());

async function start(...args: Parameters<typeof worldWith>): Promise<void> {
  sim = await startTestSim(worldWith(...args));
  client = await RawClient.loggedIn(sim);
}

const BLOCK = 65_536;

describe('tracking is lost or refused', () => {
  test('an id of another epoch', async () => {
    await start();
    const old = await client.changeIdOf(await client.createSnapshot('a'));
    sim.control.resetCbt({ vm: 'vm-1' });
    const moref = await client.createSnapshot('b');
    const refused = await client.changedAreas({ snapshot: moref, changeId: old });
    expect([refused.fault, at(refused.faultDetail!, 'invalidProperty').text]).toEqual(['InvalidArgument', 'changeId']);
    sim.control.setOptions({ cbt: { mismatch: 'FileFault' } });
    expect((await client.changedAreas({ snapshot: moref, changeId: old })).fault).toBe('FileFault');
  });

  test.each([
    { name: 'start at the end', query: { startOffset: 4 * MIB }, property: 'startOffset' },
    { name: 'start before the disk', query: { startOffset: -1 }, property: 'startOffset' },
    { name: 'no such disk', query: { deviceKey: 2001 }, property: 'deviceKey' },
    { name: 'no change id', query: { changeId: 'x' }, property: 'changeId' },
  ])('$name', async ({ query, property }) => {
    await start();
    const snapshot = await client.createSnapshot();
    const answer = await client.changedAreas({ snapshot, changeId: await client.changeIdOf(snapshot), ...query });
    expect([answer.fault, at(answer.faultDetail!, 'invalidProperty').text]).toEqual(['InvalidArgument', property]);
  });

  test('switched on while running it starts with the next stun', async () => {
    await start({ cbtEnabled: false });
    await client.task('ReconfigVM_Task', `${VM}<spec><changeTrackingEnabled>true</changeTrackingEnabled></spec>`);
    expect(sim.control.vm({ vm: 'vm-1' }).disks[0]?.changeId).toBeUndefined();
    expect(await client.changeIdOf(await client.createSnapshot())).toMatch(/\/1$/);
  });

  test('switched on upon snapshots it silently misses writes', async () => {
    await start({ cbtEnabled: false });
    await client.createSnapshot('old');
    await client.task('ReconfigVM_Task', `${VM}<spec><changeTrackingEnabled>true</changeTrackingEnabled></spec>`);
    const base = await client.changeIdOf(await client.createSnapshot('base'));
    for (let block = 0; block < 60; block++)
      await sim.control.guestWrite({ vm: 'vm-1', offset: block * BLOCK, length: 512, fill: { seed: block } });
    const answer = await client.changedAreas({ snapshot: await client.createSnapshot('next'), changeId: base });
    const bytes = all(answer.results[0]!, 'changedArea').reduce((sum, area) => sum + Number(at(area, 'length').text), 0);
    expect(bytes).toBeLessThan(60 * BLOCK);
    expect(bytes).toBeGreaterThan(0);
  });

  test('a revert in the same epoch brings an old id back with other content', async () => {
    await start();
    const first = await client.createSnapshot('a');
    const abandoned = await client.changeIdOf(await client.createSnapshot('b'));
    await sim.control.revertToSnapshot({ snapshot: first });
    expect(await client.changeIdOf(await client.createSnapshot('c'))).toBe(abandoned);
  });

  test('a revert to before tracking leaves tracking off', async () => {
    await start({ cbtEnabled: false });
    const { moref } = await sim.control.createForeignSnapshot({ vm: 'vm-1', name: 'before' });
    sim.control.setVm({ vm: 'vm-1', isCbtWanted: true });
    await client.createSnapshot('tracked');
    await sim.control.revertToSnapshot({ snapshot: moref });
    expect(sim.control.vm({ vm: 'vm-1' })).toMatchObject({ isCbtWanted: false, power: 'poweredOff' });
    expect(sim.control.vm({ vm: 'vm-1' }).disks[0]?.changeId).toBeUndefined();
  });

  test('tracking that somebody switched on upon a snapshot: that snapshot has no change id, later ones have', async () => {
    await start({ cbtEnabled: false });
    const { moref } = await sim.control.createForeignSnapshot({ vm: 'vm-1', name: 'before' });
    sim.control.setVm({ vm: 'vm-1', isCbtWanted: true });
    expect(sim.control.vm({ vm: 'vm-1' }).disks[0]?.changeId).toBeUndefined();
    const later = await client.createSnapshot('later');
    const idOf = (ref: string) =>
      sim.control.snapshots({ vm: 'vm-1' }).snapshots.find((one) => one.moref === ref)!.disks[0]!.changeId;
    expect([idOf(moref), idOf(later)]).toEqual([undefined, expect.stringMatching(/\/1$/)]);
  });

  test('an extended disk is larger and in a new epoch', async () => {
    await start();
    const epoch = (await client.changeIdOf(await client.createSnapshot('a'))).split('/')[0];
    await sim.control.extendDisk({ vm: 'vm-1', capacityBytes: 6 * MIB });
    const [disk] = await client.snapshotDisks(await client.createSnapshot('b'));
    expect(Number(at(disk!, 'capacityInBytes').text)).toBe(6 * MIB);
    expect(at(disk!, 'backing', 'changeId').text.split('/')[0]).not.toBe(epoch);
  });
});
