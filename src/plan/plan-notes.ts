import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import { machineTypeChoice, machineTypesOf } from './image-metadata.js';

/** Sentences about the plan as a whole. What concerns every VM alike is said once. */
export function planNotes(
  planned: readonly { readonly desired: DesiredMigration; readonly observed: ObservedMigration }[],
): string[] {
  const unchecked = new Map<string, Set<string>>();
  for (const { desired, observed } of planned) {
    if (observed.source.kind !== 'found') continue;
    const choice = machineTypeChoice(desired, observed.source.vm, machineTypesOf(observed));
    if (choice.kind !== 'written' || choice.checked) continue;
    const { provider } = desired.target;
    unchecked.set(provider, (unchecked.get(provider) ?? new Set()).add(choice.type));
  }
  return [...unchecked].map(
    ([provider, types]) =>
      `Machine types (${[...types].sort().join(', ')}) were not checked: nothing is known of those that ${provider} has. ` +
      `Name its release or machineTypes in the Project, or run: migplan doctor --probe-machine-types --provider ${provider}`,
  );
}
