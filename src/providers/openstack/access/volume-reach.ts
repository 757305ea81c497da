import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { VolumeReach } from '../../../model/observed-source.js';
import type { CinderAccess } from '../config/cloud-config.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';
import { optionalRead } from '../http/optional-read.js';
import { listAll } from '../http/pages.js';
import { isBelow } from './local-block.js';

/** By volume: why its snapshots could not be read in place. Volumes of which nothing is known are left out. */
export type Reaches = ReadonlyMap<string, VolumeReach>;

const DETAILS = { service: 'volume', path: '/attachments/detail', name: 'attachments', unlinked: true } as const;

/**
 * From what Cinder told Nova about each volume: one list, however many there are. It carries logins of storage backends, so that
 * nothing of it is kept but these words. A cloud or a role without that list leaves the question to the first reading.
 */
export async function unreachable(client: CloudClient, access: CinderAccess): Promise<Reaches> {
  const attachments = await optionalRead(() => listAll(client, DETAILS), []);
  const reaches = new Map<string, VolumeReach>();
  const seen = new Set<string>();
  for (const attachment of attachments) {
    const volume = attachment.at('volume_id').text();
    // A reader asks the first attachment, too.
    if (seen.has(volume)) continue;
    seen.add(volume);
    // Left out by the cloud is something else than empty.
    if (!attachment.keys().includes('connection_info')) continue;
    const reach = await reachOf(attachment.at('connection_info'), access);
    if (reach !== undefined) reaches.set(volume, reach);
  }
  return reaches;
}

async function reachOf(info: JsonCursor, { rbd, local }: CinderAccess): Promise<VolumeReach | undefined> {
  const driver = info.isAbsent() ? undefined : info.at('driver_volume_type').optionalText();
  switch (driver) {
    case undefined:
      return { kind: 'not-told' };
    case 'rbd':
      return rbd === undefined ? { kind: 'no-rbd' } : undefined;
    case 'local':
      return localReach(info.at('device_path').text(), local?.folders ?? []);
    default:
      return { kind: 'driver', driver };
  }
}

/** Where this machine has no such folder, another may be the storage host: names are all that is compared then. */
async function localReach(path: string, folders: readonly string[]): Promise<VolumeReach | undefined> {
  const real = (folder: string): Promise<string> => realpath(folder).catch(() => folder);
  const folder = await real(dirname(path));
  const named = await Promise.all(folders.map(real));
  return named.some((one) => one === folder || isBelow(one, folder)) ? undefined : { kind: 'folder', path };
}
