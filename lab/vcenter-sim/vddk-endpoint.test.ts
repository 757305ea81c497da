import { afterEach, describe, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { RawClient, VM } from './raw-client.js';
import { MIB, startTestSim, worldWith } from './test-world.js';
import type { WorldConfig } from './world-config.js';

let sim: VcenterSim;
let client: RawClient;
afterEach(() => sim.close());

const BASE = '[ds1] web01/web01.vmdk';

async function start(world: Partial<WorldConfig> = {}): Promise<string> {
  sim = await startTestSim(worldWith({}, world));
  client = await RawClient.loggedIn(sim);
  return client.createSnapshot();
}

const outcome = (): string | undefined =>
  sim.control.calls().calls.findLast(({ method }) => method === 'VixDiskLib_Open')?.outcome;

describe('opening a disk', () => {
  test('gives the frozen image and counts a reader', async () => {
    const snapshot = await start();
    const answer = await client.openDisk({ snapshot, file: BASE });
    expect(answer).toMatchObject({ ok: true, image: sim.control.frozenImage({ snapshot }).imagePath, capacity: 4 * MIB });
    expect(sim.control.stats().readersNow).toBe(1);
  });

  test.each([
    { name: 'wrong password', request: { password: 'x' }, why: /incorrect user name or password/ },
    { name: 'no such snapshot', request: { snapshot: 'snapshot-999' }, why: /no snapshot of/ },
    { name: 'the live file', request: { file: '[ds1] web01/web01-000001.vmdk' }, why: /not a file of/ },
    { name: 'no such vm', request: { vm: 'vm-9' }, why: /vm-9/ },
  ])('refuses: $name', async ({ request, why }) => {
    const snapshot = await start();
    const answer = await client.openDisk({ snapshot, file: BASE, ...request });
    expect(answer.ok).toBe(false);
    expect(outcome()).toMatch(why);
    expect(sim.control.stats().readersNow).toBe(0);
  });

  test('without a snapshot only while the VM is off', async () => {
    const snapshot = await start();
    await client.removeSnapshot(snapshot);
    expect(await client.openDisk({ file: BASE })).toEqual({ ok: false, reason: 'Failed to lock the file' });
    await client.task('PowerOffVM_Task', VM);
    expect(await client.openDisk({ file: BASE })).toMatchObject({ ok: true });
  });

  test('an order by the test', async () => {
    const snapshot = await start();
    sim.control.setVddk({ openError: 'NFC error' });
    expect(await client.openDisk({ snapshot, file: BASE })).toEqual({ ok: false, reason: 'NFC error' });
  });
});

describe('removal under a reader', () => {
  test('fails and leaves the snapshot', async () => {
    const snapshot = await start();
    await client.openDisk({ snapshot, file: BASE });
    await expect(client.removeSnapshot(snapshot)).rejects.toThrow('task FileLocked');
    expect(sim.control.vm({ vm: 'vm-1' })).toMatchObject({ snapshots: [snapshot], isConsolidationNeeded: false });
  });
});
