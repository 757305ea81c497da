import { afterEach, describe, expect, test } from 'vitest';
import type { VcenterSim } from './index.js';
import { at, RawClient, VM } from './raw-client.js';
import { startTestSim, worldWith } from './test-world.js';

let sim: VcenterSim;
afterEach(() => sim.close());

const NOW = '<_this type="ServiceInstance">ServiceInstance</_this>';
const SNAPSHOT = `${VM}<name>s</name><memory>false</memory><quiesce>false</quiesce>`;

async function clientWith(...faults: Parameters<VcenterSim['control']['addFault']>): Promise<RawClient> {
  sim = await startTestSim(worldWith());
  const client = await RawClient.loggedIn(sim);
  for (const rule of faults) sim.control.addFault(rule);
  return client;
}

describe('fault plan', () => {
  test('the nth call, so many times', async () => {
    const client = await clientWith({
      method: 'CurrentTime',
      nth: 2,
      times: 2,
      do: { fault: { type: 'SystemError', fields: { reason: 'x' } } },
    });
    const faults: (string | undefined)[] = [];
    for (let round = 0; round < 4; round++) faults.push((await client.call('CurrentTime', NOW)).fault);
    expect(faults).toEqual([undefined, 'SystemError', 'SystemError', undefined]);
  });

  test('a lost answer: the snapshot is there all the same', async () => {
    const client = await clientWith({ method: 'CreateSnapshot_Task', when: 'after', do: { drop: true } });
    await expect(client.call('CreateSnapshot_Task', SNAPSHOT)).rejects.toThrow();
    await expect.poll(() => sim.control.stats().snapshotsNow).toBe(1);
  });

  test('a lost request: nothing has happened', async () => {
    const client = await clientWith({ method: 'CreateSnapshot_Task', do: { drop: true } });
    await expect(client.call('CreateSnapshot_Task', SNAPSHOT)).rejects.toThrow();
    expect(sim.control.stats().snapshotsNow).toBe(0);
  });

  test('a fault with fields', async () => {
    const client = await clientWith({
      method: 'QueryChangedDiskAreas',
      moref: 'vm-1',
      do: { fault: { type: 'FileFault', fields: { file: '[ds1] a.vmdk' } } },
    });
    const answer = await client.changedAreas({ changeId: '*' });
    expect([answer.fault, at(answer.faultDetail!, 'file').text]).toEqual(['FileFault', '[ds1] a.vmdk']);
  });

  test('a task that fails, before or after its effect', async () => {
    const client = await clientWith({
      method: 'CreateSnapshot_Task',
      do: { taskFault: { type: 'NoDiskSpace', fields: { datastore: 'ds1', file: 'f' } } },
    });
    await expect(client.createSnapshot()).rejects.toThrow('task NoDiskSpace');
    expect(sim.control.stats().snapshotsNow).toBe(0);
    sim.control.addFault({ method: 'CreateSnapshot_Task', do: { taskFault: { type: 'Timedout' }, work: true } });
    await expect(client.createSnapshot()).rejects.toThrow('task Timedout');
    expect(sim.control.stats().snapshotsNow).toBe(1);
  });

  test('an answer by a proxy, an empty one, half of one, a late one', async () => {
    const client = await clientWith({ method: 'CurrentTime', do: { http: { status: 502, body: '<html>bad gateway</html>' } } });
    const proxied = await client.call('CurrentTime', NOW);
    expect([proxied.status, proxied.body]).toEqual([502, '<html>bad gateway</html>']);
    sim.control.addFault({ method: 'CurrentTime', do: { empty: true } });
    expect((await client.call('CurrentTime', NOW)).body).toBe('');
    sim.control.addFault({ method: 'CurrentTime', when: 'after', do: { truncate: true } });
    await expect(client.call('CurrentTime', NOW)).rejects.toThrow();
    sim.control.addFault({ method: 'CurrentTime', do: { delayMs: 30 } });
    const start = performance.now();
    expect((await client.call('CurrentTime', NOW)).fault).toBeUndefined();
    expect(performance.now() - start).toBeGreaterThanOrEqual(29);
  });
});
