import { isProviderError } from '../../../contracts/provider-error.js';
import type { VolumeId } from '../../../model/ids.js';
import type { Answer } from '../http/answer.js';
import type { CloudClient } from '../http/cloud-client.js';

/** The volume as Cinder shows it. Undefined: there is none, or none that this project may see. */
export async function getVolume(client: CloudClient, volume: VolumeId): Promise<Answer | undefined> {
  try {
    const answer = await client.ask({ service: 'volume', method: 'GET', path: `/volumes/${volume}` });
    return answer.at('volume');
  } catch (error) {
    if (isProviderError(error, 'not-found')) return undefined;
    throw error;
  }
}
