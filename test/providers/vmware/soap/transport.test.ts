import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../../src/host/secret.js';
import { type CertificateTrust, parseThumbprint } from '../../../../src/providers/vmware/soap/certificate.js';
import type { FailureReason, TransportFailure } from '../../../../src/providers/vmware/soap/failure.js';
import { SoapTransport } from '../../../../src/providers/vmware/soap/transport.js';
import { envelope, fault, response } from '../envelope.js';
import { type WireHandler, type WireReply, WireServer } from '../wire-server.js';

const REQUEST =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><CurrentTime xmlns="urn:vim25"/></s:Body></s:Envelope>';
const EXCHANGE = { call: 'CurrentTime', timeoutMs: 2_000, signal: new AbortController().signal, secrets: new Map() };
const GOOD = response('CurrentTime', '<returnval>now</returnval>');

let server: WireServer;
let stranger: WireServer;
let authority: CertificateTrust;

beforeAll(async () => {
  [server, stranger] = await Promise.all([WireServer.start(), WireServer.start('127.0.0.2')]);
  authority = { kind: 'authorities', pem: await readFile(server.identity.caFile, 'utf8') };
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await stranger[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.requests.length = 0;
  stranger.requests.length = 0;
});

async function post(
  trust: CertificateTrust,
  origin = `https://127.0.0.1:${server.port}`,
  exchange = EXCHANGE,
): Promise<string | TransportFailure> {
  const transport = new SoapTransport({ origin, trust, userAgent: 'migplan/test' });
  try {
    return await transport.post(REQUEST, exchange);
  } catch (error) {
    return error as TransportFailure;
  } finally {
    await transport.close();
  }
}

describe('trust', () => {
  beforeEach(() => {
    server.handler = () => ({ body: GOOD });
    stranger.handler = () => ({ body: GOOD });
  });

  const thumbprint = (text: string): CertificateTrust => parseThumbprint(text)!;

  test('by the right authority, by SHA-256, by SHA-1, in any spelling', async () => {
    const { sha1, sha256 } = server.identity;
    for (const trust of [authority, thumbprint(sha256), thumbprint(sha1), thumbprint(sha256.replaceAll(':', '').toLowerCase())]) {
      expect(await post(trust)).toBe(GOOD);
    }
  });

  test('the leaf is known after the first answer, with the SHA-1 that VDDK wants', async () => {
    const transport = new SoapTransport({ origin: `https://127.0.0.1:${server.port}`, trust: authority, userAgent: 'x' });
    expect(transport.certificate).toBeUndefined();
    await transport.post(REQUEST, EXCHANGE);
    expect(transport.certificate).toEqual({ sha1: server.identity.sha1, sha256: server.identity.sha256 });
    await transport.close();
  });

  const wrong: readonly { name: string; trust: () => CertificateTrust | Promise<CertificateTrust> }[] = [
    { name: 'the system does not know the authority', trust: () => ({ kind: 'authorities' }) },
    {
      name: 'another authority',
      trust: async () => ({ kind: 'authorities', pem: await readFile(stranger.identity.caFile, 'utf8') }),
    },
    { name: 'another SHA-256', trust: () => thumbprint(stranger.identity.sha256) },
    { name: 'another SHA-1', trust: () => thumbprint(stranger.identity.sha1) },
  ];
  test.each(wrong)('refused before a byte is written: $name', async ({ trust }) => {
    const failure = await post(await trust());
    expect(failure).toMatchObject({ reason: 'untrusted', presentedThumbprint: server.identity.sha256 });
    expect(server.requests).toEqual([]);
  });

  test('refused: the right authority, another host name', async () => {
    const trust: CertificateTrust = { kind: 'authorities', pem: await readFile(stranger.identity.caFile, 'utf8') };
    const failure = await post(trust, `https://127.0.0.2:${stranger.port}`);
    expect(failure).toMatchObject({ reason: 'untrusted', detail: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') });
    expect(stranger.requests).toEqual([]);
  });

  test.each(['', 'AA:BB', 'zz'.repeat(32), `${'ab'.repeat(32)}0`])('%j is no thumbprint', (text) => {
    expect(parseThumbprint(text)).toBeUndefined();
  });
});

describe('answers that are none', () => {
  const html = '<html><body><h1>503 Service Unavailable</h1></body></html>';
  const rows: readonly { name: string; reply: WireReply | WireHandler; reason: FailureReason }[] = [
    { name: '503 with HTML', reply: { status: 503, body: html }, reason: 'unavailable' },
    { name: '502 with an envelope', reply: { status: 502, body: GOOD }, reason: 'unavailable' },
    { name: '200 with HTML', reply: { body: html }, reason: 'unreadable' },
    { name: '200 with an HTML document type', reply: { body: `<!DOCTYPE html>${html}` }, reason: 'unreadable' },
    { name: '200 with JSON', reply: { body: '{}' }, reason: 'unreadable' },
    { name: '200 with nothing', reply: { body: '' }, reason: 'truncated' },
    { name: '200 with half an envelope', reply: { body: GOOD.slice(0, GOOD.length / 2) }, reason: 'truncated' },
    { name: '500 without a fault', reply: { status: 500, body: GOOD }, reason: 'unreadable' },
    { name: '404', reply: { status: 404, body: html }, reason: 'unreadable' },
    { name: '401', reply: { status: 401, body: '' }, reason: 'unreadable' },
    {
      name: 'redirect',
      reply: { status: 302, headers: { location: 'https://127.0.0.1/elsewhere' }, body: '' },
      reason: 'unreadable',
    },
    {
      name: 'connection cut before the answer',
      reply: (_request, response) => {
        response.socket?.destroy();
        return 'handled';
      },
      reason: 'lost',
    },
    {
      name: 'connection cut in the middle of the answer',
      reply: (_request, response) => {
        response.writeHead(200, { 'content-length': GOOD.length });
        response.write(GOOD.slice(0, 50), () => response.socket?.destroy());
        return 'handled';
      },
      reason: 'lost',
    },
  ];
  test.each(rows)('$name', async ({ reply, reason }) => {
    server.handler = typeof reply === 'function' ? reply : () => reply;
    expect(await post(authority)).toMatchObject({ name: 'TransportFailure', reason, call: 'CurrentTime' });
  });

  test('an answer that does not come', async () => {
    server.handler = () => 'handled';
    expect(await post(authority, undefined, { ...EXCHANGE, timeoutMs: 100 })).toMatchObject({
      reason: 'lost',
      mayHaveHappened: true,
    });
  });

  test('nobody listens', async () => {
    expect(await post(authority, 'https://127.0.0.1:1')).toMatchObject({ reason: 'unreachable', mayHaveHappened: false });
  });

  test('the caller gives up', async () => {
    server.handler = () => 'handled';
    const signal = AbortSignal.abort(new Error('closed'));
    expect(await post(authority, undefined, { ...EXCHANGE, signal })).toMatchObject({ reason: 'lost' });
  });
});

test('a fault of status 500 comes through whole', async () => {
  server.handler = () => ({ status: 500, body: fault('NotAuthenticated') });
  expect(await post(authority)).toBe(fault('NotAuthenticated'));
});

test('headers, and the session cookie byte for byte', async () => {
  const cookies = [
    'vmware_soap_session="52a0-quoted"; Path=/; HttpOnly; Secure; ',
    'other=1',
    'vmware_soap_session=52b1; Path=/',
  ];
  server.handler = () => ({ body: GOOD, headers: { 'set-cookie': cookies.shift() ?? 'x=y' } });
  const transport = new SoapTransport({
    origin: `https://127.0.0.1:${server.port}`,
    trust: authority,
    userAgent: 'migplan/test',
  });
  for (let i = 0; i < 4; i++) await transport.post(REQUEST, EXCHANGE);
  transport.dropCookie();
  await transport.post(REQUEST, EXCHANGE);
  await transport.close();
  expect(server.requests.map(({ headers }) => headers.cookie)).toEqual([
    undefined,
    'vmware_soap_session="52a0-quoted"',
    'vmware_soap_session="52a0-quoted"',
    'vmware_soap_session=52b1',
    undefined,
  ]);
  expect(server.requests[0]!.headers).toMatchObject({
    'content-type': 'text/xml; charset="utf-8"',
    soapaction: 'urn:vim25/6.7',
    'user-agent': 'migplan/test',
  });
});

test('a secret takes its place at the last moment, escaped', async () => {
  server.handler = () => ({ body: GOOD });
  const transport = new SoapTransport({ origin: `https://127.0.0.1:${server.port}`, trust: authority, userAgent: 'x' });
  const xml = envelope('<Login xmlns="urn:vim25"><password>{secret 0}</password></Login>');
  await transport.post(xml, { ...EXCHANGE, secrets: new Map([['{secret 0}', new Secret('$& <p>')]]) });
  await transport.close();
  expect(server.requests[0]!.body).toContain('<password>$&amp; &lt;p&gt;</password>');
});

test('an element outside of the vim25 namespace is a bug, and is not sent', async () => {
  const transport = new SoapTransport({ origin: `https://127.0.0.1:${server.port}`, trust: authority, userAgent: 'x' });
  const xml = envelope('<Login xmlns="urn:vim25"><password xmlns="">x</password></Login>');
  await expect(transport.post(xml, EXCHANGE)).rejects.toThrow(/bug in migplan.*password/);
  await transport.close();
  expect(server.requests).toEqual([]);
});
