import type { Diagnostic } from '../../diag/diagnostic.js';
import { own } from '../../model/own.js';
import type { PlanRules } from '../../model/plan-rules.js';

/** Rules as they are called in files, and in messages. */
export type RuleName = 'environment' | 'phases' | 'cutovers' | 'delta' | 'windows' | 'freezes' | 'command';

type Said = Pick<Diagnostic, 'address' | 'detail' | 'lines' | 'nextSteps'>;

/** Who can let it be done all the same. */
export const allowedBy = ({ of }: PlanRules, rule: RuleName, isLast: boolean): string =>
  isLast
    ? `or have it allowed by whoever may change policy.${rule} of ${of}`
    : `have it allowed by whoever may change policy.${rule} of ${of}`;

/** A broken rule: what breaks it, and last of the next steps who can allow it. */
export function violation(rules: PlanRules, rule: RuleName, { detail, nextSteps = [], ...rest }: Said): Diagnostic {
  const source = own(rules.places, rule);
  return {
    severity: 'error',
    code: 'MP3020',
    ...rest,
    detail: `rule "${rule}" of ${rules.of}: ${detail}`,
    nextSteps: [...nextSteps, allowedBy(rules, rule, nextSteps.length > 0)],
    ...(source === undefined ? {} : { source }),
  };
}
