import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/host/secret.js';
import { openVmware } from '../../../src/providers/vmware/index.js';
import { FastClock } from './fast-clock.js';
import { READER } from './lab.js';

describe('configuration', () => {
  const config = { name: 'vc', server: 'vc', user: 'u', password: new Secret('pass-of-lab'), reader: READER };
  const open = (change: object) => openVmware({ ...config, ...change }, { clock: new FastClock(), newId: () => 'x' });
  test.each([
    ['server', { server: 'https://vc/sdk' }],
    ['port', { server: 'vc:99999' }],
    ['thumbprint', { tls: { thumbprint: 'AA:BB' } }],
    ['file', { tls: { caFile: '/no/such/ca.pem' } }],
    ['both', { tls: { caFile: 'a', thumbprint: 'ab'.repeat(32) } }],
  ])('%s that cannot be used', async (_name, change) => {
    await expect(open(change)).rejects.toMatchObject({ kind: 'invalid', details: { code: 'MP1018' } });
  });

  test.each(['vc.example.com', 'vc:8443', '[::1]:443', '192.0.2.1'])('server %s', async (server) => {
    const source = await open({ server });
    expect(source.name).toBe('vc');
    await source[Symbol.asyncDispose]();
  });
});
