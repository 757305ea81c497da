import { isProviderError } from '../../../contracts/provider-error.js';

/** What the role may not read, or the cloud does not have, is `otherwise`; everything else throws. */
export async function optionalRead<T>(read: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isProviderError(error, 'denied', 'not-found', 'unsupported')) return otherwise;
    throw error;
  }
}
