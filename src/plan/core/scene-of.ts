import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration, ObservedVm } from '../../model/observed.js';
import type { JudgedDisk, Scene } from './scene.js';
import { diskVerdict } from './verdict.js';

/** One migration as it was observed, every disk judged. */
export function sceneOf(
  desired: DesiredMigration,
  observed: ObservedMigration,
  { vm, now }: { readonly vm: ObservedVm; readonly now: Date },
): Scene {
  const disks = vm.disks.map((disk): JudgedDisk => ({ disk, verdict: diskVerdict(disk, desired, observed) }));
  // What the manifest says of the guest goes before what the source says.
  const guest = { ...vm.guest, family: desired.guestFamily ?? vm.guest.family };
  return { desired, observed, vm: { ...vm, guest }, disks, now };
}
