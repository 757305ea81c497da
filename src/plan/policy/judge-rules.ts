import type { Diagnostic } from '../../diag/diagnostic.js';
import { formatBytes } from '../../model/format.js';
import { own } from '../../model/own.js';
import type { PlanRules } from '../../model/plan-rules.js';
import type { Action } from '../core/action.js';
import { copiesOf, isIrreversible } from '../core/action-table.js';
import type { PlannedEntry } from '../file/planned-entry.js';
import { timeViolations } from './judge-times.js';
import type { RuleMoment } from './rule-moment.js';
import { violation } from './violation.js';

export interface Judged {
  /** Of VMs for which something is to be done yet. */
  readonly entries: readonly PlannedEntry[];
  /** What the plan says it is for. */
  readonly environment: string | undefined;
}

/** What of a plan breaks the built-in rules; empty when none is broken. Each names rule, object, and who can allow it. */
export function judgeRules(judged: Judged, rules: PlanRules, moment: RuleMoment): Diagnostic[] {
  const open = judged.entries.filter(({ actions }) => actions.length > 0);
  if (open.length === 0) return [];
  return [
    ...environmentViolations(judged, rules),
    ...phaseViolations(open, judged.environment, rules),
    ...cutoverViolations(open, rules),
    ...open.flatMap((entry) => deltaViolations(entry, rules)),
    ...timeViolations(open, rules, moment),
  ];
}

function environmentViolations({ environment }: Judged, rules: PlanRules): Diagnostic[] {
  if (rules.environment === undefined || rules.environment === environment) return [];
  return [
    violation(rules, 'environment', {
      detail: `the plan is for ${environmentText(environment)}, and has to be for "${rules.environment}"`,
    }),
  ];
}

const environmentText = (name: string | undefined): string => (name === undefined ? 'no environment' : `"${name}"`);

function phaseViolations(open: readonly PlannedEntry[], environment: string | undefined, rules: PlanRules): Diagnostic[] {
  const { phases } = rules;
  if (phases === undefined) return [];
  const allowed = environment === undefined ? [] : (own(phases, environment) ?? []);
  return open
    .filter(({ phase }) => !allowed.includes(phase))
    .map(({ address, phase }) =>
      violation(rules, 'phases', {
        address,
        detail: `its phase is ${phase}, and ${environmentText(environment)} takes ${allowed.length === 0 ? 'none' : `only ${allowed.join(', ')}`}`,
      }),
    );
}

function cutoverViolations(open: readonly PlannedEntry[], rules: PlanRules): Diagnostic[] {
  const cutovers = open.filter(({ actions }) => actions.some(isIrreversible));
  if (rules.cutovers === undefined || cutovers.length <= rules.cutovers) return [];
  return [
    violation(rules, 'cutovers', {
      detail: `${cutovers.length} VMs would be cut over, and one plan may cut over ${rules.cutovers}`,
      lines: [`VMs: ${namesOf(cutovers)}`],
      nextSteps: ['make plans of fewer VMs: migplan plan --target vm/NAME --out plan.json'],
    }),
  ];
}

const NAMED_MAX = 20;
const namesOf = (entries: readonly PlannedEntry[]): string => {
  const more = entries.length - NAMED_MAX;
  const named = entries.slice(0, NAMED_MAX).map(({ address }) => address);
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

/** How long a delta is shows only when it is copied: what can be held to is the limit at which apply stops. */
function deltaViolations({ address, actions }: PlannedEntry, rules: PlanRules): Diagnostic[] {
  const { deltaBytes: most } = rules;
  if (most === undefined) return [];
  const deltas = new Map(actions.flatMap(deltasOf).map((delta) => [delta.disk, delta]));
  return [...deltas.values()].flatMap(({ disk, limitBytes, forecast }) => {
    const expected = 'bytes' in forecast ? forecast.bytes : 0;
    if (limitBytes !== undefined && limitBytes <= most && expected <= most) return [];
    const limit = limitBytes === undefined ? 'has no limit' : `may have ${formatBytes(limitBytes)}`;
    const told = expected > most ? `is expected to have ${formatBytes(expected)}` : limit;
    return [
      violation(rules, 'delta', {
        address,
        detail: `the delta of disk ${disk} ${told}, and ${formatBytes(most)} is the most`,
        nextSteps: ['set limits.delta of the manifest, or of spec.defaults for all, and make a new plan'],
      }),
    ];
  });
}

const deltasOf = (action: Action) => copiesOf(action).flatMap((disk) => (disk.mode === 'delta' ? [disk] : []));
