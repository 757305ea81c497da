import { isProviderError } from '../../../contracts/provider-error.js';
import type { VolumeId } from '../../../model/ids.js';
import type { CloudClient } from '../http/cloud-client.js';
import type { JsonCursor } from '../http/json-cursor.js';

/** The volume as Cinder shows it. Undefined: there is none, or none that this project may see. */
export async function getVolume(client: CloudClient, volume: VolumeId): Promise<JsonCursor | undefined> {
  try {
    const answer = await client.ask({ service: 'volume', method: 'GET', path: `/volumes/${volume}` });
    return answer.at('volume');
  } catch (error) {
    if (isProviderError(error, 'not-found')) return undefined;
    throw error;
  }
}
