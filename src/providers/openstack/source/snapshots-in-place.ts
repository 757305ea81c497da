import { storageNeeds } from '../access/storage-needs.js';
import type { VolumeAttachments } from '../access/volume-attachments.js';
import { unreachable } from '../access/volume-reach.js';
import type { CinderAccess } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import { conflict } from '../http/errors.js';
import { readVolumeQuota } from '../target/project-quota.js';
import { removeClones } from './clones.js';
import type { SnapshotAccess } from './snapshot-access.js';
import { snapshotBlock, snapshotPath } from './snapshot-block.js';

/** An object of RBD: larger requests are cut there anyway. */
const REQUEST_BYTES_MAX = 2 ** 22;
const CONNECTIONS = 2;

/** Access of type cinder: a snapshot is read where the backend keeps it. */
export function snapshotsInPlace(
  client: CloudClient,
  {
    access,
    attachments,
    timeoutMs,
  }: { readonly access: CinderAccess; readonly attachments: VolumeAttachments; readonly timeoutMs: number },
): SnapshotAccess {
  return {
    whyUnreadable: (volume) =>
      volume.at('encrypted').flag() ? 'the volume is encrypted, and its key stays with Nova' : undefined,
    unreachable: () => unreachable(client, access),
    fileOf: (volume, snapshot) => fileOf(client, volume, snapshot),
    reader: async (_ref, { file }) => ({
      block: await snapshotBlock(file, access, client.site('open snapshot')),
      requestBytesMax: REQUEST_BYTES_MAX,
      connections: CONNECTIONS,
    }),
    readerNeeds: storageNeeds(access, 'read'),
    room: async () => ({ quota: await readVolumeQuota(client) }),
    // A run that had access of type nova may have left some.
    removeClones: (ref) => removeClones(client, ref, { timeoutMs, release: (attachment) => attachments.release(attachment) }),
    [Symbol.asyncDispose]: () => attachments[Symbol.asyncDispose](),
  };
}

/** Nova's own attachment tells where the bytes are: the volume of a server cannot be attached once more to ask. */
async function fileOf(client: CloudClient, volume: string, snapshot: string): Promise<string> {
  const path = '/attachments';
  const listed = await client.ask({ service: 'volume', method: 'GET', path, query: { volume_id: volume } });
  const attachment = listed
    .at('attachments')
    .list()
    .find((entry) => entry.at('volume_id').text() === volume);
  const site = client.site(`GET ${path}`);
  if (attachment === undefined) throw conflict(site, `volume ${volume} is attached to nothing any more`);
  const answer = await client.ask({ service: 'volume', method: 'GET', path: `${path}/${attachment.at('id').text()}` });
  return snapshotPath(answer.at('attachment').at('connection_info'), snapshot, site);
}
