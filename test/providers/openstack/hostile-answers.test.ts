import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { CloudClient } from '../../../src/providers/openstack/http/cloud-client.js';
import { JsonCursor } from '../../../src/providers/openstack/http/json-cursor.js';
import { listAll } from '../../../src/providers/openstack/http/pages.js';
import { Transport } from '../../../src/providers/openstack/http/transport.js';
import { MovingClock } from './moving-clock.js';
import { refusalOf } from './refusal-of.js';
import { PASSWORD, type Script, type ScriptedAnswer, ScriptedCloud } from './scripted-cloud.js';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(script: Readonly<Record<string, Script | ScriptedAnswer>>): Promise<CloudClient> {
  const cloud = await ScriptedCloud.start(script);
  const transport = new Transport({ verify: true }, 5_000);
  open.push(
    () => cloud[Symbol.asyncDispose](),
    () => transport.close(),
  );
  return new CloudClient({ provider: 'prod', cloud: cloud.config(), transport, clock: new MovingClock(), random: () => 0.5 });
}

const READ = { service: 'volume', method: 'GET', path: '/volumes/1' } as const;

describe('an answer without an end', () => {
  async function from(listener: RequestListener, timeoutMs: number): Promise<unknown> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const transport = new Transport({ verify: true }, timeoutMs);
    open.push(
      async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
      () => transport.close(),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return transport.send({ method: 'GET', url, headers: {} }).catch((error: unknown) => error);
  }

  test('a byte now and then is not waited for for ever', async () => {
    const error = await from((_request, reply) => {
      reply.writeHead(200);
      const timer = setInterval(() => reply.write(' '), 50);
      reply.on('close', () => clearInterval(timer));
    }, 300);
    expect(error).toMatchObject({ name: 'EndlessAnswer', message: 'no complete answer after 0.6 s' });
  });

  test('more than 64 MiB are not read', async () => {
    let sent = 0;
    const error = await from((_request, reply) => {
      reply.writeHead(200);
      const more = () => {
        while (!reply.destroyed && reply.write(Buffer.alloc(2 ** 20))) sent++;
      };
      reply.on('drain', more);
      more();
    }, 30_000);
    expect(error).toMatchObject({ name: 'EndlessAnswer', message: 'the answer is longer than 64 MiB' });
    expect(sent).toBeLessThan(200);
  });

  test('pages that always bring something new end with an error, not with a part of the list', async () => {
    let next = 0;
    const client = await start({
      'GET /volume/volumes': () => ({ json: { volumes: Array.from({ length: 20_000 }, () => ({ id: `v${next++}` })) } }),
    });
    const { said } = await refusalOf(listAll(client, { service: 'volume', path: '/volumes', name: 'volumes' }));
    expect(said).toBe('invalid MP4007 the list does not end: it has more than 200000 entries');
  });
});

test('an answer of many levels is refused before anything walks it', async () => {
  const text = `{"volume":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const client = await start({ 'GET /volume/volumes/1': { text } });
  expect((await refusalOf(client.ask(READ))).said).toBe('invalid MP4007 HTTP 200 with an answer of more than 200 levels');
  const brackets = '['.repeat(300);
  const fine = await start({ 'GET /volume/volumes/1': { json: { volume: { name: `${brackets}"\\` } } } });
  expect((await fine.ask(READ)).at('volume').at('name').text()).toBe(`${brackets}"\\`);
});

test('a refusal that echoes password and token is told without them', async () => {
  const message = `no: ${PASSWORD} / ${Buffer.from(`demo:${PASSWORD}`).toString('base64')} / token-1x`;
  const client = await start({ 'GET /volume/volumes/1': { status: 400, json: { badRequest: { message } } } });
  const { said } = await refusalOf(client.ask(READ));
  expect(said).not.toContain('horse');
  expect(said).toContain('no: *** /');
});

test.each(['', 'not a url', '/relative', 'ftp://cloud/', 'http://bob:hunter2@cloud/v3', 'constructor'])(
  'a service at the URL %j cannot be called, and that is told',
  async (url) => {
    const client = await start({});
    const login = { interface: 'public', region: 'RegionOne', region_id: 'RegionOne', url };
    const cloud = await ScriptedCloud.start({
      'POST /identity/v3/auth/tokens': {
        status: 201,
        headers: { 'x-subject-token': 'token-1' },
        json: {
          token: {
            issued_at: '2020-01-01T00:00:00Z',
            expires_at: '2020-01-01T01:00:00Z',
            project: { id: 'p' },
            catalog: [{ type: 'volumev3', endpoints: [login] }],
          },
        },
      },
    });
    open.push(() => cloud[Symbol.asyncDispose]());
    const transport = new Transport({ verify: true }, 5_000);
    open.push(() => transport.close());
    const there = new CloudClient({ provider: 'prod', cloud: cloud.config(), transport, clock: client.clock, random: () => 0.5 });
    expect((await refusalOf(there.ask(READ))).said).toMatch(/^invalid MP4007 the URL of the volume service, '.*', is none/);
  },
);

describe('sizes', () => {
  const site = { provider: 'prod', call: 'GET /volume/volumes' };
  const answer = (json: string) => JsonCursor.parse(site, { status: 200, headers: {}, text: `{"size":${json}}` }).at('size');

  test.each(['-5', '0', '1.5', '1e400', '-1e400', '9007199254740993', '8388609', '"1"', 'null', 'true', '[]', '{}'])(
    'a volume of %s GiB is no volume',
    (json) => {
      expect(() => answer(json).gibibytes()).toThrow(/size is not a/);
    },
  );
  test.each(['-1', '0.5', '1e400', '1e13', '"4"', 'null'])('%s is no count', (json) => {
    expect(() => answer(json).whole()).toThrow(/size is not a/);
  });
  test.each([
    ['1', 1],
    ['8388608', 2 ** 23],
  ])('%s GiB', (json, expected) => {
    expect(answer(json).gibibytes()).toBe(expected);
  });
});
