import { afterEach, describe, expect, test } from 'vitest';
import type { RightCheck } from '../../../src/contracts/target-provider.js';
import { PASSWORD, SimCloud } from './sim-cloud.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function rightsOf(
  role: 'member' | 'reader' | 'admin',
  policies: 'old' | 'strict',
): Promise<{ cloud: SimCloud; rights: readonly RightCheck[] }> {
  const users = [{ name: 'demo', password: PASSWORD, roles: { demo: [role] } }];
  const cloud = await SimCloud.start({ users, applicationCredentials: [], policies });
  closing.push(() => cloud[Symbol.asyncDispose]());
  return { cloud, rights: await (await cloud.open()).checkRights() };
}

const inAll = (rights: readonly RightCheck[]) =>
  Object.fromEntries(
    (['plan', 'apply', 'cutover'] as const).map((phase) => [
      phase,
      [...new Set(rights.filter((right) => right.for === phase).map(({ verdict }) => verdict))].join(' '),
    ]),
  );

describe('which calls a user may make', () => {
  test.each([
    { role: 'member', policies: 'old', expected: { plan: 'allowed', apply: 'allowed', cutover: 'allowed' } },
    { role: 'member', policies: 'strict', expected: { plan: 'allowed', apply: 'allowed', cutover: 'allowed' } },
    { role: 'admin', policies: 'strict', expected: { plan: 'allowed', apply: 'allowed', cutover: 'allowed' } },
    { role: 'reader', policies: 'strict', expected: { plan: 'allowed', apply: 'unknown', cutover: 'refused' } },
    // As the default policies of 2022.2 have it: the old rules are still allowed, so a reader may.
    { role: 'reader', policies: 'old', expected: { plan: 'allowed', apply: 'unknown', cutover: 'allowed' } },
  ] as const)('$role, $policies policies', async ({ role, policies, expected }) => {
    const { cloud, rights } = await rightsOf(role, policies);
    expect(inAll(rights)).toEqual(expected);
    const { control } = cloud.sim;
    expect([control.volumes(), control.servers(), control.ports(), control.attachments()]).toEqual([[], [], [], []]);
  });

  test('a reader can read all that a plan needs, though it may change nothing', async () => {
    const { cloud } = await rightsOf('reader', 'strict');
    const provider = await cloud.open();
    const { catalog, volumes } = await provider.observe();
    expect(volumes).toEqual([]);
    expect(catalog.flavors).not.toEqual([]);
    expect(catalog.quota).toMatchObject({ volumesLeft: 100, coresLeft: 20, portsLeft: 100 });
    await expect(provider.createVolume({ name: 'x', sizeGiB: 1, metadata: {} })).rejects.toMatchObject({ kind: 'denied' });
  });

  test('where no network is seen, nobody knows who may make ports', async () => {
    const cloud = await SimCloud.start({ networks: [] });
    closing.push(() => cloud[Symbol.asyncDispose]());
    const ports = (await (await cloud.open()).checkRights()).find(({ what }) => what.includes('POST /ports'));
    expect(ports).toMatchObject({ verdict: 'unknown', why: 'no network is seen, and Neutron tells only of one that exists' });
  });

  test('a list that only makes a plan less thorough is told apart from one it cannot do without', async () => {
    const cloud = await SimCloud.start();
    closing.push(() => cloud[Symbol.asyncDispose]());
    for (const path of ['/types', '/attachments'])
      cloud.sim.control.addFault({ method: 'GET', path, do: { status: 403, message: 'no' } });
    const refused = (await (await cloud.open()).checkRights()).filter(({ verdict }) => verdict === 'refused');
    expect(refused.map(({ what, isOptional }) => [what, isOptional])).toEqual([
      ['read GET /attachments', false],
      ['read GET /types', true],
    ]);
  });
});
