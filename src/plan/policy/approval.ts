import type { ApprovalKind } from '../../model/approval-kinds.js';

/** What somebody who approves signs, as JSON. */
export interface ApprovalStatement {
  readonly format_version: string;
  readonly kind: 'MigrationPlanApproval';
  /** sha256 (hex): of the exact bytes of the plan's file. id and digest are those of the plan. */
  readonly plan: { readonly sha256: string; readonly id: string; readonly digest: string };
  /** Absent: the plan names none. */
  readonly environment?: string;
  readonly actions: readonly ApprovalKind[];
  readonly approved_at: string;
  readonly expires_at: string;
}

/** A statement whose signature is good. */
export interface SignedApproval {
  /** How its file is called. */
  readonly file: string;
  /** Principal of the signers. */
  readonly by: string;
  readonly statement: ApprovalStatement;
}

/** What a file among the approvals came to. */
export type ApprovalFound = SignedApproval | { readonly file: string; readonly why: string };

/** What is known of a saved plan's file before it is believed. */
export interface PlanSignature {
  /** sha256 (hex) of its bytes. */
  readonly sha256: string;
  /** Principal of the signers; absent: it is not signed. */
  readonly signedBy?: string;
}
