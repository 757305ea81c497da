import type { DesiredMigration } from '../../model/desired.js';
import { emulatedImageMetadata, virtioImageMetadata } from '../../model/guest-hardware.js';
import { type MachineTypeKnowledge, nothingKnown } from '../../model/machine-types/knowledge.js';
import { machineFamily } from '../../model/machine-types/machine-type.js';
import type { ObservedMigration } from '../../model/observed.js';
import type { ObservedVm } from '../../model/observed-source.js';
import { own } from '../../model/own.js';
import { addableImageMetadata, portableImageMetadata } from '../../model/portable-image-metadata.js';
import { type MachineTypeChoice, recordedMachineType } from './machine-type.js';

/** The image metadata keys migplan writes and therefore owns; everything else on the volume is left alone. */
export const ownedImageKeys = ['hw_machine_type', 'hw_firmware_type', 'os_secure_boot', 'os_type'] as const;

/** What is known of the target's machine types. */
export const machineTypesOf = ({ machineTypes = nothingKnown }: ObservedMigration): MachineTypeKnowledge => machineTypes;

/**
 * What the boot volume should say so that the server gets the hardware the guest knows: what follows from the guest and its
 * firmware, over it what a source cloud recorded and travels, over that what the manifest adds. The machine type is chosen
 * apart: it may be mapped.
 */
export function wantedImageMetadata(
  desired: DesiredMigration,
  vm: ObservedVm,
  choice: MachineTypeChoice,
): Record<string, string> {
  const { hw_machine_type: _, ...recorded } = portableImageMetadata(vm.openstackGuest?.imageMetadata ?? {});
  return {
    ...(choice.kind === 'written' ? { hw_machine_type: choice.type } : {}),
    ...(vm.firmware === 'efi' ? { hw_firmware_type: 'uefi' } : {}),
    ...(vm.firmware === 'efi' && vm.secureBoot ? { os_secure_boot: 'required' } : {}),
    ...(vm.guest.family === 'other' ? {} : { os_type: vm.guest.family }),
    ...recorded,
    ...hardwareMetadata(desired, choice),
    ...addableImageMetadata(desired.target.imageMetadata ?? {}),
  };
}

/** Only what the manifest asks for by name: without a word the destination's default applies, which is virtio. */
function hardwareMetadata({ target: { hardware } }: DesiredMigration, choice: MachineTypeChoice): Record<string, string> {
  if (hardware === undefined) return {};
  switch (hardware) {
    case 'virtio':
      return virtioImageMetadata;
    case 'emulated':
      return emulatedImageMetadata(choice.kind === 'written' && machineFamily(choice.type) === 'pc' ? 'pc' : undefined);
  }
}

/**
 * A reason why the hardware asked for cannot be put together. Nova finds these at boot only: UEFI has no firmware for i440fx
 * there, Secure Boot needs UEFI and q35's SMM, and q35 has no IDE controller ("IDE controllers are unsupported for this QEMU
 * binary or machine type"). What another cloud ran is not doubted.
 */
export function hardwareConflict(
  { type, bus }: { readonly type: string; readonly bus: string | undefined },
  vm: ObservedVm,
): string | undefined {
  const { firmware, secureBoot } = vm;
  const family = machineFamily(type);
  if (firmware === 'efi' && family !== 'q35' && recordedMachineType(vm) !== type) {
    const why = secureBoot ? 'boots by UEFI with Secure Boot' : 'boots by UEFI';
    return `the source ${why}, which needs a q35 machine type, and hwMachineType is "${type}"`;
  }
  if (bus === 'ide' && family === 'q35') return `hw_disk_bus is "ide", and "${type}" is a q35 type, which has no IDE controller`;
  return undefined;
}

export interface ImageMetadataChange {
  readonly set: Record<string, string>;
  readonly unset: string[];
  /** Values of the keys in `set` and `unset` as they are now. */
  readonly before: Record<string, string>;
}

/** undefined: nothing differs among the keys we own and those the manifest names. */
export function imageMetadataChange(
  wanted: Readonly<Record<string, string>>,
  current: Readonly<Record<string, string>>,
): ImageMetadataChange | undefined {
  const set = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => own(current, key) !== value));
  const unset = ownedImageKeys.filter((key) => !Object.hasOwn(wanted, key) && Object.hasOwn(current, key));
  const touched = [...Object.keys(set), ...unset];
  if (touched.length === 0) return undefined;
  return {
    set,
    unset,
    before: Object.fromEntries(touched.filter((key) => Object.hasOwn(current, key)).map((key) => [key, own(current, key)!])),
  };
}
