import type { ProviderType } from '../model/provider-types.js';

/*
 * How a call of a provider ends, where its contract says "the usual":
 *
 * Errors: ProviderError of the kinds that any call may meet: transient when all tries are used up, unauthenticated, denied, untrusted,
 * invalid, unsupported. Anything else that is thrown is a bug, or the abort.
 * Abort: of the work around it (host/interruption.ts). A read, and every wait, ends at once and throws the signal's reason. A request
 * that changes something is never cut short, so that what came of it is known; nothing further is sent after it. Run `uninterrupted`,
 * nothing ends early.
 * Limit: an answer of a vCenter may take 4 minutes and is asked for four times, one of a cloud 3 minutes and five times, with pauses of
 * a minute at most: a read ends within 20 minutes, and so does a request that changes something.
 */

/** Which remote this is. Shown to people and bound into plans: a plan for one is refused by another. */
export interface ProviderIdentity {
  readonly kind: ProviderType;
  readonly endpoint: string;
  /** vCenter: about.instanceUuid. OpenStack: project id. */
  readonly id: string;
  readonly region?: string;
}

/** One thing that was looked at on the conversion host. */
export interface HostCheck {
  readonly what: string;
  /** Empty when it is not as it must be. */
  readonly found: string;
  readonly problem?: {
    /** false: it may be right when it is needed. */
    readonly isFatal: boolean;
    readonly detail: string;
    readonly nextSteps: readonly string[];
  };
}
