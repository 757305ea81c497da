import { type ApprovalKind, approvalKinds } from '../../model/approval-kinds.js';
import { formatSeconds } from '../../model/format.js';
import type { ApprovalRule, TrustPolicy } from '../../model/trust-policy.js';
import { asksFor } from '../core/action-table.js';
import type { PlanFile } from '../file/plan-file.js';
import type { PlannedEntry } from '../file/planned-entry.js';
import type { ApprovalFound, ApprovalStatement, PlanSignature, SignedApproval } from './approval.js';

/** What is needed for one kind of action, and what there is of it. */
export interface Requirement {
  readonly kind: ApprovalKind;
  /** VMs with such actions. */
  readonly addresses: readonly string[];
  /** Absent: no rule names it. */
  readonly rule?: ApprovalRule;
  /** Whose approvals count. */
  readonly approvedBy: readonly string[];
  readonly isMet: boolean;
}

export interface ApprovalsJudged {
  readonly requirements: readonly Requirement[];
  /** Approvals that count for something. */
  readonly counted: readonly SignedApproval[];
  /** The others, each with the reason. */
  readonly ignored: readonly { readonly file: string; readonly why: string }[];
}

export interface Presented {
  readonly signature: PlanSignature;
  readonly approvals: readonly ApprovalFound[];
  readonly now: Date;
  /** VMs that this plan has begun already: what began with approval is finished. */
  readonly begun: readonly string[];
}

/** Clocks of two machines differ by less. */
const CLOCK_SKEW_MAX_MS = 10 * 60_000;

/** Weighs approvals against what the policy asks for what is left of a plan. Pure. */
export function judgeApprovals(plan: PlanFile, trust: TrustPolicy, presented: Presented): ApprovalsJudged {
  const weighed = presented.approvals.map((found) => weighedOf(found, { plan, presented }));
  const counted = weighed.flatMap((one) => ('by' in one ? [one] : []));
  const ignored = weighed.flatMap((one) => ('why' in one ? [one] : []));
  const begun = new Set(presented.begun);
  const open = plan.migrations.filter(({ actions, address }) => actions.length > 0 && !begun.has(address));
  const requirements = approvalKinds.flatMap((kind) =>
    requirementsFor(kind, { trust, environment: plan.inputs.environment, open, counted, signedBy: presented.signature.signedBy }),
  );
  const long = counted.flatMap((one) => tooLong(one, requirements));
  const countsForNothing = ({ file, by }: SignedApproval): boolean =>
    long.some((one) => one.file === file) && !requirements.some(({ approvedBy }) => approvedBy.includes(by));
  return { requirements, counted: counted.filter((one) => !countsForNothing(one)), ignored: [...ignored, ...long] };
}

/** One that is good for longer than a rule takes counts for nothing there, and whoever gave it does not see why. */
function tooLong({ by, file, statement }: SignedApproval, requirements: readonly Requirement[]): { file: string; why: string }[] {
  const isGood = formatSeconds(lengthMs(statement) / 1000);
  return requirements.flatMap(({ kind, rule }) =>
    rule === undefined || !rule.by.includes(by) || !statement.actions.includes(kind) || fitsRule(statement, rule)
      ? []
      : [{ file, why: `the approval of ${by} is good for ${isGood}, and for ${kind} at most ${mostOf(rule)} are taken` }],
  );
}

const mostOf = ({ validMs = 0 }: ApprovalRule): string => formatSeconds(validMs / 1000);

const lengthMs = ({ approved_at: from, expires_at: to }: ApprovalStatement): number => Date.parse(to) - Date.parse(from);

const fitsRule = (statement: ApprovalStatement, { validMs }: ApprovalRule): boolean =>
  validMs === undefined || lengthMs(statement) <= validMs;

interface Weighing {
  readonly plan: PlanFile;
  readonly presented: Presented;
}

function weighedOf(found: ApprovalFound, weighing: Weighing): ApprovalFound {
  if ('why' in found) return found;
  const why = whyNot(found.statement, weighing);
  return why === undefined ? found : { file: found.file, why: `the approval of ${found.by} ${why}` };
}

function whyNot(statement: ApprovalStatement, { plan, presented: { signature, now } }: Weighing): string | undefined {
  const { plan: of, environment, approved_at: approved, expires_at: expires } = statement;
  if (of.sha256 !== signature.sha256) return `is for another plan (${of.id})`;
  if (of.digest !== plan.digest || of.id !== plan.plan.id) return 'does not say what plan it is for';
  if (environment !== plan.inputs.environment)
    return `is for ${environment === undefined ? 'no environment' : `environment "${environment}"`}`;
  if (Date.parse(approved) > now.getTime() + CLOCK_SKEW_MAX_MS)
    return `was given at ${approved}, and here it is ${now.toISOString()}`;
  return now >= new Date(expires) ? `was good until ${expires}` : undefined;
}

interface Asking {
  readonly trust: TrustPolicy;
  readonly environment: string | undefined;
  readonly open: readonly PlannedEntry[];
  readonly counted: readonly SignedApproval[];
  readonly signedBy: string | undefined;
}

function requirementsFor(kind: ApprovalKind, asking: Asking): Requirement[] {
  const addresses = asking.open.filter(({ actions }) => asksFor(actions).includes(kind)).map(({ address }) => address);
  if (addresses.length === 0) return [];
  const rules = rulesFor(kind, asking.trust, asking.environment);
  // Nobody has to approve what no rule names; a cutover nobody can.
  if (rules.length === 0) return [{ kind, addresses, approvedBy: [], isMet: kind !== 'cutover' }];
  return rules.map((rule) => {
    const approvedBy = approversOf(rule, kind, asking);
    return { kind, addresses, rule, approvedBy, isMet: approvedBy.length >= rule.count };
  });
}

/** Rules that name a kind of action in an environment. */
export const rulesFor = (kind: ApprovalKind, { approvals }: TrustPolicy, environment: string | undefined): ApprovalRule[] =>
  approvals.filter(
    ({ actions, environments }) =>
      actions.includes(kind) && (environments === undefined || (environment !== undefined && environments.includes(environment))),
  );

/** People, each once, however many keys they have. */
function approversOf(rule: ApprovalRule, kind: ApprovalKind, { counted, signedBy }: Asking): string[] {
  const given = counted.filter(
    ({ by, statement }) =>
      rule.by.includes(by) &&
      statement.actions.includes(kind) &&
      (rule.signerMayApprove || by !== signedBy) &&
      fitsRule(statement, rule),
  );
  return [...new Set(given.map(({ by }) => by))].sort();
}
