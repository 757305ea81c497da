import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Networks and security groups may share a name; which of them is meant nobody can tell. An id goes before a name. */
export function ambiguousNames({ desired, nics: fates, destination, observed: { catalog } }: PlanContext): TargetProblem[] {
  const { networkDetails = [], securityGroupDetails = [] } = catalog;
  if (destination === undefined) return [];
  const groups = new Set(destination.nics.flatMap(({ securityGroups = [] }) => securityGroups));
  const { provider } = desired.target;
  const several = (what: string, wanted: string, known: readonly Named[], field: string): TargetProblem[] => {
    const found = known.filter(({ name }) => name === wanted);
    if (found.length < 2 || known.some(({ id }) => id === wanted)) return [];
    const ids = found.map(({ id }) => id);
    const detail = `${provider} has ${found.length} ${what} "${wanted}": ${ids.join(', ')}`;
    return [{ code: 'MP2070', detail, nextSteps: ['write the id of the one that is meant'], field }];
  };
  return [
    ...fates.flatMap(({ becomes, field }) =>
      typeof becomes === 'string' ? [] : several('networks', becomes.network, networkDetails, field),
    ),
    ...[...groups].flatMap((group) =>
      several('security groups', group, securityGroupDetails, 'spec.target.server.securityGroups'),
    ),
  ];
}
