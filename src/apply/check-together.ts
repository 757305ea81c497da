import { type Diagnostic, hasErrors } from '../diag/diagnostic.js';
import { judgeTogether } from '../plan/together/judge-together.js';
import type { SourcePlanned } from '../plan/together/source-room.js';

interface Judging {
  /** Addresses of those that an earlier run of the plan began: they go on as far as they can, and take their room before the others. */
  readonly begun: ReadonlySet<string>;
  /** VMs that are worked on at the same time. */
  readonly parallelism: number;
  /** Disks of one VM that are copied at the same time. */
  readonly transfers: number;
}

/**
 * What stands in the way of all that is left of a plan, looked at together, of those that have not begun: one by one each would find
 * the room that another takes. What is wrong with one alone is not told.
 */
export function checkTogether(fresh: readonly SourcePlanned[], { begun, ...numbers }: Judging): Diagnostic[] {
  const hasBegun = ({ desired }: SourcePlanned): boolean => begun.has(desired.address);
  const left = fresh.filter(({ plan }) => !hasErrors(plan.diagnostics));
  const queue = [...left.filter(hasBegun), ...left.filter((one) => !hasBegun(one))];
  const judged = judgeTogether(queue, { ...numbers, isChosen: true });
  return judged.flatMap(({ diagnostics }, index) => {
    if (hasBegun(queue[index]!)) return [];
    const found = diagnostics.filter(({ severity }) => severity === 'error');
    return found.map((one) => ({ ...one, detail: `${one.detail}; nothing was changed` }));
  });
}
