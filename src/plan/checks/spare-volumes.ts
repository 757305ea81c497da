import type { PlanContext } from '../core/plan-context.js';
import type { TargetProblem } from '../core/target-problem.js';

/** They take quota and stand in nobody's way. */
export const spareVolumes = ({ desired, observed: { spareVolumes = {} } }: PlanContext): TargetProblem[] =>
  Object.entries(spareVolumes).flatMap(([key, spares]) =>
    spares.map(({ id }) => ({
      code: 'MP2015',
      severity: 'warning',
      address: `${desired.address}/disk/${key}`,
      detail: `volume ${id} was made for this disk, too, by a run that ended before the cloud answered; it holds nothing and is not used`,
      nextSteps: [`delete it: openstack volume delete ${id}`],
    })),
  );
