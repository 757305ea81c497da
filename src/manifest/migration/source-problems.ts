import type { Diagnostic } from '../../diag/diagnostic.js';
import type { Located } from '../base/located.js';
import { problem } from '../base/problem.js';
import type { ResolvedSpec } from '../schema/migration-shape.js';

/** What a VMware source needs and an OpenStack one does not, and the other way round. The selector tells which is meant. */
export function sourceKindProblems({ source, target }: ResolvedSpec, located: Located): Diagnostic[] {
  if (source.server !== undefined) return [];
  const server = target.server;
  return [
    ...(source.rehearsal === true ? [rehearsalOfVmware(located)] : []),
    ...(server !== undefined && server.flavor === undefined ? [missing('flavor', located)] : []),
    ...(server !== undefined && server.networks === undefined && target.mapping?.networks === undefined
      ? [missing('networks', located)]
      : []),
  ];
}

const rehearsalOfVmware = (located: Located): Diagnostic =>
  problem('MP1010', located.rangeOf(['spec', 'source', 'rehearsal']), {
    detail: 'source.rehearsal is for servers of an OpenStack cloud; a VMware VM keeps running in phase seed and sync anyway',
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
