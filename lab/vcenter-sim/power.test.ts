import { afterEach, describe, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { areaStarts, RawClient, VM } from './raw-client.js';
import { startTestSim, worldWith } from './test-world.js';

let sim: VcenterSim;
let client: RawClient;
afterEach(() => sim.close());

async function start(...args: Parameters<typeof worldWith>): Promise<void> {
  sim = await startTestSim(worldWith(...args));
  client = await RawClient.loggedIn(sim);
}

describe('power', () => {
  test('a shutdown takes its time and may write on the way down', async () => {
    await start({ shutdown: { writes: 3 } });
    const base = await client.changeIdOf(await client.createSnapshot('a'));
    expect((await client.call('ShutdownGuest', VM)).fault).toBeUndefined();
    await expect.poll(async () => sim.control.vm({ vm: 'vm-1' }).power).toBe('poweredOff');
    expect((await client.call('ShutdownGuest', VM)).fault).toBe('InvalidPowerState');
    const answer = await client.changedAreas({ snapshot: await client.createSnapshot('b'), changeId: base });
    expect(areaStarts(answer.results[0]!).length).toBeGreaterThan(0);
    await expect(sim.control.guestWrite({ vm: 'vm-1', offset: 0, length: 1, fill: { seed: 1 } })).rejects.toThrow('poweredOff');
  });

  test('no tools, no shutdown', async () => {
    await start({ toolsRunning: false });
    expect((await client.call('ShutdownGuest', VM)).fault).toBe('ToolsUnavailable');
  });

  test('off, on, and a new epoch where hosts lose tracking with the power', async () => {
    await start({}, { cbt: { resetOnHardPowerOff: true } });
    const before = await client.changeIdOf(await client.createSnapshot('a'));
    await client.task('PowerOffVM_Task', VM);
    expect((await client.call('PowerOffVM_Task', VM)).fault).toBe('InvalidPowerState');
    await client.task('PowerOnVM_Task', VM);
    expect((await client.changeIdOf(await client.createSnapshot('b'))).split('/')[0]).not.toBe(before.split('/')[0]);
    expect(sim.control.stats()).toMatchObject({ powerOffs: 1, powerOns: 1 });
  });

  test('consolidation', async () => {
    await start({}, { snapshots: { leavesConsolidation: true } });
    await client.removeSnapshot(await client.createSnapshot());
    expect(sim.control.vm({ vm: 'vm-1' }).isConsolidationNeeded).toBe(true);
    await client.task('ConsolidateVMDisks_Task', VM);
    expect(sim.control.vm({ vm: 'vm-1' }).isConsolidationNeeded).toBe(false);
  });
});
