import type { Diagnostic } from '../../diag/diagnostic.js';
import type { PlanRules } from '../../model/plan-rules.js';
import type { PlannedEntry } from '../file/planned-entry.js';
import { firstAllowed, freezeAt, type Times } from './allowed-times.js';
import type { RuleMoment } from './rule-moment.js';
import { violation } from './violation.js';

/** Rules about time. What can wait for its time while the plan may be applied breaks none when the plan is made. */
export function timeViolations(open: readonly PlannedEntry[], rules: PlanRules, moment: RuleMoment): Diagnostic[] {
  if (moment.kind === 'applied') return forbiddenAt(rules, moment.now, moment.expires);
  const times = timesOf(rules);
  if (times === undefined) return [];
  const first = firstAllowed(times, moment.now, moment.expires);
  return first === undefined ? [neverOpen(rules, moment)] : open.flatMap((entry) => neverMet(entry, { rules, times, moment }));
}

/** What rules have against changing anything at `now`. What is begun in time may last longer than until `expires`. */
export function forbiddenAt(rules: PlanRules, now: Date, expires: Date): Diagnostic[] {
  const times = timesOf(rules);
  if (times === undefined) return [];
  const first = firstAllowed(times, now, now > expires ? now : expires);
  return first?.getTime() === now.getTime() ? [] : [closedNow(rules, now, first)];
}

function timesOf({ windows, freezes }: PlanRules): Times | undefined {
  if (windows === undefined && freezes === undefined) return undefined;
  return { ...(windows === undefined ? {} : { windows }), ...(freezes === undefined ? {} : { freezes }) };
}

function closedNow(rules: PlanRules, now: Date, first: Date | undefined): Diagnostic {
  const frozen = freezeAt(rules.freezes ?? [], now);
  const again =
    first === undefined ? 'make a new plan when it may be applied' : `run the same plan again from ${first.toISOString()} on`;
  return frozen === undefined
    ? violation(rules, 'windows', { detail: 'none of its windows is open now', nextSteps: [again] })
    : violation(rules, 'freezes', { detail: `"${frozen.name}" lasts until ${frozen.end}`, nextSteps: [again] });
}

function neverOpen(rules: PlanRules, { now, expires }: RuleMoment): Diagnostic {
  const detail = `nothing may be changed before the plan expires (${expires.toISOString()})`;
  const frozen = freezeAt(rules.freezes ?? [], now);
  const name = frozen === undefined ? '' : `: "${frozen.name}" lasts until ${frozen.end}`;
  return violation(rules, frozen === undefined ? 'windows' : 'freezes', { detail: `${detail}${name}` });
}

interface Meeting {
  readonly rules: PlanRules;
  readonly times: Times;
  readonly moment: RuleMoment;
}

/** A VM whose own window opens only when nothing may be changed. */
function neverMet({ address, window }: PlannedEntry, { rules, times, moment: { now, expires } }: Meeting): Diagnostic[] {
  if (window === undefined || firstAllowed({ own: window }, now, expires) === undefined) return [];
  if (firstAllowed({ ...times, own: window }, now, expires) !== undefined) return [];
  const detail = `its window does not open when something may be changed before the plan expires (${expires.toISOString()})`;
  return [violation(rules, rules.windows === undefined ? 'freezes' : 'windows', { address, detail })];
}
