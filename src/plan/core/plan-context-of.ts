import type { DesiredMigration } from '../../model/desired.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { nicFates } from './destination-nics.js';
import { destinationServer } from './destination-server.js';
import { assessDisk } from './disk-assessment.js';
import { machineTypesOf, wantedImageMetadata } from './image-metadata.js';
import { chooseMachineType, requestedMachineType } from './machine-type.js';
import type { AssessedDisk, PlanContext } from './plan-context.js';

/** One migration as it was observed, every disk judged, and what its server will be, decided once for all who look at it. */
export function planContextOf(
  desired: DesiredMigration,
  observed: ObservedMigration,
  { vm: found, now }: { readonly vm: ObservedVm; readonly now: Date },
): PlanContext {
  const disks = found.disks.map((disk): AssessedDisk => ({ disk, assessment: assessDisk(disk, desired, observed) }));
  // What the manifest says of the guest goes before what the source says.
  const vm = { ...found, guest: { ...found.guest, family: desired.guestFamily ?? found.guest.family } };
  return { desired, observed, vm, disks, ...serverOf(desired, vm, observed), now };
}

function serverOf(desired: DesiredMigration, vm: ObservedVm, observed: ObservedMigration) {
  const { catalog } = observed;
  const nics = nicFates(desired.target, vm, catalog);
  const destination = destinationServer(desired, vm, { catalog, nics });
  const machineType = chooseMachineType(requestedMachineType(desired, vm), machineTypesOf(observed));
  const image = wantedImageMetadata(desired, vm, machineType);
  return { nics, ...(destination === undefined ? {} : { destination }), machineType, image };
}
