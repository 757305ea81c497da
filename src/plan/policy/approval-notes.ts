import type { TrustPolicy } from '../../model/trust-policy.js';
import type { PlanFile } from '../file/plan-file.js';
import { judgeApprovals, type Requirement } from './judge-approvals.js';

/** What has to be approved before a plan that was made just now may be applied, for who reads it. */
export function approvalNotes(plan: PlanFile, trust: TrustPolicy): string[] {
  const nothing = { signature: { sha256: '' }, approvals: [], now: new Date(plan.plan.created_at), begun: [] };
  const { requirements } = judgeApprovals(plan, trust, nothing);
  return requirements.flatMap((requirement) => noteOf(requirement, trust));
}

function noteOf({ kind, rule, isMet }: Requirement, { name }: TrustPolicy): string[] {
  if (rule === undefined) return isMet ? [] : [`trust policy "${name}" lets nobody approve: ${kind}`];
  const whom = rule.count === 1 ? 'an approval' : `${rule.count} approvals`;
  return [`${kind} needs ${whom} of ${rule.by.join(', ')} (trust policy "${name}")`];
}
