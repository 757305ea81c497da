import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ConnectProxy } from '../../lab/harness/connect-proxy.js';
import { ProviderError } from '../../src/contracts/provider-error.js';
import { Secret } from '../../src/host/secret.js';
import { vmRef } from '../../src/model/ids.js';
import { openOpenStack } from '../../src/providers/openstack/index.js';
import type { VmwareConfig } from '../../src/providers/vmware/config.js';
import { openVmware } from '../../src/providers/vmware/index.js';
import { SimCloud } from './openstack/sim-cloud.js';
import { FastClock } from './vmware/fast-clock.js';
import { PASSWORD, READER, startVmwareLab, USER, type VmwareLab } from './vmware/lab.js';

type Env = Readonly<Record<string, string>>;
let proxy: ConnectProxy;
let lab: VmwareLab;
let cloud: SimCloud;
const moref = vmRef('vm-200');

beforeAll(async () => {
  proxy = await ConnectProxy.start();
  lab = await startVmwareLab({
    datacenters: [{ name: 'DC1', vms: [{ name: 'web', moref, disks: [{ capacityBytes: 2 ** 20 }] }] }],
  });
  cloud = await SimCloud.start({}, { tls: true });
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await cloud[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});
beforeEach(() => {
  proxy.asked.length = 0;
  proxy.login = undefined;
  proxy.refusesWith = undefined;
});

async function callVcenter(env: Env, config: Partial<VmwareConfig> = {}): Promise<unknown> {
  const usual = { name: 'vc', server: lab.sim.server, user: USER, password: new Secret(PASSWORD), reader: READER };
  const tls = { caFile: lab.sim.caFile };
  const tools = { clock: new FastClock(), newId: randomUUID, random: () => 0.5, env };
  await using source = await openVmware({ ...usual, tls, ...config }, tools);
  return await source.powerState(moref);
}

async function callCloud(env: Env): Promise<unknown> {
  await using target = await openOpenStack(cloud.config(), { clock: cloud.clock, random: () => 0.5, env });
  return await target.identify();
}

const failureOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => expect.unreachable('nothing failed'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return (error as ProviderError).message;
};

describe.each([
  ['a vCenter', callVcenter, () => lab.sim.server],
  ['a cloud', callCloud, () => new URL(cloud.sim.authUrl).host],
] as const)('%s', (_name, call, endpoint) => {
  test('is called through the proxy, and directly where it is exempt', async () => {
    await call({ HTTPS_PROXY: `http://${proxy.address}` });
    expect(proxy.asked).toContain(endpoint());
    proxy.asked.length = 0;
    await call({ HTTPS_PROXY: `http://${proxy.address}`, NO_PROXY: '127.0.0.0/8' });
    expect(proxy.asked).toEqual([]);
  });

  test('is called with the login of the URL; without, the error names the proxy', async () => {
    proxy.login = 'svc:pr0xy pass/word';
    await call({ HTTPS_PROXY: `http://svc:pr0xy%20pass%2Fword@${proxy.address}` });
    const told = await failureOf(call({ HTTPS_PROXY: `http://${proxy.address}` }));
    expect(told).toContain(`the proxy ${proxy.address} (HTTPS_PROXY) wants a login (HTTP 407)`);
    const wrong = await failureOf(call({ https_proxy: `http://svc:not-this-one@${proxy.address}` }));
    expect(wrong).toContain(`the proxy ${proxy.address} (https_proxy) refuses the login of its URL (HTTP 407)`);
    expect(wrong).not.toMatch(/not-this-one|svc/);
  });

  test('is not reached where the proxy refuses, or is not there: the error says which, and who', async () => {
    proxy.refusesWith = 403;
    expect(await failureOf(call({ HTTPS_PROXY: `http://${proxy.address}` }))).toContain(
      `the proxy ${proxy.address} (HTTPS_PROXY) does not connect to ${endpoint()} (HTTP 403)`,
    );
    expect(await failureOf(call({ HTTPS_PROXY: 'http://127.0.0.1:1' }))).toContain(
      'the proxy 127.0.0.1:1 (HTTPS_PROXY) cannot be reached (ECONNREFUSED)',
    );
  });
});

test('a thumbprint is that of the vCenter behind the proxy', async () => {
  const env = { HTTPS_PROXY: `http://${proxy.address}` };
  const wrong = { thumbprint: 'ab'.repeat(32) };
  const told = await failureOf(callVcenter(env, { tls: wrong }));
  expect(told).toContain('does not have the sha256 thumbprint');
  expect(told).toContain(lab.sim.sha256);
  await callVcenter(env, { tls: { thumbprint: lab.sim.sha256 } });
  expect(proxy.asked.length).toBeGreaterThan(1);
});

test('a certificate of the cloud that is not trusted is refused behind the proxy as well', async () => {
  const untrusting = cloud.cloudConfig();
  const { caFile: _, ...tls } = untrusting.tls;
  const env = { HTTPS_PROXY: `http://${proxy.address}` };
  const opening = openOpenStack(
    { ...cloud.config(), cloud: { ...untrusting, tls } },
    { clock: cloud.clock, random: () => 0.5, env },
  );
  expect(await failureOf(opening)).toContain('its certificate is not trusted');
});
