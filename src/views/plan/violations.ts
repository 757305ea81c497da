import type { PlanFile } from '../../plan/file/plan-file.js';
import type { EqualDiagnostics } from './equal-diagnostics.js';

/** What is broken by no VM, but by all of them together. */
const WHOLE = 'the plan';

/** Rules that a plan breaks; of several VMs in the same words, once. In the order of the plan. */
export function violationGroups({ violations = [] }: PlanFile): EqualDiagnostics[] {
  const groups = new Map<string, { first: EqualDiagnostics['first']; addresses: Set<string> }>();
  for (const violation of violations) {
    const { code, detail, lines = [], nextSteps = [], address = WHOLE } = violation;
    const key = [code, detail, ...lines, '', ...nextSteps].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: violation, addresses: new Set([address]) });
    else group.addresses.add(address);
  }
  return [...groups.values()].map(({ first, addresses }) => ({ first, addresses: [...addresses] }));
}
