import { describe, expect, test } from 'vitest';
import type { ConformanceClient } from './conformance/client.js';
import type { FaultRule } from './fault-rule.js';
import { startFixture } from './sim-fixture.js';

const create = (client: ConformanceClient) => client.call('volumev3', 'POST', '/volumes', { body: { volume: { size: 1 } } });

/** How three creations end, and how many volumes there are then. */
const rows: readonly { name: string; rule: FaultRule; ends: readonly (number | 'lost')[]; volumes: number }[] = [
  { name: 'status, always', rule: { do: { status: 503 } }, ends: [503, 503, 503], volumes: 0 },
  { name: 'the first two', rule: { times: 2, do: { status: 500 } }, ends: [500, 500, 202], volumes: 1 },
  { name: 'the second', rule: { nth: 2, do: { status: 500 } }, ends: [202, 500, 202], volumes: 2 },
  { name: 'after the work is done', rule: { nth: 2, when: 'after', do: { status: 504 } }, ends: [202, 504, 202], volumes: 3 },
  { name: 'dropped before', rule: { nth: 1, do: { drop: true } }, ends: ['lost', 202, 202], volumes: 2 },
  { name: 'dropped after', rule: { nth: 1, when: 'after', do: { drop: true } }, ends: ['lost', 202, 202], volumes: 3 },
  { name: 'cut short', rule: { nth: 1, do: { truncateBytes: 10 } }, ends: ['lost', 202, 202], volumes: 3 },
  { name: "a proxy's page", rule: { nth: 3, do: { html503: true } }, ends: [202, 202, 503], volumes: 2 },
  { name: 'another service', rule: { service: 'compute', do: { status: 500 } }, ends: [202, 202, 202], volumes: 3 },
  { name: 'another method', rule: { method: 'GET', do: { status: 500 } }, ends: [202, 202, 202], volumes: 3 },
  { name: 'a path that fits', rule: { path: '/volumes$', nth: 1, do: { status: 500 } }, ends: [500, 202, 202], volumes: 2 },
];

describe('faults', () => {
  test.each(rows)('$name', async ({ rule, ends, volumes }) => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    fixture.sim.control.addFault(rule);
    const seen: (number | 'lost')[] = [];
    for (let tries = 0; tries < 3; tries++) {
      seen.push(
        await create(client).then(
          ({ status }) => status,
          () => 'lost',
        ),
      );
    }
    expect(seen).toEqual(ends);
    expect(fixture.sim.control.volumes()).toHaveLength(volumes);
  });

  test('Retry-After, a body of its own, and the rule in the call log', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    const id = fixture.sim.control.addFault({
      id: 'busy',
      do: { status: 429, retryAfterSeconds: 7, body: { overLimit: { code: 429 } } },
    });
    const answer = await create(client);
    expect([answer.status, answer.headers.get('Retry-After'), answer.body]).toEqual([429, '7', { overLimit: { code: 429 } }]);
    expect(fixture.sim.control.calls().at(-1)).toMatchObject({ fault: id, status: 429, method: 'POST' });
    fixture.sim.control.clearFaults();
    expect((await create(client)).status).toBe(202);
  });

  test('an injected error is worded as the service would', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    fixture.sim.control.addFault({ do: { status: 503, message: 'busy' } });
    expect((await client.call('volumev3', 'GET', '/volumes/detail')).body).toEqual({
      serviceUnavailable: { code: 503, message: 'busy' },
    });
    expect((await client.call('network', 'GET', '/v2.0/ports')).body).toEqual({
      NeutronError: { type: 'HTTPException', message: 'busy', detail: '' },
    });
    await expect(fixture.as('demo')).rejects.toThrow('503');
  });

  test('a late one is lost to its client, and is carried out when its time has come', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    fixture.sim.control.addFault({ nth: 1, do: { lateMs: 5000 } });
    await expect(create(client)).rejects.toThrow();
    expect(fixture.sim.control.volumes()).toEqual([]);
    fixture.sim.control.advance(4999);
    expect(fixture.sim.control.volumes()).toEqual([]);
    fixture.sim.control.advance(1);
    expect(fixture.sim.control.volumes()).toHaveLength(1);
    expect(fixture.sim.control.calls().at(-1)).toMatchObject({ method: 'POST', status: 202 });
  });

  test('a delay waits for the clock', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    fixture.sim.control.addFault({ nth: 1, do: { delayMs: 5000 } });
    let done = false;
    const slow = create(client).then((answer) => {
      done = true;
      return answer.status;
    });
    // A later call overtakes it.
    expect((await create(client)).status).toBe(202);
    expect(done).toBe(false);
    fixture.sim.control.advance(5000);
    expect(await slow).toBe(202);
  });
});
