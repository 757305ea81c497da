import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyCloud } from '../../lab/harness/empty-cloud.js';
import { RealCloud } from '../../lab/harness/real-cloud.js';
import type { ConformanceClient } from '../../lab/openstack-sim/conformance/client.js';
import { conformanceRows } from '../../lab/openstack-sim/conformance.js';
import type { TargetProvider } from '../../src/contracts/target-provider.js';
import { describeTargetProvider } from '../conformance/target-provider.js';
import { refusalOf } from '../providers/openstack/refusal-of.js';
import { openLabCloud } from './open-lab-cloud.js';

// Goal: the simulator and the provider were made from what a real cloud does; both are held against one here.
let cloud: RealCloud;
beforeAll(async () => {
  cloud = await RealCloud.open();
  await emptyCloud(cloud);
});
afterAll(() => emptyCloud(cloud));

describe('the rows that the simulator passes', () => {
  let client: ConformanceClient;
  beforeAll(async () => {
    client = await cloud.as('lab');
  });
  // Rows are made twice: once for their names, once with the client that exists only when the tests run.
  const rows = conformanceRows(undefined as unknown as ConformanceClient).map(({ area, name }, index) => ({ area, name, index }));
  const [ports, others] = [rows.filter(({ area }) => area === 'ports'), rows.filter(({ area }) => area !== 'ports')];
  async function expectRow(index: number): Promise<void> {
    const row = conformanceRows(client)[index];
    expect(await row?.run()).toBe(row?.expected);
  }
  // Most of a row is waiting. Those of ports want the same address and go one after the other.
  test.concurrent.each(others)('$area: $name', ({ index }) => expectRow(index));
  test.each(ports)('$area: $name', ({ index }) => expectRow(index));
});

// By application credential, as the project's user would run it; everything else here logs in by password.
describeTargetProvider('real cloud', async () => ({
  provider: await openLabCloud(cloud, 'lab-appcred'),
  prefix: `suite-${randomBytes(4).toString('hex')}`,
  flavor: 'm1.nano',
  network: 'demo-net',
  volumeType: 'rbd',
  cleanUp: () => emptyCloud(cloud),
}));

describe('volumes that cannot be written to safely', () => {
  let provider: TargetProvider;
  beforeAll(async () => {
    provider = await openLabCloud(cloud, 'lab');
  });
  afterAll(() => provider[Symbol.asyncDispose]());
  const made = async (type: string) => (await provider.createVolume({ name: type, sizeGiB: 1, type, metadata: {} })).id;

  test('multiattach', async () => {
    expect((await refusalOf(provider.reserve(await made('multiattach')))).said).toContain('can be attached several times');
  });

  test('encrypted', async () => {
    const volume = await made('encrypted');
    const attachment = await provider.reserve(volume);
    expect((await refusalOf(provider.connect(volume, attachment))).said).toContain('the volume is encrypted');
    await provider.release(attachment);
  });
});
