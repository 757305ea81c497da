import { randomInt } from 'node:crypto';
import type { Clock } from '../../host/clock.js';
import type { TargetProvider } from '../provider.js';
import { checkRights } from './check-rights.js';
import { CloudClient } from './cloud-client.js';
import type { OpenStackConfig } from './cloud-config.js';
import { createServer } from './create-server.js';
import { createVolume } from './create-volume.js';
import { observe } from './inventory.js';
import { mergeVolumeMetadata, setBootable, writeImageMetadata } from './metadata.js';
import { openHolds } from './open-holds.js';
import { probeMachineType, removeProbes } from './probe-machine-type.js';
import { Transport } from './transport.js';
import { readVolume } from './volumes.js';

export { loadCloud } from './load-cloud.js';

const REQUEST_TIMEOUT_MS = 90_000;
const VOLUME_TIMEOUT_MS = 10 * 60_000;
const SERVER_TIMEOUT_MS = 15 * 60_000;
const RANDOM_STEPS = 2 ** 32;

export interface OpenStackDependencies {
  readonly clock: Clock;
  /** In [0, 1); spreads retries of many runs. Default: the machine's randomness. */
  readonly random?: () => number;
}

/** Logs in, so that wrong credentials and unreachable clouds show up here. Throws ProviderError, or DiagnosticsError for unreadable certificates. */
export async function openOpenStack(config: OpenStackConfig, dependencies: OpenStackDependencies): Promise<TargetProvider> {
  const { name, cloud, volumeTimeoutMs = VOLUME_TIMEOUT_MS, serverTimeoutMs = SERVER_TIMEOUT_MS } = config;
  const { clock, random = () => randomInt(RANDOM_STEPS) / RANDOM_STEPS } = dependencies;
  const transport = new Transport(cloud.tls, cloud.apiTimeoutMs ?? REQUEST_TIMEOUT_MS);
  const client = new CloudClient({ provider: name, cloud, transport, clock, random });
  try {
    await client.projectId();
  } catch (error) {
    await transport.close();
    throw error;
  }
  const holds = openHolds(client, config);
  return {
    name,
    identify: async () => {
      const region = await client.region();
      return { kind: 'openstack', endpoint: cloud.authUrl, id: await client.projectId(), ...(region && { region }) };
    },
    observe: () => observe(client, { ...config, conversionHost: holds.conversionHost?.bind(holds) }),
    readVolume: (volume) => readVolume(client, volume),
    createVolume: (request) => createVolume(client, request, volumeTimeoutMs),
    mergeVolumeMetadata: (volume, patch) => mergeVolumeMetadata(client, volume, patch),
    writeImageMetadata: (volume, change) => writeImageMetadata(client, volume, change),
    setBootable: (volume) => setBootable(client, volume),
    ...(holds.takeSlots !== undefined && { takeSlots: holds.takeSlots.bind(holds) }),
    reserve: (volume, own) => holds.reserve(volume, own),
    connect: (volume, attachment) => holds.connect(volume, attachment),
    release: (attachment) => holds.release(attachment),
    createServer: (request) => createServer(client, request, serverTimeoutMs),
    probeMachineType: (probe) => probeMachineType(client, probe),
    removeProbes: () => removeProbes(client),
    checkRights: () => checkRights(client),
    [Symbol.asyncDispose]: async () => {
      await holds[Symbol.asyncDispose]();
      await transport.close();
    },
  };
}
