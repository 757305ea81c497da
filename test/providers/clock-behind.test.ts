import { expect, test } from 'vitest';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { silence } from '../../src/providers/openstack/http/errors.js';
import { Transport } from '../../src/providers/openstack/http/transport.js';
import { toProviderError } from '../../src/providers/vmware/errors.js';
import { SoapTransport } from '../../src/providers/vmware/soap/transport.js';
import { futureServer } from './future-certificate.js';

const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

function expectClock(error: unknown, code: string): void {
  expect(error).toBeInstanceOf(ProviderError);
  const { details } = error as ProviderError;
  expect(details).toMatchObject({ kind: 'untrusted', code });
  expect(details.detail).toMatch(
    /valid from 2099-01-01T00:00:00\.000Z, and this machine's clock says 20\d\d-.*Z: the clock is behind/,
  );
  expect(details.nextSteps?.join('\n')).toMatch(/^compare the clock of this machine/);
  expect(details.nextSteps?.join('\n')).not.toMatch(/thumbprint|caFile|cacert/);
}

test('vCenter, certificate not yet valid: the clock is behind, and nothing is said of pinning', async () => {
  await using server = await futureServer();
  const transport = new SoapTransport({ origin: server.origin, trust: { kind: 'authorities', pem: server.pem }, userAgent: 'x' });
  const exchange = { call: 'CurrentTime', timeoutMs: 5_000, signal: new AbortController().signal, secrets: new Map() };
  const failure = await caught(transport.post('<x/>', exchange));
  await transport.close();
  expectClock(toProviderError(failure, 'vc'), 'MP5002');
  expect(server.requests).toEqual([]);
});

test('OpenStack, certificate not yet valid: the clock is behind, and nothing is said of an authority', async () => {
  await using server = await futureServer();
  const transport = new Transport({ verify: true, caFile: server.caFile }, 5_000);
  const cause = await caught(transport.send({ method: 'GET', url: `${server.origin}/v3`, headers: {} }));
  await transport.close();
  expectClock(silence({ provider: 'cloud', call: 'GET /v3' } as never, cause, 'https://cloud.example.com:5000/v3'), 'MP4003');
  expect(server.requests).toEqual([]);
});
