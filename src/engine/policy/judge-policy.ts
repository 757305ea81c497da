import type { TimeRules } from '../../apply/time-rules.js';
import { type Diagnostic, DiagnosticsError } from '../../diag/diagnostic.js';
import { exitCodes } from '../../diag/exit-codes.js';
import type { PlanRules } from '../../model/plan-rules.js';
import type { TrustPolicy } from '../../model/trust-policy.js';
import type { PlanFile } from '../../plan/file/plan-file.js';
import { judgeRules } from '../../plan/policy/judge-rules.js';
import { forbiddenAt } from '../../plan/policy/judge-times.js';
import type { RuleMoment } from '../../plan/policy/rule-moment.js';
import type { Runtime } from '../../runtime.js';
import { askPolicyCommand } from './policy-command.js';

export interface PolicyAsked {
  /** Of the Project and, where there is one, of the trust policy. */
  readonly rules: readonly PlanRules[];
  readonly kind: RuleMoment['kind'];
  readonly now: Date;
  /** VMs that this plan has begun already: they are finished. */
  readonly begun: readonly string[];
}

/** Whose rules a plan is held to. */
export const rulesOf = ({ project }: Runtime, trust: TrustPolicy | undefined): PlanRules[] => [
  project.rules,
  ...(trust === undefined ? [] : [trust.rules]),
];

/** For whoever asks while a plan is applied: a freeze may begin meanwhile, and a window of the rules close. */
export const timeRulesOf =
  ({ plan }: PlanFile, rules: readonly PlanRules[]): TimeRules =>
  (now) =>
    rules.flatMap((of) => forbiddenAt(of, now, new Date(plan.expires_at)));

/** All that a plan breaks of the rules. Programs are asked only about a plan that does something. */
export async function policyViolations(plan: PlanFile, { rules, kind, now, begun }: PolicyAsked): Promise<Diagnostic[]> {
  const isBegun = new Set(begun);
  const entries = plan.migrations.filter(({ actions, address }) => actions.length > 0 && !isBegun.has(address));
  if (entries.length === 0) return [];
  const moment: RuleMoment = { kind, now, expires: new Date(plan.plan.expires_at) };
  const judged = { entries, environment: plan.inputs.environment };
  const found: Diagnostic[] = [];
  for (const of of rules) found.push(...judgeRules(judged, of, moment), ...(await askPolicyCommand(plan, of)));
  return found;
}

/** Throws DiagnosticsError, with the exit code of a refused plan, where a rule is broken now. */
export async function requirePolicy(plan: PlanFile, asked: Omit<PolicyAsked, 'kind'>): Promise<void> {
  const broken = await policyViolations(plan, { ...asked, kind: 'applied' });
  if (broken.length === 0) return;
  throw new DiagnosticsError(
    broken.map((one) => ({ ...one, detail: `${one.detail}; nothing was changed` })),
    { exit: exitCodes.planRefused },
  );
}
