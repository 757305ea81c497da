import { isIrreversible } from '../core/action-table.js';
import { makePlanFile, type PlanFile } from './plan-file.js';
import type { PlannedEntry } from './planned-entry.js';

/** What of a plan may be done by who approved nothing in particular, and the VMs that this leaves: what cannot be undone is theirs. */
export interface Divided {
  readonly plan: PlanFile;
  readonly left: readonly PlannedEntry[];
}

/** The same plan for the other VMs: what remains says by its selection what it leaves out. */
export function withoutCutovers(plan: PlanFile): Divided {
  const left = plan.migrations.filter(({ actions }) => actions.some(isIrreversible));
  if (left.length === 0) return { plan, left };
  const { inputs, targets, notes = [], tool } = plan;
  const header = {
    id: plan.plan.id,
    createdAt: plan.plan.created_at,
    createdBy: plan.plan.created_by,
    version: tool.migplan_version,
    configDigest: inputs.config_digest,
    files: inputs.files,
    targets,
    selected: [...inputs.selected, ...left.map(({ address }) => `!${address}`)],
    notes,
    ...(inputs.settings === undefined ? {} : { settings: inputs.settings }),
    ...(inputs.environment === undefined ? {} : { environment: inputs.environment }),
    ...(inputs.trust === undefined ? {} : { trust: inputs.trust }),
    ...(plan.violations === undefined ? {} : { violations: plan.violations }),
  };
  return {
    plan: makePlanFile(
      header,
      plan.migrations.filter(({ actions }) => !actions.some(isIrreversible)),
    ),
    left,
  };
}
