import { afterEach, describe, expect, test } from 'vitest';
import { ProviderError } from '../../../src/contracts/provider-error.js';
import { systemClock } from '../../../src/host/clock.js';
import { interruptible, uninterrupted } from '../../../src/host/interruption.js';
import type { CloudConfig } from '../../../src/providers/openstack/config/cloud-config.js';
import { type Call, CloudClient } from '../../../src/providers/openstack/http/cloud-client.js';
import { ATTEMPTS_MAX } from '../../../src/providers/openstack/http/retry.js';
import { Transport } from '../../../src/providers/openstack/http/transport.js';
import { eventually } from '../../eventually.js';
import { MovingClock } from './moving-clock.js';
import { inTurn, PASSWORD, PROJECT_ID, type Script, type ScriptedAnswer, ScriptedCloud } from './scripted-cloud.js';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(script: Readonly<Record<string, Script | ScriptedAnswer>> = {}, change: Partial<CloudConfig> = {}) {
  const cloud = await ScriptedCloud.start(script);
  const clock = new MovingClock();
  const transport = new Transport({ verify: true }, 300);
  const client = new CloudClient({ provider: 'prod', cloud: cloud.config(change), transport, clock, random: () => 0.5 });
  open.push(
    () => cloud[Symbol.asyncDispose](),
    () => transport.close(),
  );
  return { cloud, clock, client, transport };
}

const READ: Call = { service: 'volume', method: 'GET', path: '/volumes/1' };
const CREATE: Call = { service: 'volume', method: 'POST', path: '/volumes', body: { volume: {} } };
const VOLUME = { json: { volume: { id: '1' } } };
const html = {
  status: 503,
  text: '<html><head><title>503 Service Unavailable</title></head></html>',
  headers: { 'content-type': 'text/html' },
};

async function caught(promise: Promise<unknown>): Promise<ProviderError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return error as ProviderError;
}

const refused = (status: number, json: unknown): ScriptedAnswer => ({ status, json });
const overLimit = {
  overLimit: { code: 413, message: 'VolumeLimitExceeded: Maximum number of volumes allowed (4) exceeded', retryAfter: '0' },
};
const rows: readonly { name: string; answer: ScriptedAnswer; expected: string }[] = [
  {
    name: 'quota',
    answer: refused(413, overLimit),
    expected: 'quota MP4004 HTTP 413: VolumeLimitExceeded: Maximum number of volumes allowed (4) exceeded',
  },
  {
    name: "Nova's quota",
    answer: refused(403, { forbidden: { message: 'Quota exceeded for cores: Requested 1' } }),
    expected: 'quota MP4004 HTTP 403: Quota exceeded for cores: Requested 1',
  },
  {
    name: "Neutron's quota",
    answer: refused(409, { NeutronError: { type: 'OverQuota', message: "Quota exceeded for resources: ['port'].", detail: '' } }),
    expected: "quota MP4004 HTTP 409: OverQuota: Quota exceeded for resources: ['port'].",
  },
  {
    name: 'denied',
    answer: refused(403, { forbidden: { message: "Policy doesn't allow it" } }),
    expected: "denied MP4002 HTTP 403: Policy doesn't allow it",
  },
  {
    name: 'not found',
    answer: refused(404, { itemNotFound: { message: 'Volume 1 could not be found.' } }),
    expected: 'not-found MP4006 HTTP 404: Volume 1 could not be found.',
  },
  {
    name: 'a path that the router does not have',
    answer: refused(404, {
      message: 'The resource could not be found.<br /><br />\n\n\n',
      code: '404 Not Found',
      title: 'Not Found',
    }),
    expected: 'not-found MP4006 HTTP 404: The resource could not be found.',
  },
  { name: 'bad request', answer: refused(400, { badRequest: { message: 'no' } }), expected: 'conflict MP4002 HTTP 400: no' },
  {
    name: 'conflict',
    answer: refused(409, { conflictingRequest: { message: 'ConflictNovaUsingAttachment' } }),
    expected: 'conflict MP4002 HTTP 409: ConflictNovaUsingAttachment',
  },
  {
    name: 'server error',
    answer: refused(500, { computeFault: { message: 'oops' } }),
    expected: 'transient MP4007 HTTP 500 from HOST:PORT: oops',
  },
  {
    name: 'HTML instead of an error',
    answer: html,
    expected: "transient MP4003 HTTP 503 from HOST:PORT: an HTML page titled '503 Service Unavailable'",
  },
  { name: 'middleware', answer: refused(403, { message: 'no service' }), expected: 'denied MP4002 HTTP 403: no service' },
  {
    name: 'redirect',
    answer: { status: 302, text: '', headers: { location: 'http://127.0.0.1:1/' } },
    expected: 'invalid MP4007 HTTP 302',
  },
  {
    name: 'HTML instead of JSON',
    answer: { text: '<html>log in</html>' },
    expected: 'invalid MP4007 HTTP 200 with an HTML page',
  },
  {
    name: 'cut off',
    answer: { text: '{"volume": {"id": "1", "na' },
    expected: 'invalid MP4007 HTTP 200 with text that is not valid JSON, or is cut off',
  },
  { name: 'empty', answer: { text: '' }, expected: 'invalid MP4007 HTTP 200 with an empty answer' },
  { name: 'another shape', answer: { json: { volume: { id: 7 } } }, expected: 'invalid MP4007 volume.id is not text' },
  { name: 'not even an object', answer: { json: [] }, expected: 'invalid MP4007 the answer is not an object' },
];

describe('answers', () => {
  test.each(rows)('$name', async ({ answer, expected }) => {
    const { client } = await start({ 'GET /volume/volumes/1': answer });
    const error = await caught(client.ask(READ).then((found) => found.at('volume').at('id').text()));
    const { kind, code, detail } = error.details;
    expect(`${kind} ${code} ${detail.replace(/127\.0\.0\.1:\d+/, 'HOST:PORT')}`).toBe(expected);
    expect(error.details).toMatchObject({ provider: 'prod', call: 'GET /volumes/1', requestId: 'req-1' });
  });

  test('a long message is cut, control characters are gone', async () => {
    const { client } = await start({
      'GET /volume/volumes/1': refused(400, { badRequest: { message: `a\u001b[31m\nb${'x'.repeat(900)}` } }),
    });
    const { detail } = (await caught(client.ask(READ))).details;
    expect(detail).toMatch(/^HTTP 400: a \[31m bx+…$/);
    expect(detail.length).toBeLessThan(520);
  });
});

describe('retries', () => {
  test('a read is repeated until the service is back, slower each time', async () => {
    const { client, cloud, clock } = await start({
      'GET /volume/volumes/1': inTurn(html, { status: 502 }, { status: 429 }, VOLUME),
    });
    expect((await client.ask(READ)).at('volume').at('id').text()).toBe('1');
    expect(cloud.count('GET /volume/volumes/1')).toBe(4);
    expect(clock.sleeps).toEqual([500, 1000, 2000]);
  });

  test('a read gives up after a bound', async () => {
    const { client, cloud } = await start({ 'GET /volume/volumes/1': { status: 504 } });
    expect((await caught(client.ask(READ))).kind).toBe('transient');
    expect(cloud.count('GET /volume/volumes/1')).toBe(ATTEMPTS_MAX);
  });

  test('Retry-After is waited for, up to a minute', async () => {
    const busy = (value: string) => ({ status: 503, headers: { 'retry-after': value } });
    const date = new Date(Date.UTC(2026, 0, 1, 0, 0, 27)).toUTCString();
    const { client, clock } = await start({ 'GET /volume/volumes/1': inTurn(busy('7'), busy(date), busy('9999'), VOLUME) });
    await client.ask(READ);
    expect(clock.sleeps).toEqual([7000, 20_000, 60_000]);
  });

  test('a connection that is cut is a try like any other', async () => {
    const { client } = await start({ 'GET /volume/volumes/1': inTurn('drop', 'drop', VOLUME) });
    expect((await client.ask(READ)).at('volume').at('id').text()).toBe('1');
  });

  test('a create is never sent twice, whatever was lost', async () => {
    for (const answer of ['drop', html, { status: 504 }, { text: '{"vol' }] as const) {
      const { client, cloud } = await start({ 'POST /volume/volumes': answer });
      expect(['transient', 'invalid']).toContain((await caught(client.ask(CREATE))).kind);
      expect(cloud.count('POST /volume/volumes')).toBe(1);
    }
  });

  test('a create that was turned away as one too many is sent again', async () => {
    const { client, cloud } = await start({
      'POST /volume/volumes': inTurn({ status: 429, headers: { 'retry-after': '3' } }, VOLUME),
    });
    await client.ask(CREATE);
    expect(cloud.count('POST /volume/volumes')).toBe(2);
  });

  test('a service that never answers is a timeout', async () => {
    const { client } = await start({ 'POST /volume/volumes': { text: 'x', headers: { 'content-length': '10' } } });
    expect(await caught(client.ask(CREATE))).toMatchObject({ kind: 'transient', details: { code: 'MP4003' } });
  });
});

describe('tokens', () => {
  test('one login serves calls that come at once, and is renewed before it expires', async () => {
    const { client, cloud, clock } = await start({ 'GET /volume/volumes/1': VOLUME });
    await Promise.all([client.ask(READ), client.ask(READ), client.ask(READ)]);
    expect(cloud.logins).toBe(1);
    clock.advance(3600_000 - 121_000);
    await client.ask(READ);
    expect(cloud.logins).toBe(1);
    clock.advance(2_000);
    await Promise.all([client.ask(READ), client.ask(READ)]);
    expect(cloud.logins).toBe(2);
  });

  test('a token that is refused in the middle is renewed once for all callers, creates included', async () => {
    const { client, cloud } = await start({ 'GET /volume/volumes/1': VOLUME, 'POST /volume/volumes': VOLUME });
    await client.ask(READ);
    cloud.tokensRefused = 1;
    await Promise.all([client.ask(READ), client.ask(READ), client.ask(CREATE)]);
    expect(cloud.logins).toBe(2);
  });

  test('a service that refuses fresh tokens too is asked twice, not for ever', async () => {
    const { client, cloud } = await start();
    cloud.tokensRefused = 1000;
    expect(await caught(client.ask(READ))).toMatchObject({ kind: 'unauthenticated', details: { code: 'MP4001' } });
    expect(cloud.logins).toBe(2);
  });

  test('wrong credentials are tried once, and are not in the error', async () => {
    const said = { error: { code: 401, title: 'Unauthorized', message: `The password ${PASSWORD} requires authentication.` } };
    const { client, cloud } = await start({ 'POST /identity/v3/auth/tokens': { status: 401, json: said } });
    for (const _ of [1, 2, 3]) {
      const error = await caught(client.ask(READ));
      expect(error).toMatchObject({ kind: 'unauthenticated', details: { code: 'MP4001', call: 'POST /auth/tokens' } });
      expect(JSON.stringify([error.details, error.message, error.stack])).not.toContain(PASSWORD);
    }
    expect(cloud.count('POST /identity/v3/auth/tokens')).toBe(1);
  });

  test('a service that echoes the token does not get it into an error', async () => {
    const echo: Script = ({ headers }) => ({
      status: 400,
      json: { badRequest: { message: `bad token ${headers['x-auth-token']}` } },
    });
    const { client } = await start({ 'GET /volume/volumes/1': echo });
    expect((await caught(client.ask(READ))).details.detail).toBe('HTTP 400: bad token ***');
  });
});

describe('endpoints and microversions', () => {
  test('the project id is added, 3.44 is asked for', async () => {
    const { client, cloud } = await start({ 'GET /volume/volumes/1': VOLUME });
    await client.ask(READ);
    expect(cloud.requests.at(-1)).toMatchObject({
      headers: { 'openstack-api-version': 'volume 3.44', 'x-auth-token': 'token-1' },
    });
    expect(await client.region()).toBe('RegionOne');
  });

  test.each([
    ['too old', '3.27', 'the volume API offers 3.0 to 3.27, but 3.44 is needed'],
    ['compared as numbers', '3.9', 'the volume API offers 3.0 to 3.9, but 3.44 is needed'],
  ])('a volume API that is %s', async (_name, version, detail) => {
    const { client } = await start({ 'GET /volume/v3/': { json: { versions: [{ id: 'v3.0', version, min_version: '3.0' }] } } });
    const error = await caught(client.ask(READ));
    expect(error).toMatchObject({ kind: 'unsupported' });
    expect(error.details.detail).toContain(detail);
  });

  test.each([
    ['2.93', '2.93'],
    ['2.79', '2.79'],
    ['2.96', '2.93'],
  ])('compute up to %s is used as %s', async (offered, used) => {
    const { client, cloud } = await start({
      'GET /compute/v2.1/': { json: { version: { id: 'v2.1', version: offered, min_version: '2.1' } } },
      'GET /compute/servers/1': { json: { server: {} } },
    });
    await client.ask({ service: 'compute', method: 'GET', path: '/servers/1' });
    expect(cloud.requests.at(-1)?.headers['openstack-api-version']).toBe(`compute ${used}`);
  });

  test('an override goes before the catalog', async () => {
    const { cloud, transport, clock } = await start({
      'GET /elsewhere/v3/': { json: { versions: [{ version: '3.70', min_version: '3.0' }] } },
    });
    cloud.on(`GET /elsewhere/volumes/1`, VOLUME);
    const config = cloud.config({ endpointOverrides: { volume: `${cloud.url}/elsewhere` } });
    const client = new CloudClient({ provider: 'prod', cloud: config, transport, clock, random: () => 0 });
    expect((await client.ask(READ)).at('volume').at('id').text()).toBe('1');
    expect(await client.projectId()).toBe(PROJECT_ID);
  });

  test('a region without the service is named', async () => {
    const { client } = await start({}, { region: 'Mars' });
    const error = await caught(client.ask(READ));
    expect(error.details).toMatchObject({
      kind: 'unsupported',
      detail: 'the catalog has no volume service (region Mars, interface public)',
    });
  });

  test('nobody listens', async () => {
    const { client } = await start({}, { authUrl: 'http://127.0.0.1:1/v3' });
    expect(await caught(client.ask(READ))).toMatchObject({ kind: 'transient', details: { code: 'MP4003' } });
  });
});

test('a call whose provider is disposed meanwhile ends at once: a program that has failed elsewhere does not wait for it', async () => {
  const { client, clock, transport } = await start();
  await client.projectId();
  const before = clock.now().getTime();
  await transport.close();
  await caught(client.ask(READ));
  expect(clock.now().getTime() - before).toBe(0);
});

describe('an interruption', () => {
  const LONG_MS = 60_000;
  const interrupted = { name: 'AbortError' };

  /** A cloud that takes its time, with time as it passes. */
  async function slow(script: Readonly<Record<string, Script | ScriptedAnswer>>) {
    const cloud = await ScriptedCloud.start(script);
    const transport = new Transport({ verify: true }, LONG_MS);
    const client = new CloudClient({ provider: 'prod', cloud: cloud.config(), transport, clock: systemClock, random: () => 0.5 });
    open.push(
      () => cloud[Symbol.asyncDispose](),
      () => transport.close(),
    );
    return { cloud, client };
  }

  /** Answers when it is told to. */
  function late(answer: Script | ScriptedAnswer): { readonly script: Script; come(): void } {
    let come = (): void => {};
    const told = new Promise<void>((resolve) => {
      come = resolve;
    });
    const script: Script = async (request) => {
      await told;
      return typeof answer === 'function' ? answer(request) : answer;
    };
    return { script, come: () => come() };
  }

  test.each([
    ['a read that is not answered', late(VOLUME).script],
    ['the wait before the next try', { status: 503, headers: { 'retry-after': '60' } }],
  ])('ends %s', async (_what, answer) => {
    const { client, cloud } = await slow({ 'GET /volume/volumes/1': answer });
    const abort = new AbortController();
    const reading = interruptible(abort.signal, () => client.ask(READ));
    await eventually(() => expect(cloud.count('GET /volume/volumes/1')).toBe(1));
    abort.abort();
    await expect(reading).rejects.toMatchObject(interrupted);
  });

  test('ends no call with an effect, so that it is known what came of it, and nothing that gives back', async () => {
    const made = late(VOLUME);
    const { client, cloud } = await slow({ 'POST /volume/volumes': made.script, 'GET /volume/volumes/1': VOLUME });
    const abort = new AbortController();
    const making = interruptible(abort.signal, async () => {
      const answer = await client.ask(CREATE);
      await uninterrupted(() => client.ask(READ));
      return answer;
    });
    await eventually(() => expect(cloud.count('POST /volume/volumes')).toBe(1));
    abort.abort();
    made.come();
    expect((await making).at('volume').at('id').text()).toBe('1');
  });

  test('of one who waits for the login is not felt by the others', async () => {
    const { client, cloud } = await slow({ 'GET /volume/volumes/1': VOLUME });
    const login = late(cloud.script.get('POST /identity/v3/auth/tokens')!);
    cloud.on('POST /identity/v3/auth/tokens', login.script);
    const abort = new AbortController();
    const first = interruptible(abort.signal, () => client.ask(READ));
    const second = client.ask(READ);
    await eventually(() => expect(cloud.count('POST /identity/v3/auth/tokens')).toBe(1));
    abort.abort();
    await expect(first).rejects.toMatchObject(interrupted);
    login.come();
    expect((await second).at('volume').at('id').text()).toBe('1');
    expect(cloud.logins).toBe(1);
  });
});
