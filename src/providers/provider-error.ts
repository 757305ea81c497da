import type { DiagnosticCode } from '../diag/catalog.js';

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
  /** What the remote said, in one sentence without secrets. */
  readonly detail: string;
  readonly requestId?: string;
  readonly nextSteps?: readonly string[];
}

/** The remote said no, or nothing. Made in providers/<name>/errors.ts only; never told apart by message text. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  constructor(
    readonly details: ProviderErrorDetails,
    options?: ErrorOptions,
  ) {
    super(`${details.provider}: ${details.call}: ${details.detail}`, options);
  }
  get kind(): ProviderErrorKind {
    return this.details.kind;
  }
}

export const isProviderError = (error: unknown, ...kinds: readonly ProviderErrorKind[]): error is ProviderError =>
  error instanceof ProviderError && (kinds.length === 0 || kinds.includes(error.kind));
