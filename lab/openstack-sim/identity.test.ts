import { describe, expect, test } from 'vitest';
import { startFixture } from './sim-fixture.js';

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });

const passwordLogin = (name: string, password: string, scope?: object) => ({
  auth: {
    identity: { methods: ['password'], password: { user: { name, domain: { name: 'Default' }, password } } },
    ...(scope && { scope }),
  },
});
const demo = { project: { name: 'demo', domain: { id: 'default' } } };

describe('keystone', () => {
  test('wrong password, unknown user, foreign project: the same 401', async () => {
    await using fixture = await startFixture();
    const url = `${fixture.sim.authUrl}/auth/tokens`;
    const logins = [
      passwordLogin('demo', 'wrong', demo),
      passwordLogin('nobody', 'lab', demo),
      passwordLogin('demo', 'lab', { project: { name: 'other', domain: { id: 'default' } } }),
    ];
    for (const login of logins) {
      const response = await post(url, login);
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({
        error: { code: 401, message: 'The request you have made requires authentication.', title: 'Unauthorized' },
      });
    }
  });

  test('catalog names every service, volumes with the project id', async () => {
    await using fixture = await startFixture();
    const response = await post(`${fixture.sim.authUrl}/auth/tokens`, passwordLogin('demo', 'lab', demo));
    const { token } = (await response.json()) as {
      token: { project: { id: string }; catalog: { type: string; endpoints: { url: string }[] }[] };
    };
    const urls = Object.fromEntries(
      token.catalog.map(({ type, endpoints }) => [type, new URL(endpoints[0]?.url ?? '').pathname]),
    );
    expect(urls).toEqual({
      identity: '/identity',
      volumev3: `/volume/v3/${token.project.id}`,
      'block-storage': `/volume/v3/${token.project.id}`,
      compute: '/compute/v2.1',
      image: '/image',
      network: '/network',
      placement: '/placement',
    });
  });

  test('an unscoped token is no good for the services', async () => {
    await using fixture = await startFixture();
    const response = await post(`${fixture.sim.authUrl}/auth/tokens`, passwordLogin('demo', 'lab'));
    const headers = { 'X-Auth-Token': response.headers.get('X-Subject-Token') ?? '' };
    const base = fixture.sim.authUrl.replace('/identity/v3', '');
    const refused = await fetch(`${base}/network/v2.0/networks`, { headers });
    expect([refused.status, refused.headers.get('WWW-Authenticate')]).toEqual([401, `Keystone uri="${base}/identity"`]);
    expect((await fetch(`${base}/volume/v3/volumes/detail`, { headers })).status).toBe(401);
  });

  test('an application credential logs in without a scope, and only with its secret', async () => {
    const applicationCredentials = [{ name: 'mig', id: 'c1', user: 'demo', project: 'demo', secret: 's3cret' }];
    await using fixture = await startFixture({ applicationCredentials });
    const login = (secret: string) =>
      post(`${fixture.sim.authUrl}/auth/tokens`, {
        auth: { identity: { methods: ['application_credential'], application_credential: { id: 'c1', secret } } },
      });
    expect((await login('other')).status).toBe(401);
    const entered = await login('s3cret');
    expect(entered.status).toBe(201);
    const headers = { 'X-Auth-Token': entered.headers.get('X-Subject-Token') ?? '' };
    const base = fixture.sim.authUrl.replace('/identity/v3', '');
    expect((await fetch(`${base}/volume/v3/volumes/detail`, { headers })).status).toBe(200);
  });

  test('an expired token is 401 on every service, and again usable after a new login', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    expect((await client.call('volumev3', 'GET', '/volumes/detail')).status).toBe(200);
    fixture.sim.control.advance(3_600_000);
    for (const [service, path] of [
      ['volumev3', '/volumes'],
      ['compute', '/servers'],
      ['network', '/v2.0/ports'],
      ['image', '/v2/images'],
    ] as const) {
      const answer = await client.call(service, 'GET', path);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('WWW-Authenticate')).toContain('Keystone uri=');
    }
    expect((await (await fixture.as('demo')).call('volumev3', 'GET', '/volumes/detail')).status).toBe(200);
  });

  test('version documents need no token and name the microversions', async () => {
    await using fixture = await startFixture();
    const base = fixture.sim.authUrl.replace('/identity/v3', '');
    const read = async (path: string) => (await fetch(base + path)).json();
    expect(await read('/volume/v3/')).toMatchObject({ versions: [{ min_version: '3.0', version: '3.70' }] });
    expect(await read('/compute/v2.1/')).toMatchObject({ version: { min_version: '2.1', version: '2.93' } });
    expect(await read('/identity/v3')).toMatchObject({ version: { id: 'v3.14' } });
  });

  test('a microversion out of range is 406, the answered one is in the header', async () => {
    await using fixture = await startFixture();
    const client = await fixture.as('demo');
    expect((await client.call('volumev3', 'GET', '/volumes/detail', { version: '3.99' })).status).toBe(406);
    const answer = await client.call('volumev3', 'GET', '/volumes/detail', { version: '3.59' });
    expect(answer.headers.get('OpenStack-API-Version')).toBe('volume 3.59');
    expect(answer.headers.get('X-Openstack-Request-Id')).toMatch(/^req-/);
  });
});
