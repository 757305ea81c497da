import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { assessDisk } from './disk-assessment.js';
import type { AssessedDisk, PlanContext } from './plan-context.js';

/** One migration as it was observed, every disk judged. */
export function planContextOf(
  desired: DesiredMigration,
  observed: ObservedMigration,
  { vm, now }: { readonly vm: ObservedVm; readonly now: Date },
): PlanContext {
  const disks = vm.disks.map((disk): AssessedDisk => ({ disk, assessment: assessDisk(disk, desired, observed) }));
  // What the manifest says of the guest goes before what the source says.
  const guest = { ...vm.guest, family: desired.guestFamily ?? vm.guest.family };
  return { desired, observed, vm: { ...vm, guest }, disks, now };
}
