import { isProviderError, type ProviderError } from '../../../contracts/provider-error.js';
import { type AttachmentId, attachmentId, type ServerId, serverId, type VolumeId, volumeId } from '../../../model/ids.js';
import type { CinderAccess } from '../config/cloud-config.js';
import type { Call, CloudClient } from '../http/cloud-client.js';
import { createOnce } from '../http/create-once.js';
import { deleteIfThere } from '../http/delete-if-there.js';
import { held, unsupported } from '../http/errors.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { listAll } from '../http/pages.js';
import { getVolume } from '../objects/get-volume.js';
import { decodeBlock, type OpenBlock } from './connection-info.js';

/** One attachment as the list shows it. The detailed list is not used: it carries passwords of storage backends. */
export interface ListedAttachment {
  readonly id: AttachmentId;
  readonly volume: VolumeId;
  /** reserved, attaching, attached ... */
  readonly status: string;
  readonly server?: ServerId;
}

const LIST = { service: 'volume', path: '/attachments', name: 'attachments', unlinked: true } as const;
const CREATE: Call = { service: 'volume', method: 'POST', path: '/attachments' };

export async function listAttachments(client: CloudClient): Promise<ListedAttachment[]> {
  return (await listAll(client, LIST)).map(decodeListed);
}

/** Clouds that ignore the filter answer with everything; clouds that refuse it are asked for everything. */
export async function attachmentsOf(client: CloudClient, volume: VolumeId): Promise<ListedAttachment[]> {
  const filtered = await listAll(client, { ...LIST, query: { volume_id: volume } }).catch((error: unknown) => {
    if (isProviderError(error, 'conflict')) return listAll(client, LIST);
    throw error;
  });
  return filtered.map(decodeListed).filter((attachment) => attachment.volume === volume);
}

function decodeListed(entry: JsonCursor): ListedAttachment {
  const server = entry.at('instance').optionalText();
  return {
    id: attachmentId(entry.at('id').text()),
    volume: volumeId(entry.at('volume_id').text()),
    status: entry.at('status').optionalText() ?? '',
    ...(server !== undefined && { server: serverId(server) }),
  };
}

/**
 * An attachment without server and connector: status reserved, nobody deletes, boots or attaches the volume.
 * When the answer is lost, a reservation that appeared meanwhile is given back and made anew, because it cannot be told
 * from one that another run made: adopting it could make two writers. The other run then fails to connect.
 */
export async function reserve(client: CloudClient, volume: VolumeId): Promise<AttachmentId> {
  await refuseShareable(client, volume);
  const before = (await attachmentsOf(client, volume)).map(({ id }) => id);
  try {
    return await createOnce({
      clock: client.clock,
      send: async () => {
        const answer = await client.ask({ ...CREATE, body: { attachment: { volume_uuid: volume } } });
        return attachmentId(answer.at('attachment').at('id').text());
      },
      find: async () => {
        const left = (await attachmentsOf(client, volume)).filter(({ id, status, server }) => {
          return status === 'reserved' && server === undefined && !before.includes(id);
        });
        for (const { id } of left) await release(client, id);
        return undefined;
      },
    });
  } catch (error) {
    if (!isProviderError(error, 'conflict')) throw error;
    throw await heldOr(client, volume, error);
  }
}

/** A volume of a multiattach type can be attached by others while it is reserved: no lock, so no writer. */
export async function refuseShareable(client: CloudClient, volume: VolumeId): Promise<void> {
  const answer = await getVolume(client, volume);
  if (answer === undefined || !answer.at('multiattach').flag()) return;
  throw unsupported(
    client.site('POST /attachments'),
    `volume ${volume} can be attached several times, so nothing keeps others from writing to it`,
    ['Use a volume type without multiattach.'],
  );
}

const HELD_STATUSES = ['reserved', 'attaching', 'in-use', 'detaching', 'uploading', 'backing-up', 'awaiting-transfer'];

/** Somebody has the volume, or is about to. */
export const isHeld = (status: string): boolean => HELD_STATUSES.includes(status);

/** Cinder answers 400 for every reason; the volume itself tells whether somebody holds it. */
export async function heldOr(client: CloudClient, volume: VolumeId, error: ProviderError): Promise<ProviderError> {
  const answer = await getVolume(client, volume);
  const status = answer?.at('status').text();
  if (status === undefined || !isHeld(status)) return error;
  const holders = (await attachmentsOf(client, volume)).map(({ id, server }) =>
    server === undefined ? `attachment ${id}` : `server ${server}`,
  );
  const by = holders.length === 0 ? '' : ` by ${[...new Set(holders)].join(', ')}`;
  return held(client.site(error.details.call), `volume ${volume} is ${status}${by}`);
}

/** Connects this host to a reserved volume; in-use when it resolves. Repeating it is fine once what it gave is closed. */
export async function connect(
  client: CloudClient,
  { hostName, access }: { readonly hostName: string; readonly access: CinderAccess },
  { volume, attachment }: { volume: VolumeId; attachment: AttachmentId },
): Promise<OpenBlock> {
  const path = `/attachments/${attachment}`;
  const body = { attachment: { connector: connectorOf(hostName) } };
  const answer = await client.ask({ service: 'volume', method: 'PUT', path, body });
  const site = client.site(`PUT ${path}`);
  const context = { site, access, volume, initiator: initiatorOf(hostName) };
  const open = await decodeBlock(answer.at('attachment').at('connection_info'), context);
  try {
    const complete = { 'os-complete': null };
    await client.tell({ service: 'volume', method: 'POST', path: `${path}/action`, body: complete, repeatable: true });
    return open;
  } catch (error) {
    await open.close();
    throw error;
  }
}

/** A name of our own: this host's kernel, which may have one too, has no part in this. */
const initiatorOf = (host: string): string => `iqn.2026-11.dev.migplan:${host.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}`;

/** No wwpns: bytes are reached from user space, where nothing speaks Fibre Channel. */
const connectorOf = (host: string): object => ({
  host,
  ip: '127.0.0.1',
  initiator: initiatorOf(host),
  multipath: false,
  platform: 'x86_64',
  os_type: 'linux',
  do_local_attach: false,
});

/** One that is gone already is released. */
export const release = (client: CloudClient, attachment: AttachmentId): Promise<void> =>
  deleteIfThere(client, 'volume', `/attachments/${attachment}`);
