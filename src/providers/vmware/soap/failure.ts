/**
 * - untrusted: the certificate; unreachable: no connection, so nothing was asked;
 * - unavailable: a proxy says that vCenter is starting or overloaded; lost: the connection broke or timed out;
 * - truncated: the answer ends early; unreadable: the answer is not one of vCenter's.
 */
export type FailureReason = 'untrusted' | 'unreachable' | 'unavailable' | 'lost' | 'truncated' | 'unreadable';

const TRANSIENT: ReadonlySet<FailureReason> = new Set(['unreachable', 'unavailable', 'lost', 'truncated']);
const NOT_ASKED: ReadonlySet<FailureReason> = new Set(['untrusted', 'unreachable']);

/** A call that brought no answer of vCenter's. Turned into a ProviderError in errors.ts, at the provider's edge. */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure';
  constructor(
    readonly reason: FailureReason,
    readonly call: string,
    readonly detail: string,
    options?: ErrorOptions & { readonly presentedThumbprint?: string; readonly isClockBehind?: boolean },
  ) {
    super(`${call}: ${detail}`, options);
    this.presentedThumbprint = options?.presentedThumbprint;
    this.isClockBehind = options?.isClockBehind ?? false;
  }
  /** SHA-256 of the certificate that was refused. */
  readonly presentedThumbprint: string | undefined;
  /** The certificate is not valid yet by this machine's clock. */
  readonly isClockBehind: boolean;

  get isTransient(): boolean {
    return TRANSIENT.has(this.reason);
  }
  /** Whether vCenter may have done what was asked. */
  get mayHaveHappened(): boolean {
    return !NOT_ASKED.has(this.reason);
  }
}
