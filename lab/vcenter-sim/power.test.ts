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
    await expect.poll(async () => sim.control.vm({ vm: 'vm-1' }).power, { timeout: 20_000 }).toBe('poweredOff');
    expect((await client.call('ShutdownGuest', VM)).fault).toBe('InvalidPowerState');
    const answer = await client.changedAreas({ snapshot: await client.createSnapshot('b'), changeId: base });
    expect(areaStarts(answer.results[0]!).length).toBeGreaterThan(0);
    await expect(sim.control.guestWrite({ vm: 'vm-1', offset: 0, length: 1, fill: { seed: 1 } })).rejects.toThrow('poweredOff');
  });

  test('no tools, no shutdown', async () => {
    await start({ toolsRunning: false });
    expect((await client.call('ShutdownGuest', VM)).fault).toBe('ToolsUnavailable');
  });

  /** Milliseconds: a date is spelled in several ways. */
  const bootTime = async (): Promise<number | undefined> => {
    const told = (await client.read({ type: 'VirtualMachine', value: 'vm-1' }, 'runtime.bootTime')).get('runtime.bootTime');
    return told && Date.parse(told.text);
  };
  const minuteLater = () => sim.control.advanceClock({ minutes: 1 });

  test('a boot time from power-on to power-off, another after each', async () => {
    await start();
    const first = await bootTime();
    expect(first).toBeDefined();
    await sim.control.setPower({ vm: 'vm-1', power: 'suspended' });
    expect(await bootTime()).toBe(first);
    await sim.control.setPower({ vm: 'vm-1', power: 'poweredOff' });
    expect(await bootTime()).toBeUndefined();
    minuteLater();
    await sim.control.setPower({ vm: 'vm-1', power: 'poweredOn' });
    expect(await bootTime()).not.toBe(first);
  });

  test.each([
    { name: 'without memory: off, no boot time', memory: false, power: 'poweredOff' },
    { name: 'with memory: on, a new boot time', memory: true, power: 'poweredOn' },
  ])('a revert to a snapshot $name', async ({ memory, power }) => {
    await start();
    const first = await bootTime();
    const { moref } = await sim.control.createForeignSnapshot({ vm: 'vm-1', name: 'x', memory });
    minuteLater();
    await sim.control.revertToSnapshot({ snapshot: moref });
    expect(sim.control.vm({ vm: 'vm-1' }).power).toBe(power);
    expect(await bootTime()).not.toBe(first);
  });

  test('consolidation', async () => {
    await start({}, { snapshots: { leavesConsolidation: true } });
    await client.removeSnapshot(await client.createSnapshot());
    expect(sim.control.vm({ vm: 'vm-1' }).isConsolidationNeeded).toBe(true);
    await client.task('ConsolidateVMDisks_Task', VM);
    expect(sim.control.vm({ vm: 'vm-1' }).isConsolidationNeeded).toBe(false);
  });
});
