import type { DiagnosticCode } from '../diag/catalog.js';
import type { Diagnostic } from '../diag/diagnostic.js';

export interface TransferErrorDetails {
  /** MP6001 a copy or comparison failed, MP6002 the source cannot be read, MP6003 the volume cannot be written. */
  readonly code: Extract<DiagnosticCode, 'MP6001' | 'MP6002' | 'MP6003'>;
  /** What was done: `open source`, `copy`, `flush` ... */
  readonly call: string;
  /** What the programs said, without secrets. */
  readonly detail: string;
  readonly nextSteps?: readonly string[];
}

/** Bytes could not be moved. The endpoints of the call are good for nothing but closing; a new try with new ones is safe. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  constructor(
    readonly details: TransferErrorDetails,
    options?: ErrorOptions,
  ) {
    super(`${details.call}: ${details.detail}`, options);
  }

  diagnostic(address?: string): Diagnostic {
    const { code, call, detail, nextSteps } = this.details;
    return {
      severity: 'error',
      code,
      detail: `${call}: ${detail}`,
      ...(address === undefined ? {} : { address }),
      ...(nextSteps === undefined ? {} : { nextSteps }),
    };
  }
}

/** What several programs said about one failure, each named, silent ones left out. */
export function whatTheySaid(said: Readonly<Record<string, string>>): string {
  const texts = Object.entries(said).filter(([, text]) => text !== '');
  return texts.map(([program, text]) => `${program}: ${text}`).join('\n');
}
