import { catalog } from '../../../diag/catalog.js';
import type { Diagnostic } from '../../../diag/diagnostic.js';
import type { PlanFile } from '../../../plan/file/plan-file.js';
import { placeText } from '../../diagnostic-text.js';
import { type EqualDiagnostics, equalDiagnostics, named } from '../equal-diagnostics.js';
import { violationGroups } from '../violations.js';
import { code, folded } from './markdown-words.js';
import type { Rung } from './rungs.js';

/** Never folded: whoever waits for such a VM has to see it. */
export function blockedText({ migrations }: PlanFile, rung: Rung): string[] {
  const groups = equalDiagnostics(migrations, 'error');
  return groups.length === 0 ? [] : [['**Blocked**', '', ...listed(groups, rung)].join('\n')];
}

/** Never folded: the plan cannot be applied as long as it breaks one. */
export function violationsText(plan: PlanFile, rung: Rung): string[] {
  const groups = violationGroups(plan);
  return groups.length === 0 ? [] : [['**Rules that it breaks**', '', ...listed(groups, rung)].join('\n')];
}

export function warningsText({ migrations }: PlanFile, rung: Rung): string[] {
  const groups = equalDiagnostics(migrations, 'warning');
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { addresses }) => sum + addresses.length, 0);
  const kinds = groups.length === count ? '' : ` of ${groups.length} kinds`;
  return [folded(`${count} warning${count === 1 ? '' : 's'}${kinds}`, listed(groups, rung).join('\n'))];
}

function listed(groups: readonly EqualDiagnostics[], rung: Rung): string[] {
  const left = groups.length - rung.groups;
  return [...groups.slice(0, rung.groups).map((group) => item(group, rung)), ...(left > 0 ? [`- and ${left} more`] : [])];
}

function item({ first, addresses }: EqualDiagnostics, { characters }: Rung): string {
  const { code: number, detail, nextSteps = [] } = first;
  const whose = named(addresses.map((address) => code(address, characters)));
  const count = addresses.length === 1 ? '' : ` (${addresses.length} times)`;
  const steps = nextSteps.slice(0, 4).map((step) => `  - ${code(step, characters * 3)}`);
  return [
    `- ${catalog[number]} (${number})${count}: ${whose}${placeOf(first, characters)}  `,
    `  ${code(detail, characters * 4)}`,
    ...steps,
  ].join('\n');
}

const placeOf = ({ source }: Diagnostic, characters: number): string =>
  source === undefined ? '' : `, ${code(placeText(source), characters)}`;
