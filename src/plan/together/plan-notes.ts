import type { DesiredMigration } from '../../model/desired.js';
import { plural } from '../../model/format.js';
import type { RecordedVolume } from '../../model/observed-target.js';
import type { MigrationPlan } from '../plan-migration.js';

/** Sentences about the plan as a whole. What concerns every VM alike is said once. */
export function planNotes(planned: readonly { readonly desired: DesiredMigration; readonly plan: MigrationPlan }[]): string[] {
  const unchecked = new Map<string, Set<string>>();
  for (const { desired, plan } of planned) {
    if (plan.uncheckedMachineType === undefined) continue;
    const { provider } = desired.target;
    unchecked.set(provider, (unchecked.get(provider) ?? new Set()).add(plan.uncheckedMachineType));
  }
  return [...unchecked].map(
    ([provider, types]) =>
      `Machine types (${[...types].sort().join(', ')}) were not checked: nothing is known of those that ${provider} has. ` +
      `Name its release or machineTypes in the Project, or run: migplan doctor --probe-machine-types --provider ${provider}`,
  );
}

const NAMED_MAX = 10;
/** web-9 before web-10. */
const byNumber = new Intl.Collator('en', { numeric: true });

/** Of a manifest that was taken away, or has another target now, the volumes are still there, cost money, and are told nowhere else. */
export function unclaimedNotes(unclaimed: ReadonlyMap<string, readonly RecordedVolume[]>): string[] {
  return [...unclaimed].flatMap(([provider, volumes]) => {
    if (volumes.length === 0) return [];
    const names = volumes
      .map(({ volume: { id, name } }) => `${name} (${id})`)
      .sort(byNumber.compare)
      .slice(0, NAMED_MAX);
    const more = volumes.length > NAMED_MAX ? ` and ${volumes.length - NAMED_MAX} more` : '';
    return [
      `${provider} has ${plural(volumes.length, 'volume')} of VMs that no manifest sends there: ${names.join(', ')}${more}. ` +
        'migplan leaves them alone: give their VMs a manifest with this target, or delete them',
    ];
  });
}
