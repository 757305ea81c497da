import type { TargetProvider } from '../../contracts/target-provider.js';
import { openHolds } from './access/open-holds.js';
import { storageNeeds } from './access/storage-needs.js';
import type { OpenStackConfig } from './config/cloud-config.js';
import { type OpenStackDependencies, openClient } from './http/open-client.js';
import { mergeVolumeMetadata, setBootable, writeImageMetadata } from './objects/metadata.js';
import { checkRights } from './target/check-rights.js';
import { createServer } from './target/create-server.js';
import { createVolume } from './target/create-volume.js';
import { observe } from './target/inventory.js';
import { probeMachineType, removeProbes } from './target/probe-machine-type.js';
import { readVolume } from './target/volumes.js';

export type { OpenStackConfig } from './config/cloud-config.js';
export { loadCloud } from './config/load-cloud.js';
export type { OpenStackDependencies } from './http/open-client.js';
export { openOpenStackSource } from './source/cloud-source.js';

const VOLUME_TIMEOUT_MS = 10 * 60_000;
const SERVER_TIMEOUT_MS = 15 * 60_000;

/** A project as the place where volumes go. Logs in; see openClient for what it throws. */
export async function openOpenStack(config: OpenStackConfig, dependencies: OpenStackDependencies): Promise<TargetProvider> {
  const { name, volumeTimeoutMs = VOLUME_TIMEOUT_MS, serverTimeoutMs = SERVER_TIMEOUT_MS } = config;
  const { client, identify, ...open } = await openClient(config, dependencies);
  const holds = openHolds(client, config, dependencies);
  return {
    name,
    identify,
    observe: () => observe(client, { ...config, conversionHost: holds.conversionHost?.bind(holds) }),
    readVolume: (volume) => readVolume(client, volume),
    createVolume: (request) => createVolume(client, request, volumeTimeoutMs),
    mergeVolumeMetadata: (volume, patch) => mergeVolumeMetadata(client, volume, patch),
    writeImageMetadata: (volume, change) => writeImageMetadata(client, volume, change),
    setBootable: (volume, bootable) => setBootable(client, volume, bootable),
    ...(holds.takeSlots !== undefined && { takeSlots: holds.takeSlots.bind(holds) }),
    reserve: (volume, own) => holds.reserve(volume, own),
    connect: (volume, attachment) => holds.connect(volume, attachment),
    release: (attachment) => holds.release(attachment),
    createServer: (request) => createServer(client, request, serverTimeoutMs),
    probeMachineType: (probe) => probeMachineType(client, probe),
    removeProbes: () => removeProbes(client),
    checkRights: () => checkRights(client),
    // Else they are disks of the conversion host, which checkHost looks at.
    writerNeeds: () => (config.access.type === 'cinder' ? storageNeeds(config.access, 'write') : []),
    ...(holds.checkHost !== undefined && { checkHost: holds.checkHost.bind(holds) }),
    [Symbol.asyncDispose]: async () => {
      await holds[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}
