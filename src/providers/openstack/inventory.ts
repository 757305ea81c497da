import pLimit from 'p-limit';
import type { TargetInventory } from '../provider.js';
import { type ListedAttachment, listAttachments } from './attachments.js';
import type { CloudClient } from './cloud-client.js';
import { listAll } from './pages.js';
import { readCatalog } from './project-catalog.js';
import { listServers } from './servers.js';
import { withVolumesSeen } from './volume-types.js';
import { decodeVolume } from './volumes.js';

const CALLS_AT_ONCE_MAX = 4;

/** The whole project in a fixed number of lists, whatever the number of VMs. */
export async function observe(
  client: CloudClient,
  { addressesAnywhere = false }: { readonly addressesAnywhere?: boolean } = {},
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
  return { volumes: decoded, servers, catalog: { ...catalog, ...types } };
}

function groupByVolume(attachments: readonly ListedAttachment[]): Map<string, ListedAttachment[]> {
  const groups = new Map<string, ListedAttachment[]>();
  for (const attachment of attachments) {
    const group = groups.get(attachment.volume);
    if (group === undefined) groups.set(attachment.volume, [attachment]);
    else group.push(attachment);
  }
  return groups;
}
