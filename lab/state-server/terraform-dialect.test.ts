import { describe, expect, test } from 'vitest';
import { startStateServer } from './index.js';
import { basic, type RawCall, rawCall } from './raw-client.js';
import { md5Of, type TerraformDialectOptions } from './terraform-dialect.js';

const start = async (options: TerraformDialectOptions = {}) => {
  const server = await startStateServer({ dialect: 'terraform', ...options });
  const call = (method: string, tail: string, more: Partial<RawCall> = {}) =>
    rawCall({ method, url: `${server.url}/${tail}`, ...more });
  return { server, call, [Symbol.asyncDispose]: server.close };
};

const ours = JSON.stringify({ ID: 'ours', Who: 'we' });
const theirs = JSON.stringify({ ID: 'theirs', Who: 'they' });

describe('states', () => {
  test('what was written is read, with its MD5, and each name has its own', async () => {
    await using at = await start();
    expect((await at.call('POST', 'a', { body: '{"n":1}' })).status).toBe(200);
    expect((await at.call('PUT', 'b/c', { body: '{"n":2}' })).status).toBe(200);
    const read = await at.call('GET', 'a');
    expect([read.status, read.body, read.headers['content-md5']]).toEqual([200, '{"n":1}', md5Of(Buffer.from('{"n":1}'))]);
    expect(at.server.control.names()).toEqual(['a', 'b/c']);
  });

  test.each([
    [undefined, 404],
    [200, 200],
    [204, 204],
  ] as const)('no state, emptyStatus %s', async (emptyStatus, status) => {
    await using at = await start(emptyStatus === undefined ? {} : { emptyStatus });
    const { status: found, body } = await at.call('GET', 'a');
    expect([found, body]).toEqual([status, '']);
  });

  test('Content-MD5 is checked when it is sent', async () => {
    await using at = await start();
    const withMd5 = (body: string, md5: string) => at.call('POST', 'a', { body, headers: { 'Content-MD5': md5 } });
    expect((await withMd5('{"n":1}', md5Of(Buffer.from('{"n":2}')))).status).toBe(400);
    expect(at.server.control.state('a')?.body).toBeUndefined();
    expect((await withMd5('{"n":1}', md5Of(Buffer.from('{"n":1}')))).status).toBe(200);
  });

  test('a removed state is no more', async () => {
    await using at = await start();
    await at.call('POST', 'a', { body: '{}' });
    expect((await at.call('DELETE', 'a')).status).toBe(200);
    expect((await at.call('GET', 'a')).status).toBe(404);
    expect((await at.call('DELETE', 'b')).status).toBe(404);
    expect((await at.call('PATCH', 'a')).status).toBe(405);
  });
});

/** Calls one after the other, each as `METHOD tail` with its body, and the statuses they get. */
const lockRows: readonly {
  name: string;
  calls: readonly (readonly [string, string, number])[];
  options?: TerraformDialectOptions;
}[] = [
  { name: 'taken, given back, taken', calls: [lock(ours, 200), unlock(ours, 200), lock(theirs, 200)] },
  { name: 'held by another', calls: [lock(ours, 200), lock(theirs, 423), unlock(theirs, 423), lock(theirs, 423)] },
  { name: 'as a conflict', options: { lockedStatus: 409 }, calls: [lock(ours, 200), lock(theirs, 409), unlock(theirs, 409)] },
  { name: 'not re-entrant', calls: [lock(ours, 200), lock(ours, 423)] },
  { name: 'freed by force', calls: [lock(ours, 200), unlock('', 200), lock(theirs, 200)] },
  { name: 'given back twice', calls: [lock(ours, 200), unlock(ours, 200), unlock(ours, 200)] },
  { name: 'without an id', calls: [lock('{}', 400), lock('', 400), lock('no JSON', 400), lock(ours, 200), unlock('{}', 400)] },
  {
    name: 'written by the holder alone',
    calls: [lock(ours, 200), post('', 423), post('?ID=theirs', 423), post('?ID=ours', 200)],
  },
  {
    name: 'removed by the holder alone',
    calls: [
      post('', 200),
      lock(ours, 200),
      ['DELETE a', '', 423],
      ['GET a', '', 200],
      ['DELETE a?ID=ours', '', 200],
      ['GET a', '', 404],
    ],
  },
  { name: 'written by one who has lost it', calls: [lock(ours, 200), unlock('', 200), post('?ID=ours', 200)] },
  { name: 'no locks here', options: { locks: false }, calls: [lock(ours, 405), unlock(ours, 405), post('?ID=ours', 200)] },
];

function lock(body: string, status: number) {
  return ['LOCK a', body, status] as const;
}
function unlock(body: string, status: number) {
  return ['UNLOCK a', body, status] as const;
}
function post(query: string, status: number) {
  return [`POST a${query}`, '{}', status] as const;
}

describe('locks', () => {
  test.each(lockRows)('$name', async ({ calls, options = {} }) => {
    await using at = await start(options);
    const seen: (readonly [string, string, number])[] = [];
    for (const [line, body] of calls) {
      const [method = '', tail = ''] = line.split(' ');
      seen.push([line, body, (await at.call(method, tail, { body })).status]);
    }
    expect(seen).toEqual(calls);
  });

  test('who is refused is shown the holder', async () => {
    await using at = await start();
    await at.call('LOCK', 'a', { body: ours });
    for (const refused of [at.call('LOCK', 'a', { body: theirs }), at.call('POST', 'a', { body: '{}' })]) {
      expect(JSON.parse((await refused).body)).toEqual(JSON.parse(ours));
    }
  });
});

test('people: nobody, a wrong password, the right one', async () => {
  await using at = await start({ people: [{ user: 'ci', password: 'p:w' }] });
  expect((await at.call('GET', 'a')).status).toBe(401);
  expect((await at.call('GET', 'a', { headers: basic('ci', 'wrong') })).status).toBe(403);
  expect((await at.call('GET', 'a', { headers: basic('ci', 'p:w') })).status).toBe(404);
  expect(at.server.log.list().map(({ who }) => who)).toEqual([undefined, undefined, 'ci']);
});
