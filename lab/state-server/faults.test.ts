import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FaultRule } from './faults.js';
import { startStateServer } from './index.js';
import { rawCall } from './raw-client.js';

const startPlain = () => startStateServer({ dialect: 'terraform' });
const post = (url: string, body = '{}') => rawCall({ method: 'POST', url: `${url}/a`, body });
const ending = (call: Promise<{ status: number }>): Promise<number | 'lost'> =>
  call.then(
    ({ status }) => status,
    () => 'lost' as const,
  );

/** How three writes end, and how many versions there are then. */
const rows: readonly { name: string; rule: FaultRule; ends: readonly (number | 'lost')[]; versions: number }[] = [
  { name: 'status, always', rule: { do: { status: 503 } }, ends: [503, 503, 503], versions: 0 },
  { name: 'the first two', rule: { times: 2, do: { status: 500 } }, ends: [500, 500, 200], versions: 1 },
  { name: 'the second', rule: { nth: 2, do: { status: 502 } }, ends: [200, 502, 200], versions: 2 },
  { name: 'after the work is done', rule: { nth: 2, when: 'after', do: { status: 502 } }, ends: [200, 502, 200], versions: 3 },
  { name: 'dropped before', rule: { nth: 1, do: { drop: true } }, ends: ['lost', 200, 200], versions: 2 },
  { name: 'dropped after', rule: { nth: 1, when: 'after', do: { drop: true } }, ends: ['lost', 200, 200], versions: 3 },
  { name: 'late', rule: { nth: 1, do: { delayMs: 5 } }, ends: [200, 200, 200], versions: 3 },
  { name: 'another method', rule: { method: 'GET', do: { status: 500 } }, ends: [200, 200, 200], versions: 3 },
  { name: 'a path that fits', rule: { path: /\/a$/, nth: 1, do: { status: 500 } }, ends: [500, 200, 200], versions: 2 },
  { name: 'another path', rule: { path: /\/b$/, do: { status: 500 } }, ends: [200, 200, 200], versions: 3 },
  { name: 'all forgotten', rule: { nth: 3, do: { forget: true } }, ends: [200, 200, 200], versions: 1 },
  { name: 'lock stolen', rule: { nth: 2, do: { stealLock: { ID: 'theirs' } } }, ends: [200, 423, 423], versions: 1 },
];

describe('faults', () => {
  test.each(rows)('$name', async ({ rule, ends, versions }) => {
    await using server = await startPlain();
    server.control.addFault(rule);
    const seen: (number | 'lost')[] = [];
    for (let tries = 0; tries < 3; tries++) seen.push(await ending(post(server.url)));
    expect(seen).toEqual(ends);
    expect(server.control.state('a')?.versions ?? []).toHaveLength(versions);
  });

  test('an answer that is cut, and one that only looks whole', async () => {
    await using server = await startPlain();
    await post(server.url, '{"serial":1}');
    server.control.addFault({ method: 'GET', nth: 1, do: { truncateBytes: 4 } });
    server.control.addFault({ method: 'GET', nth: 2, do: { shortBytes: 4 } });
    const get = () => rawCall({ method: 'GET', url: `${server.url}/a` });
    expect(await ending(get())).toBe('lost');
    expect(await get()).toMatchObject({ status: 200, body: '{"se' });
    expect((await get()).body).toBe('{"serial":1}');
  });

  test('a request that waits is carried out when it may go on', async () => {
    await using server = await startPlain();
    let go = () => {};
    const until = new Promise<void>((resolve) => {
      go = resolve;
    });
    server.control.addFault({ nth: 1, do: { until } });
    const held = post(server.url, '{"n":1}');
    await post(server.url, '{"n":2}');
    expect(server.control.state('a')?.body).toBe('{"n":2}');
    go();
    expect((await held).status).toBe(200);
    expect(server.control.state('a')?.body).toBe('{"n":1}');
  });

  test('a body and headers of its own', async () => {
    await using server = await startPlain();
    server.control.addFault({ do: { status: 307, body: '<html>', headers: { Location: 'https://elsewhere.test/' } } });
    const answer = await post(server.url);
    expect(answer).toMatchObject({ status: 307, body: '<html>', headers: { location: 'https://elsewhere.test/' } });
    server.control.clearFaults();
    expect((await post(server.url)).status).toBe(200);
  });
});

test('every request is in the log, and can be counted', async () => {
  await using server = await startPlain();
  server.control.addFault({ id: 'cut', nth: 2, do: { drop: true } });
  await post(server.url);
  await ending(post(server.url));
  await rawCall({ method: 'GET', url: `${server.url}/a?x=1` });
  expect(server.log.list()).toEqual([
    { number: 1, method: 'POST', path: '/state/a', status: 200, who: undefined, fault: undefined },
    { number: 2, method: 'POST', path: '/state/a', status: 0, who: undefined, fault: 'cut' },
    { number: 3, method: 'GET', path: '/state/a?x=1', status: 200, who: undefined, fault: undefined },
  ]);
  expect(server.log.counted({ method: 'POST' })).toBe(2);
  expect(server.log.counted({ path: /x=1/, status: 200 })).toBe(1);
  expect(server.log.counted({ status: 0 })).toBe(1);
  server.log.clear();
  expect(server.log.counted()).toBe(0);
});

test('another client comes in by the back door', async () => {
  await using server = await startPlain();
  server.control.put('a', '{"n":1}');
  server.control.stealLock('a', { ID: 'theirs' });
  expect((await post(server.url)).status).toBe(423);
  server.control.freeLock('a');
  expect((await post(server.url, '{"n":2}')).status).toBe(200);
  server.control.put('a', '{"n":9}', 9);
  server.control.put('a', '{"n":10}');
  expect(server.control.state('a')).toEqual({ body: '{"n":10}', lock: undefined, versions: [1, 2, 9, 10] });
  server.control.forget();
  expect(server.control.state('a')).toBeUndefined();
});

test('over TLS, for those who trust its authority', async () => {
  const tlsFolder = mkdtempSync(join(tmpdir(), 'state-server-'));
  await using server = await startStateServer({ dialect: 'terraform', tlsFolder });
  const url = `${server.url}/a`;
  expect((await rawCall({ method: 'GET', url, ca: readFileSync(server.caFile ?? '', 'utf8') })).status).toBe(404);
  await expect(rawCall({ method: 'GET', url })).rejects.toThrow(/certificate/);
  rmSync(tlsFolder, { recursive: true });
});

test('stopped nobody listens; started again it is at the same address, with all that it knew', async () => {
  await using server = await startPlain();
  await post(server.url);
  await server.stop();
  await server.stop();
  expect(await ending(post(server.url))).toBe('lost');
  await server.start();
  await server.start();
  expect(await ending(post(server.url))).toBe(200);
  expect(server.control.state('a')?.versions).toHaveLength(2);
});
