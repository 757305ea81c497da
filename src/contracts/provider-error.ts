import { DetailedError, type ErrorDetails } from '../diag/detailed-error.js';
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

/** From what the remote said the error strikes secrets, and makes one printable line of it. */
export interface ProviderErrorDetails extends ErrorDetails {
  readonly kind: ProviderErrorKind;
  readonly provider: string;
  readonly call: string;
}

/** The remote said no, or nothing. Made in providers/<name>/errors.ts only; never told apart by message text. */
export class ProviderError extends DetailedError<ProviderErrorDetails> {
  override readonly name = 'ProviderError';

  constructor(said: ProviderErrorDetails, options?: ErrorOptions) {
    const details = withoutHarm(said);
    super(details, `${details.provider}: ${details.call}: ${details.detail}`, options);
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
