import type { ProviderType } from '../model/provider-types.js';

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
