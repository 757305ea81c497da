import type { PlanContext } from '../core/plan-context.js';
import { isServerMade } from '../core/server-wanted.js';
import type { TargetProblem } from '../core/target-problem.js';
import { bootDisk } from '../cutover/disk-order.js';

/**
 * One VM becomes one server. One that is there before anything was converted has an earlier copy: the cutover would make none of the
 * new one, and the source would be off for nothing.
 */
export function earlierServer(context: PlanContext): TargetProblem[] {
  const { desired, observed } = context;
  const { server } = observed;
  if (!desired.cutover || desired.target.server === undefined || server === undefined || !isServerMade(server)) return [];
  const { assessment } = bootDisk(context);
  if (assessment.kind === 'converted' || assessment.kind === 'committing') return [];
  return [
    {
      code: 'MP2087',
      detail: `server ${server.name} (${server.id}) is ${server.status} and was made of an earlier copy of this VM: this cutover would make none`,
      nextSteps: [`if that server is not needed any more: openstack server delete ${server.id}`],
      field: 'spec.target.server',
    },
  ];
}
