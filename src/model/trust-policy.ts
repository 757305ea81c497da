import type { ApprovalKind } from './approval-kinds.js';
import type { PlanRules } from './plan-rules.js';

/** Who may let what be done; read from a file that whoever makes a plan cannot change. */
export interface TrustPolicy {
  /** metadata.name. */
  readonly name: string;
  /** As it was named, in messages. */
  readonly file: string;
  /** sha256 (hex) of the policy and of its signers. Revoked keys do not count: with more of them it is no laxer. */
  readonly digest: string;
  /** OpenSSH's allowed_signers, as read. */
  readonly signers: Uint8Array;
  /** OpenSSH's list of revoked keys, as read. Absent: none. */
  readonly revoked?: Uint8Array;
  /** Whether a saved plan without a signature may be applied. */
  readonly unsigned: boolean;
  /** Who may sign plans; absent: whom the signers name for that. */
  readonly signedBy?: readonly string[];
  readonly flags: { readonly allowCutover: boolean; readonly autoApprove: boolean };
  /** By name, ids of the clouds that are this environment. Absent: environments are not looked at. */
  readonly environments?: Readonly<Record<string, readonly string[]>>;
  readonly approvals: readonly ApprovalRule[];
  readonly rules: PlanRules;
}

/** What has to be approved, by whom, by how many of them. */
export interface ApprovalRule {
  readonly actions: readonly ApprovalKind[];
  /** Absent: in all. */
  readonly environments?: readonly string[];
  /** Principals of the signers. */
  readonly by: readonly string[];
  readonly count: number;
  /** Whether who signed the plan counts. */
  readonly signerMayApprove: boolean;
  /** How long an approval may be good for; absent: as long as it says. */
  readonly validMs?: number;
}
