import pLimit from 'p-limit';
import type { ConversionHost, TargetInventory } from '../../../contracts/target-provider.js';
import type { ServerId } from '../../../model/ids.js';
import { type ListedAttachment, listAttachments } from '../access/attachments.js';
import type { VolumeAttachments } from '../access/volume-attachments.js';
import type { CloudClient } from '../http/cloud-client.js';
import { listAll } from '../http/pages.js';
import { listServers } from '../objects/servers.js';
import { readCatalog } from './project-catalog.js';
import { withVolumesSeen } from './volume-types.js';
import { decodeVolume } from './volumes.js';

const CALLS_AT_ONCE_MAX = 4;

interface ObserveOptions {
  readonly addressesAnywhere?: boolean;
  readonly conversionHost?: VolumeAttachments['conversionHost'] | undefined;
}

/** The whole project in a fixed number of lists, whatever the number of VMs. */
export async function observe(
  client: CloudClient,
  { addressesAnywhere = false, conversionHost }: ObserveOptions = {},
): Promise<TargetInventory> {
  const limit = pLimit(CALLS_AT_ONCE_MAX);
  const [volumes, attachments, servers, catalog] = await Promise.all([
    limit(() => listAll(client, { service: 'volume', path: '/volumes/detail', name: 'volumes' })),
    limit(() => listAttachments(client)),
    limit(() => listServers(client)),
    readCatalog(client, { limit, addressesAnywhere }),
  ]);
  const byVolume = groupByVolume(attachments);
  const decoded = volumes.map((volume) => decodeVolume(volume, byVolume.get(volume.at('id').text()) ?? []));
  const { volumeTypeTraits } = catalog;
  const types = volumeTypeTraits && { volumeTypeTraits: withVolumesSeen(volumeTypeTraits, decoded) };
  const host = await conversionHost?.();
  return {
    volumes: decoded,
    servers,
    catalog: { ...catalog, ...types },
    ...(host !== undefined && { conversionHost: withVolumes(host, attachments) }),
  };
}

const withVolumes = (
  { id: server, name, volumesMax }: { id: ServerId; name: string; volumesMax: number },
  attachments: readonly ListedAttachment[],
): ConversionHost => ({
  server,
  name,
  volumesMax,
  volumes: attachments.filter((attachment) => attachment.server === server).map(({ volume }) => volume),
});

function groupByVolume(attachments: readonly ListedAttachment[]): Map<string, ListedAttachment[]> {
  const groups = new Map<string, ListedAttachment[]>();
  for (const attachment of attachments) {
    const group = groups.get(attachment.volume);
    if (group === undefined) groups.set(attachment.volume, [attachment]);
    else group.push(attachment);
  }
  return groups;
}
