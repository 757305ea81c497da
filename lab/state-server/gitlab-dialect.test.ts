import { describe, expect, test } from 'vitest';
import type { GitLabPerson } from './gitlab-access.js';
import { startStateServer } from './index.js';
import { basic, type RawCall, rawCall } from './raw-client.js';

const people: readonly GitLabPerson[] = [
  { user: 'ada', token: 'glpat-ada' },
  { user: 'bob', token: 'glpat-bob' },
  { user: 'dev', token: 'glpat-dev', role: 'developer' },
  { user: 'rep', token: 'glpat-rep', role: 'reporter' },
  { user: 'out', token: 'glpat-out', role: 'none' },
  { user: 'job', token: 'glcbt-1', isJob: true },
];

const ada = basic('any name', 'glpat-ada');
const json = { 'Content-Type': 'application/json' };

const start = async (more: { project?: string; stateBytesMax?: number } = {}) => {
  const server = await startStateServer({ dialect: 'gitlab', people, ...more });
  const call = (method: string, tail: string, { headers = ada, ...rest }: Partial<RawCall> = {}) =>
    rawCall({ method, url: `${server.url}/${tail}`, headers: { ...json, ...headers }, ...rest });
  return { server, call, [Symbol.asyncDispose]: server.close };
};

const lockBody = (ID: string, Info = '') =>
  JSON.stringify({ ID, Info, Operation: 'apply', Who: 'ada@host', Version: '1', Created: '2026-01-01T00:00:00Z', Path: '' });
const state = (serial: unknown) => JSON.stringify({ serial, lineage: 'x' });

/** `METHOD tail`, the body, and the status it gets. */
type Step = readonly [line: string, body: string, status: number];

const rows: readonly { name: string; steps: readonly Step[] }[] = [
  { name: 'no state', steps: [['GET a', '', 404]] },
  { name: 'locked and never written', steps: [lock('1', 200), ['GET a', '', 204]] },
  { name: 'written and read', steps: [post(state(1), 200), ['GET a', '', 200]] },
  { name: 'written empty', steps: [post('', 204), ['GET a', '', 404]] },
  { name: 'no JSON', steps: [post('serial', 422)] },
  { name: 'no object', steps: [post('[1]', 422)] },
  {
    name: 'no serial',
    steps: [post('{}', 422), post('{"data":{"serial":1}}', 422), post(state('1'), 422), post(state(1.5), 422)],
  },
  { name: 'a serial that is there', steps: [post(state(1), 200), post(state(1), 422), post(state(2), 200)] },
  { name: 'a serial too large', steps: [post(state(2 ** 31 - 1), 200), post(state(2 ** 31), 500)] },
  { name: 'a lock that is held', steps: [lock('1', 200), lock('2', 409), lock('1', 409)] },
  { name: 'written with another lock', steps: [lock('1', 200), post(state(1), 500, '?ID=2'), post(state(1), 500)] },
  { name: 'written with the lock', steps: [lock('1', 200), post(state(1), 200, '?ID=1')] },
  { name: 'written with a lock that is not held', steps: [post(state(1), 500, '?ID=1'), post(state(1), 200)] },
  { name: 'unlocked in the query', steps: [lock('1', 200), ['DELETE a/lock?ID=1', '', 200], lock('2', 200)] },
  { name: 'unlocked in the body', steps: [lock('1', 200), ['DELETE a/lock', lockBody('1'), 200], lock('2', 200)] },
  { name: 'unlocked with another', steps: [lock('1', 200), ['DELETE a/lock', lockBody('2'), 409], lock('2', 409)] },
  { name: 'unlocked twice', steps: [lock('1', 200), ['DELETE a/lock?ID=1', '', 200], ['DELETE a/lock?ID=1', '', 409]] },
  { name: 'freed by force', steps: [lock('1', 200), ['DELETE a/lock', '', 200], ['DELETE a/lock', '', 200], lock('2', 200)] },
  {
    name: 'a lock that says too little',
    steps: [
      ['POST a/lock', '{"ID":"1"}', 400],
      ['POST a/lock', '', 400],
      ['GET a', '', 404],
    ],
  },
  { name: 'lock ids', steps: [lock('', 500), lock('1'.repeat(256), 400), lock('1'.repeat(255), 200)] },
  {
    name: 'names',
    steps: [
      ['GET a/b', '', 404],
      ['POST a.b-c_d~%20%C3%A9', state(1), 200],
      [`POST ${'n'.repeat(256)}`, state(1), 400],
    ],
  },
  { name: 'removed', steps: [['DELETE a', '', 404], post(state(1), 200), ['DELETE a', '', 200], ['GET a', '', 404]] },
  { name: 'removed while locked', steps: [post(state(1), 200), lock('1', 200), ['DELETE a', '', 200], ['GET a', '', 200]] },
  { name: 'a method of the other dialect', steps: [['LOCK a', lockBody('1'), 405]] },
];

function lock(id: string, status: number): Step {
  return ['POST a/lock', lockBody(id), status];
}
function post(body: string, status: number, query = ''): Step {
  return [`POST a${query}`, body, status];
}

describe('statuses', () => {
  test.each(rows)('$name', async ({ steps }) => {
    await using at = await start();
    const seen: Step[] = [];
    for (const [line, body] of steps) {
      const [method = '', tail = ''] = line.split(' ');
      seen.push([line, body, (await at.call(method, tail, { body })).status]);
    }
    expect(seen).toEqual(steps);
  });
});

test('readers get the highest serial, whatever was written last', async () => {
  await using at = await start();
  for (const serial of [1, 5, 3]) await at.call('POST', 'a', { body: state(serial) });
  expect((await at.call('GET', 'a')).body).toBe(state(5));
  expect(at.server.control.state('a')?.versions).toEqual([1, 5, 3]);
});

test('who is refused sees the id and the user of the holder beside its own words', async () => {
  await using at = await start();
  const got = await at.call('POST', 'a/lock', { body: lockBody('1', 'the first') });
  expect(JSON.parse(got.body)).toMatchObject({ ID: '1', Who: 'ada', Info: 'the first' });
  const refused = await at.call('POST', 'a/lock', { body: lockBody('2', 'the second'), headers: basic('bob', 'glpat-bob') });
  expect(JSON.parse(refused.body)).toMatchObject({ ID: '1', Who: 'ada', Info: 'the second', Operation: 'apply' });
});

test('a slash in a name is one only when it is encoded', async () => {
  await using at = await start();
  expect((await at.call('POST', 'a%2Fb', { body: state(1) })).status).toBe(200);
  expect(at.server.control.names()).toEqual(['a/b']);
});

test('a body above the limit', async () => {
  await using at = await start({ stateBytesMax: 30 });
  expect((await at.call('POST', 'a', { body: state(1) })).status).toBe(200);
  expect((await at.call('POST', 'a', { body: JSON.stringify({ serial: 2, text: 'x'.repeat(30) }) })).status).toBe(413);
});

/** How reading and writing end. */
const access: readonly { name: string; headers: Record<string, string>; get: number; post: number }[] = [
  { name: 'nobody', headers: {}, get: 401, post: 401 },
  { name: 'a wrong token', headers: basic('ada', 'wrong'), get: 401, post: 401 },
  { name: 'PRIVATE-TOKEN', headers: { 'PRIVATE-TOKEN': 'glpat-ada' }, get: 204, post: 200 },
  { name: 'Bearer', headers: { Authorization: 'Bearer glpat-ada' }, get: 204, post: 200 },
  { name: 'a job', headers: basic('gitlab-ci-token', 'glcbt-1'), get: 204, post: 200 },
  { name: 'a job under another name', headers: basic('job', 'glcbt-1'), get: 401, post: 401 },
  { name: 'JOB-TOKEN', headers: { 'JOB-TOKEN': 'glcbt-1' }, get: 401, post: 401 },
  { name: 'a developer', headers: basic('dev', 'glpat-dev'), get: 204, post: 403 },
  { name: 'a reporter', headers: basic('rep', 'glpat-rep'), get: 403, post: 403 },
  { name: 'a stranger', headers: basic('out', 'glpat-out'), get: 404, post: 404 },
];

describe('access', () => {
  test.each(access)('$name', async ({ headers, get, post: posted }) => {
    await using at = await start();
    await at.call('POST', 'a/lock', { body: lockBody('1') });
    await at.call('DELETE', 'a/lock');
    expect((await at.call('GET', 'a', { headers })).status).toBe(get);
    expect((await at.call('POST', 'a', { headers, body: state(1) })).status).toBe(posted);
  });

  test('no project and no state differ in words alone', async () => {
    await using at = await start({ project: 'group%2Fvms' });
    const elsewhere = at.server.url.replace('group%2Fvms', '43');
    expect((await at.call('GET', 'a')).body).toBe('{"message":"404 Not found"}');
    const other = await rawCall({ method: 'GET', url: `${elsewhere}/a`, headers: ada });
    expect([other.status, other.body]).toEqual([404, '{"message":"404 Project Not Found"}']);
  });
});
