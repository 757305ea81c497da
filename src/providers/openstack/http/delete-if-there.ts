import { isProviderError } from '../../../contracts/provider-error.js';
import type { Service } from '../config/cloud-config.js';
import type { CloudClient } from './cloud-client.js';

/** What is gone already is deleted; so a DELETE whose answer got lost can be repeated. */
export async function deleteIfThere(client: CloudClient, service: Service, path: string): Promise<void> {
  try {
    await client.tell({ service, method: 'DELETE', path });
  } catch (error) {
    if (!isProviderError(error, 'not-found')) throw error;
  }
}
