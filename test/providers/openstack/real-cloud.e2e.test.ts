import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/host/clock.js';
import type { ServerId, VolumeId } from '../../../src/model/ids.js';
import { CloudClient } from '../../../src/providers/openstack/cloud-client.js';
import { getVolume } from '../../../src/providers/openstack/get-volume.js';
import { loadCloud, openOpenStack } from '../../../src/providers/openstack/index.js';
import { listAll } from '../../../src/providers/openstack/pages.js';
import { pollUntil } from '../../../src/providers/openstack/poll.js';
import { getServer } from '../../../src/providers/openstack/servers.js';
import { Transport } from '../../../src/providers/openstack/transport.js';
import { isProviderError } from '../../../src/providers/provider-error.js';
import { describeTargetProvider } from '../../conformance/target-provider.js';
import { refusalOf } from './refusal-of.js';

// The conformance suite on a real cloud; everything it makes is named migplan-<random> and taken away again.
//   MIGPLAN_TEST_CLOUD       entry of clouds.yaml (found as always; OS_CLIENT_CONFIG_FILE may name the file)
//   MIGPLAN_TEST_FLAVOR, MIGPLAN_TEST_NETWORK, MIGPLAN_TEST_VOLUME_TYPE, MIGPLAN_TEST_CEPH_CONF
//   MIGPLAN_TEST_TYPE_MULTIATTACH, MIGPLAN_TEST_TYPE_ENCRYPTED: types of that kind, for two more tests
const { env } = process;
const cloudName = env['MIGPLAN_TEST_CLOUD'];
const prefix = `migplan-${randomBytes(4).toString('hex')}`;
const CLEAN_UP_MS = 300_000;

if (cloudName === undefined) {
  test.skip('real cloud: MIGPLAN_TEST_CLOUD is not set', () => {});
} else {
  describeTargetProvider(`cloud ${cloudName}`, async () => ({
    provider: await open(),
    prefix,
    flavor: env['MIGPLAN_TEST_FLAVOR'] ?? 'm1.nano',
    network: env['MIGPLAN_TEST_NETWORK'] ?? 'demo-net',
    ...(env['MIGPLAN_TEST_VOLUME_TYPE'] !== undefined && { volumeType: env['MIGPLAN_TEST_VOLUME_TYPE'] }),
    cleanUp,
  }));
  describe('volumes that cannot be written to safely', () => describeRefusals());
}

const cloud = () => loadCloud(cloudName, env, process.cwd());

function open() {
  const rbd = { conf: env['MIGPLAN_TEST_CEPH_CONF'] ?? '/etc/ceph/ceph.conf', user: 'cinder' };
  const config = { name: 'real', cloud: cloud(), access: { type: 'cinder', rbd }, hostName: 'conformance' } as const;
  return openOpenStack(config, { clock: systemClock });
}

function describeRefusals(): void {
  const made: VolumeId[] = [];
  afterAll(() => cleanUp({ servers: [], volumes: made }));
  const volumeOf = async (provider: Awaited<ReturnType<typeof open>>, type: string): Promise<VolumeId> => {
    const { id } = await provider.createVolume({
      name: `${prefix}-${type}`,
      sizeGiB: 1,
      type,
      metadata: { conformance: prefix },
    });
    made.push(id);
    return id;
  };

  test.skipIf(env['MIGPLAN_TEST_TYPE_MULTIATTACH'] === undefined)('multiattach', async () => {
    await using provider = await open();
    const volume = await volumeOf(provider, env['MIGPLAN_TEST_TYPE_MULTIATTACH']!);
    expect((await refusalOf(provider.reserve(volume))).said).toContain('can be attached several times');
  });

  test.skipIf(env['MIGPLAN_TEST_TYPE_ENCRYPTED'] === undefined)('encrypted', async () => {
    await using provider = await open();
    const volume = await volumeOf(provider, env['MIGPLAN_TEST_TYPE_ENCRYPTED']!);
    const attachment = await provider.reserve(volume);
    expect((await refusalOf(provider.connect(volume, attachment))).said).toContain('the volume is encrypted');
    await provider.release(attachment);
  });
}

async function cleanUp({ servers, volumes }: { servers: readonly ServerId[]; volumes: readonly VolumeId[] }): Promise<void> {
  const transport = new Transport(cloud().tls, 60_000);
  const client = new CloudClient({ provider: 'clean-up', cloud: cloud(), transport, clock: systemClock, random: () => 0.5 });
  try {
    for (const id of servers) await gone(client, `/servers/${id}`, async () => (await getServer(client, id)) === undefined);
    for (const port of await listAll(client, { service: 'network', path: '/ports', name: 'ports' })) {
      if (port.at('name').optionalText()?.startsWith(prefix))
        await client.tell({ service: 'network', method: 'DELETE', path: `/ports/${port.at('id').text()}` });
    }
    for (const id of volumes) await gone(client, `/volumes/${id}`, async () => (await getVolume(client, id)) === undefined);
  } finally {
    await transport.close();
  }
}

/** Deletes again until it is away: a volume has to become available first. */
async function gone(client: CloudClient, path: string, isGone: () => Promise<boolean>): Promise<void> {
  const service = path.startsWith('/servers') ? 'compute' : 'volume';
  const done = await pollUntil(systemClock, CLEAN_UP_MS, async () => {
    await client.tell({ service, method: 'DELETE', path }).catch((error: unknown) => {
      if (!isProviderError(error, 'not-found', 'conflict')) throw error;
    });
    return (await isGone()) || undefined;
  });
  if (!done) throw new Error(`${path} was not deleted`);
}
