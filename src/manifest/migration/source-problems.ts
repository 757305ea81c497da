import type { Diagnostic } from '../../diag/diagnostic.js';
import { isProviderType, rowOfType, selectorFields, typesWithSelector } from '../../model/provider-types.js';
import type { Located } from '../base/located.js';
import { problem } from '../base/problem.js';
import type { ProjectScope } from '../project/project-scope.js';
import type { ResolvedSpec } from '../schema/migration-shape.js';

/** What a source does not tell, and a manifest has to say; and what cannot be asked of it. */
export function sourceKindProblems({ source, target }: ResolvedSpec, located: Located, scope: ProjectScope): Diagnostic[] {
  const row = rowOf(source, scope);
  if (row === undefined) return [];
  const { server, mapping } = target;
  const { tells } = row;
  return [
    ...(source.rehearsal === true && !row.rehearses ? [notRehearsed(located)] : []),
    ...(server !== undefined && server.flavor === undefined && !tells.flavor ? [missing('flavor', located)] : []),
    ...(server !== undefined && server.networks === undefined && mapping?.networks === undefined && !tells.networks
      ? [missing('networks', located)]
      : []),
  ];
}

/** Of the provider's type; while that is not known, of a type that names its VMs so. */
function rowOf(source: ResolvedSpec['source'], { providers }: ProjectScope) {
  const selector = selectorFields.find((field) => source[field] !== undefined);
  const fitting = selector === undefined ? [] : typesWithSelector(selector);
  const type = providers?.get(source.provider)?.type;
  const found = isProviderType(type) && fitting.includes(type) ? type : fitting[0];
  return found === undefined ? undefined : rowOfType(found);
}

const notRehearsed = (located: Located): Diagnostic =>
  problem('MP1010', located.rangeOf(['spec', 'source', 'rehearsal']), {
    detail: 'source.rehearsal is for servers of an OpenStack cloud; phase seed and sync leave any other VM as it is',
    nextSteps: ['Remove rehearsal, and write phase: seed or phase: sync'],
  });

const needed = {
  flavor: { meaning: 'name or id of a Nova flavor', example: 'flavor: m1.large' },
  networks: {
    meaning: 'one entry for each NIC of the source VM, in its order, unless target.mapping.networks names its port groups',
    example: 'networks: [prod-lan]',
  },
} as const;

const missing = (field: keyof typeof needed, located: Located): Diagnostic =>
  problem('MP1003', located.keyRangeOf(['spec', 'target', 'server']), {
    detail: `target.server.${field} is missing (${needed[field].meaning})`,
    nextSteps: [
      `Add target.server.${field}, for example: ${needed[field].example} (here, or for all manifests in spec.defaults of the Project)`,
    ],
  });
