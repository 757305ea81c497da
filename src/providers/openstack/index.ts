import type { TargetProvider } from '../../contracts/target-provider.js';
import { openVolumeAttachments } from './access/open-volume-attachments.js';
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
  const { name, timeouts: { volumeMs = VOLUME_TIMEOUT_MS, serverMs = SERVER_TIMEOUT_MS } = {} } = config;
  const { client, identify, ...open } = await openClient(config, dependencies);
  const attachments = openVolumeAttachments(client, config, dependencies);
  return {
    name,
    identify,
    observe: () => observe(client, { ...config, conversionHost: attachments.conversionHost?.bind(attachments) }),
    readVolume: (volume) => readVolume(client, volume),
    createVolume: (request) => createVolume(client, request, volumeMs),
    mergeVolumeMetadata: (volume, patch) => mergeVolumeMetadata(client, volume, patch),
    writeImageMetadata: (volume, change) => writeImageMetadata(client, volume, change),
    setBootable: (volume, bootable) => setBootable(client, volume, bootable),
    ...(attachments.takeSlots !== undefined && { takeSlots: attachments.takeSlots.bind(attachments) }),
    reserve: (volume, own) => attachments.reserve(volume, own),
    connect: (volume, attachment) => attachments.connect(volume, attachment),
    releaseCutsOff: config.access.type === 'nova',
    release: (attachment) => attachments.release(attachment),
    createServer: (request) => createServer(client, request, serverMs),
    probeMachineType: (probe) => probeMachineType(client, probe),
    removeProbes: () => removeProbes(client),
    checkRights: () => checkRights(client),
    // Else they are disks of the conversion host, which checkHost looks at.
    writerNeeds: () => (config.access.type === 'cinder' ? storageNeeds(config.access, 'write') : []),
    ...(attachments.checkHost !== undefined && { checkHost: attachments.checkHost.bind(attachments) }),
    [Symbol.asyncDispose]: async () => {
      await attachments[Symbol.asyncDispose]();
      await open[Symbol.asyncDispose]();
    },
  };
}
