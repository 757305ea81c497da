import { FailedStep } from '../diag/detailed-error.js';

/**
 * Bytes could not be moved. The endpoints of the call are good for nothing but closing; a new try with new ones is safe.
 * MP6001: a copy or comparison failed. MP6002: the source cannot be read. MP6003: the volume cannot be written. MP6007: nothing moved
 * for too long.
 */
export class TransferError extends FailedStep<'MP6001' | 'MP6002' | 'MP6003' | 'MP6007'> {
  override readonly name = 'TransferError';
}

/** What several programs said about one failure, each named, silent ones left out. */
export function whatTheySaid(said: Readonly<Record<string, string>>): string {
  const texts = Object.entries(said).filter(([, text]) => text !== '');
  return texts.map(([program, text]) => `${program}: ${text}`).join('\n');
}
