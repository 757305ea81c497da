import type { DesiredMigration } from '../model/desired.js';
import type { TargetCatalog } from '../model/observed.js';
import type { MigrationPlan } from './plan-migration.js';
import { blockerDiagnostic } from './scene.js';

export interface PlannedMigration {
  readonly desired: DesiredMigration;
  readonly plan: MigrationPlan;
  readonly catalog: TargetCatalog;
}

/**
 * Room in the target is summed over the whole plan, in order: a migration that would not fit any more is blocked before
 * anything is created.
 */
export function blockOverQuota(planned: readonly PlannedMigration[]): MigrationPlan[] {
  const used = new Map<string, { volumes: number; gigabytes: number }>();
  return planned.map(({ desired, plan, catalog: { quota } }) => {
    const created = plan.actions.flatMap((action) => (action.kind === 'create-volume' ? [action] : []));
    if (created.length === 0) return plan;
    const { provider } = desired.target;
    const before = used.get(provider) ?? { volumes: 0, gigabytes: 0 };
    const after = {
      volumes: before.volumes + created.length,
      gigabytes: before.gigabytes + created.reduce((sum, { sizeGiB }) => sum + sizeGiB, 0),
    };
    const largest = Math.max(...created.map(({ sizeGiB }) => sizeGiB));
    const why = exceeded(after, largest, quota);
    if (why === undefined) {
      used.set(provider, after);
      return plan;
    }
    const blocker = blockerDiagnostic(desired, desired.address, {
      code: 'MP2019',
      detail: `${provider}: ${why}`,
      nextSteps: ['have the quota raised', 'or migrate fewer VMs at a time: migplan plan --target vm/NAME'],
      field: 'spec.target',
    });
    return { ...plan, actions: [], diagnostics: [...plan.diagnostics, blocker], notes: [] };
  });
}

function exceeded(
  needed: { volumes: number; gigabytes: number },
  largest: number,
  { volumesLeft, gigabytesLeft, perVolumeGigabytes }: TargetCatalog['quota'],
): string | undefined {
  if (perVolumeGigabytes !== undefined && perVolumeGigabytes >= 0 && largest > perVolumeGigabytes) {
    return `a volume may have ${perVolumeGigabytes} GiB and ${largest} GiB are needed`;
  }
  if (volumesLeft !== undefined && needed.volumes > volumesLeft) {
    return `the plan needs ${needed.volumes} new volumes and the quota leaves ${Math.max(0, volumesLeft)}`;
  }
  if (gigabytesLeft !== undefined && needed.gigabytes > gigabytesLeft) {
    return `the plan needs ${needed.gigabytes} GiB of volumes and the quota leaves ${Math.max(0, gigabytesLeft)} GiB`;
  }
  return undefined;
}
