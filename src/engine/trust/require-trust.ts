import type { ApprovalRules } from '../../apply/time-rules.js';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { exitCodes } from '../../diag/exit-codes.js';
import type { TrustPolicy } from '../../model/trust-policy.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import type { ApprovalFound, PlanSignature } from '../../plan/policy/approval.js';
import { type ApprovalsJudged, judgeApprovals } from '../../plan/policy/judge-approvals.js';
import { approvalRefusals, environmentRefusals } from '../../plan/policy/trust-refusals.js';

/** A plan with all that is known of who stands for it. */
export interface Vouched {
  readonly trust: TrustPolicy;
  readonly signature: PlanSignature;
  readonly approvals: readonly ApprovalFound[];
}

export interface TrustAsked {
  readonly now: Date;
  readonly begun: readonly string[];
  /** --allow-cutover was given, or is still to be asked for at the terminal. */
  readonly allowCutover: boolean;
}

export interface TrustVerdict extends ApprovalsJudged {
  /** Empty: the policy lets the plan be applied. */
  readonly refusals: DiagnosticsError['diagnostics'];
  /** Whether approvals cover what cannot be undone, so that no flag is needed. */
  readonly coversCutover: boolean;
}

/** Whether the policy lets a plan be applied now, with all that it lacks. */
export function judgeTrust(plan: PlanFile, { trust, signature, approvals }: Vouched, asked: TrustAsked): TrustVerdict {
  const judged = judgeApprovals(plan, trust, { signature, approvals, now: asked.now, begun: asked.begun });
  const mayFlag = asked.allowCutover && trust.flags.allowCutover;
  const lacking = judged.requirements.filter(({ isMet, kind }) => !isMet && !(kind === 'cutover' && mayFlag));
  return {
    ...judged,
    refusals: [...environmentRefusals(plan, trust), ...approvalRefusals(lacking, trust)],
    coversCutover: judged.requirements.every(({ kind, isMet }) => kind !== 'cutover' || isMet),
  };
}

/** Throws DiagnosticsError, with the exit code of a refused plan and all that is lacking, unless the policy lets it be applied. */
export function requireTrust(plan: PlanFile, vouched: Vouched, asked: TrustAsked): TrustVerdict {
  const verdict = judgeTrust(plan, vouched, asked);
  if (verdict.refusals.length > 0) throw new DiagnosticsError(verdict.refusals, { exit: exitCodes.planRefused });
  return verdict;
}

/**
 * For whoever asks before a VM is begun, an hour or a day after the plan was let through: what the policy asks for that VM has to
 * hold at that moment.
 */
export function approvalRulesOf(
  plan: PlanFile,
  vouched: Vouched,
  { allowCutover }: Pick<TrustAsked, 'allowCutover'>,
): ApprovalRules {
  const byAddress = new Map(plan.migrations.map((one) => [one.address, one]));
  return (address, now) => {
    const one = byAddress.get(address);
    const alone = { ...plan, migrations: one === undefined ? [] : [one] };
    const { refusals, ignored } = judgeTrust(alone, vouched, { now, allowCutover, begun: [] });
    return refusals.map((refusal) => ({ ...refusal, address, lines: ignored.map(({ why }) => why) }));
  };
}
