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

/** The same, for who looks and asks again in a moment: what is in a passing state, and is refused for it, stays this time. */
export async function deleteUnlessBusy(client: CloudClient, service: Service, path: string): Promise<void> {
  try {
    await deleteIfThere(client, service, path);
  } catch (error) {
    if (!isProviderError(error, 'conflict')) throw error;
  }
}
