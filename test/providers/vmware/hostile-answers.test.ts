import { expect, test } from 'vitest';
import { ProviderError } from '../../../src/contracts/provider-error.js';
import type { SourceProvider } from '../../../src/contracts/source-provider.js';
import { Secret } from '../../../src/host/secret.js';
import { vmRef } from '../../../src/model/ids.js';
import { openVmware } from '../../../src/providers/vmware/index.js';
import { envelope, fault, LOGIN, property, response, SERVICE_CONTENT } from './envelope.js';
import { FastClock } from './fast-clock.js';
import { READER } from './lab.js';
import { type WireHandler, WireServer } from './wire-server.js';

const PASSWORD = 'P&ss"w0rd<x>';

/** A vCenter that answers what it likes; login and service content are right unless the test says otherwise. */
async function refusedBy(
  handler: WireHandler,
  call: (source: SourceProvider) => Promise<unknown>,
  callTimeoutMs = 60_000,
): Promise<ProviderError> {
  await using server = await WireServer.start();
  server.handler = (request, response) => {
    const answer = handler(request, response);
    if (answer !== 'handled' && answer.body === '') {
      if (request.method === 'RetrieveServiceContent') return { body: SERVICE_CONTENT };
      if (request.method === 'Login')
        return { body: LOGIN, headers: { 'set-cookie': 'vmware_soap_session="c00kie-value-1"; Path=/' } };
    }
    return answer;
  };
  const config = {
    name: 'vc',
    server: `127.0.0.1:${server.port}`,
    user: 'svc',
    password: new Secret(PASSWORD),
    tls: { caFile: server.identity.caFile },
    reader: READER,
  };
  const deterministic = { clock: new FastClock(), newId: () => String(Math.floor(performance.now() * 1e6)), random: () => 0 };
  try {
    await using source = await openVmware({ ...config, callTimeoutMs }, deterministic);
    await call(source);
  } catch (error) {
    expect(error).toBeInstanceOf(ProviderError);
    return error as ProviderError;
  }
  throw new Error('nothing was refused');
}

const power = (source: SourceProvider) => source.powerState(vmRef('vm-42'));
const otherwise = { body: '' };
const reading =
  (body: string): WireHandler =>
  ({ method }) =>
    method === 'RetrievePropertiesEx' ? { body } : otherwise;

test('a fault that echoes the password is told without it, however it is written', async () => {
  const xml = PASSWORD.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const twice = xml.replaceAll('&', '&amp;');
  const basic = Buffer.from(`svc:${PASSWORD}`).toString('base64');
  const said = `Cannot log in with ${xml} (${twice}), Basic ${basic}`;
  const error = await refusedBy(
    ({ method }) => (method === 'Login' ? { status: 500, body: fault('InvalidLogin', '', said) } : otherwise),
    power,
  );
  expect(error.details).toMatchObject({ kind: 'unauthenticated', code: 'MP5001' });
  expect(error.details.detail).toMatch(/Cannot log in with \*\*\* \(\*\*\*\), Basic \S*\*\*\*/);
  expect(error.message).not.toContain('w0rd');
});

test('a fault that echoes the session cookie is told without it', async () => {
  const error = await refusedBy(
    ({ method }) =>
      method === 'RetrievePropertiesEx'
        ? { status: 500, body: fault('NoPermission', '', 'session c00kie-value-1 may not') }
        : otherwise,
    power,
  );
  expect(error.details.detail).toContain('session *** may not');
});

test('a fault with line ends forges no line', async () => {
  const text = 'first&#10;::add-mask::x&#13;&#10;Error: y';
  const error = await refusedBy(
    ({ method }) => (method === 'RetrievePropertiesEx' ? { status: 500, body: fault('SystemError', '', text) } : otherwise),
    power,
  );
  expect(error.details.detail).toContain('first\\n::add-mask::x\\r\\nError: y');
});

test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', 'valueOf'])(
  'a fault called %s is a fault that nobody knows',
  async (name) => {
    const error = await refusedBy(
      ({ method }) => (method === 'RetrievePropertiesEx' ? { status: 500, body: fault(name) } : otherwise),
      power,
    );
    expect(error.details).toMatchObject({ kind: 'failed', code: 'MP5004' });
    expect(error.details.detail).toContain('said no');
  },
);

test.each(['constructor', 'toString', '__proto__'])('a value of type %s is none that the call can give', async (name) => {
  const value = `<val xsi:type="${name}"><__proto__><polluted>yes</polluted></__proto__><constructor>a</constructor></val>`;
  const error = await refusedBy(reading(property('runtime.powerState', value)), power);
  expect(error.details.code).toBe('MP5005');
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
});

test.each(['constructor', 'toString'])('an answer to a method called %s is no answer', async (name) => {
  const error = await refusedBy(
    reading(envelope(`<${name}Response xmlns="urn:vim25"><returnval>1</returnval></${name}Response>`)),
    power,
  );
  expect(error.details.code).toBe('MP5005');
});

test('XML of 20,000 levels is refused', async () => {
  const deep = `${'<a>'.repeat(20_000)}${'</a>'.repeat(20_000)}`;
  const error = await refusedBy(reading(property('runtime.powerState', `<val xsi:type="x">${deep}</val>`)), power);
  expect(error.details).toMatchObject({ kind: 'invalid', code: 'MP5005' });
  expect(error.details.detail).toContain('more than 200 levels deep');
});

test('an answer that trickles is not waited for for ever', async () => {
  const trickle: WireHandler = ({ method }, reply) => {
    if (method !== 'RetrievePropertiesEx') return otherwise;
    reply.writeHead(200, { 'content-type': 'text/xml' });
    const timer = setInterval(() => reply.write(' '), 100);
    reply.on('close', () => clearInterval(timer));
    return 'handled';
  };
  const error = await refusedBy(trickle, power, 400);
  expect(error.details).toMatchObject({ kind: 'transient', code: 'MP5003' });
  expect(error.details.detail).toMatch(/no complete answer came from 127\.0\.0\.1:\d+ in the time/);
});

test('an answer of more than 64 MiB is refused', async () => {
  const error = await refusedBy(({ method }, reply) => {
    if (method !== 'RetrievePropertiesEx') return otherwise;
    reply.writeHead(200, { 'content-type': 'text/xml' });
    const more = () => {
      while (!reply.destroyed && reply.write(Buffer.alloc(2 ** 20, 0x20)));
    };
    reply.on('drain', more);
    more();
    return 'handled';
  }, power);
  expect(error.details.detail).toContain('the answer is longer than 67108864 bytes');
});

/** Pages of one object each, as a view's. */
const page = (method: string, id: string): string =>
  response(
    method,
    `<returnval><token>${id}</token><objects><obj type="VirtualMachine">${id}</obj><propSet><name>name</name><val xsi:type="xsd:string">a</val></propSet></objects></returnval>`,
  );

test('pages that never end are an error, not an incomplete list', async () => {
  const error = await refusedBy(
    ({ method }) => {
      if (method === 'CreateContainerView')
        return { body: response(method, '<returnval type="ContainerView">view-1</returnval>') };
      return method.endsWith('RetrievePropertiesEx') ? { body: page(method, 'vm-1') } : otherwise;
    },
    (source) => source.list(),
  );
  expect(error.details).toMatchObject({ kind: 'invalid', code: 'MP5005' });
  expect(error.details.detail).toContain('the list does not end');
});
