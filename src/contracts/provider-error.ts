import type { DiagnosticCode } from '../diag/catalog.js';
import { printable } from '../diag/printable.js';
import { withoutSecrets, withoutShortSecrets } from '../host/secret.js';

/**
 * - not-found: the object is gone; conflict: its state forbids the call; held: someone else's lock or attachment;
 * - denied: the role lacks a right; unauthenticated: wrong credentials (never retried: it locks accounts);
 * - untrusted: TLS; transient: may work later, retried with a bound; quota; unsupported: this server cannot;
 * - cbt-invalid: changed block tracking gives no answer that may be trusted for this base;
 * - failed: the object went into an error state; invalid: the answer cannot be understood.
 */
export type ProviderErrorKind =
  | 'not-found'
  | 'conflict'
  | 'held'
  | 'denied'
  | 'unauthenticated'
  | 'untrusted'
  | 'transient'
  | 'quota'
  | 'unsupported'
  | 'cbt-invalid'
  | 'failed'
  | 'invalid';

export interface ProviderErrorDetails {
  readonly kind: ProviderErrorKind;
  readonly code: DiagnosticCode;
  /** Provider name as in the Project, and the call, such as `QueryChangedDiskAreas` or `POST /volumes`. */
  readonly provider: string;
  readonly call: string;
  /** What the remote said. The error strikes secrets from it and makes one printable line of it. */
  readonly detail: string;
  readonly requestId?: string;
  readonly nextSteps?: readonly string[];
}

/** The remote said no, or nothing. Made in providers/<name>/errors.ts only; never told apart by message text. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly details: ProviderErrorDetails;

  constructor(said: ProviderErrorDetails, options?: ErrorOptions) {
    const details = withoutHarm(said);
    super(`${details.provider}: ${details.call}: ${details.detail}`, options);
    this.details = details;
  }
  get kind(): ProviderErrorKind {
    return this.details.kind;
  }
}

/** Whatever a cloud or a vCenter said passes here on its way to a person. */
function withoutHarm({ call, detail, requestId, nextSteps, ...rest }: ProviderErrorDetails): ProviderErrorDetails {
  const clean = (text: string): string => printable(withoutSecrets(text));
  return {
    ...rest,
    call: clean(call),
    detail: printable(withoutShortSecrets(detail)),
    ...(requestId !== undefined && { requestId: clean(requestId) }),
    ...(nextSteps !== undefined && { nextSteps: nextSteps.map(clean) }),
  };
}

export const isProviderError = (error: unknown, ...kinds: readonly ProviderErrorKind[]): error is ProviderError =>
  error instanceof ProviderError && (kinds.length === 0 || kinds.includes(error.kind));
