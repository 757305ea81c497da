import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { TargetCatalog } from '../../model/observed-target.js';
import type { Blocker } from '../core/blocker.js';
import { blockerDiagnostic } from '../core/plan-context.js';
import type { MigrationPlan } from '../plan-migration.js';
import { plus, type Resources, resourcesOf, roomIn } from './resources.js';

export interface PlannedMigration {
  readonly desired: DesiredMigration;
  readonly plan: MigrationPlan;
  readonly catalog: TargetCatalog;
  readonly observed?: Pick<ObservedMigration, 'targetProject'>;
}

/** Two names of one project share its room and its networks. */
export const projectOf = ({ desired, observed }: PlannedMigration): string => observed?.targetProject ?? desired.target.provider;

/**
 * Room in the target is summed over the whole plan, in order: a migration that would not fit any more is blocked before
 * anything is created. So is one whose volumes the cloud makes in no size that large.
 */
export function blockOverQuota(planned: readonly PlannedMigration[]): MigrationPlan[] {
  const used = new Map<string, Resources>();
  return planned.map((migration) => {
    const { desired, plan, catalog } = migration;
    const needs = resourcesOf(plan, catalog);
    if (needs.size === 0) return plan;
    const { provider } = desired.target;
    const project = projectOf(migration);
    const after = plus(used.get(project) ?? new Map(), needs);
    const why = [...tooLarge(plan, catalog), ...exceeded(needs, after, roomIn(catalog))];
    if (why.length === 0) {
      used.set(project, after);
      return plan;
    }
    return blocked(desired, plan, {
      code: 'MP2019',
      detail: `${provider}: ${why.join('; ')}`,
      nextSteps: ['have the quota raised', 'or migrate fewer VMs at a time: migplan plan --target vm/NAME'],
      field: 'spec.target',
    });
  });
}

/** The same plan with nothing to do and the reason. */
export function blocked(desired: DesiredMigration, plan: MigrationPlan, blocker: Blocker): MigrationPlan {
  const diagnostics = [...plan.diagnostics, blockerDiagnostic(desired, desired.address, blocker)];
  return { ...plan, actions: [], diagnostics, notes: [] };
}

function tooLarge({ actions }: MigrationPlan, { quota: { perVolumeGigabytes } }: TargetCatalog): string[] {
  const sizes = actions.flatMap((action) => (action.kind === 'create-volume' ? [action.sizeGiB] : []));
  const largest = Math.max(0, ...sizes);
  if (perVolumeGigabytes === undefined || perVolumeGigabytes < 0 || largest <= perVolumeGigabytes) return [];
  return [`a volume may have ${perVolumeGigabytes} GiB and ${largest} GiB are needed`];
}

/** Only what this migration takes: what others used up is not its fault. */
export function exceeded(needs: Resources, after: Resources, room: Resources): string[] {
  return [...needs].flatMap(([what, amount]) => {
    const left = room.get(what);
    const total = after.get(what) ?? 0;
    return left === undefined || amount === 0 || total <= left
      ? []
      : [`the plan needs ${total} ${what} and the quota leaves ${left}`];
  });
}
