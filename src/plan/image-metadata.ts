import type { DesiredMigration } from '../model/desired.js';
import type { ObservedVm } from '../model/observed.js';
import { portableImageMetadata } from '../model/portable-image-metadata.js';

/** The image metadata keys migplan writes and therefore owns; everything else on the volume is left alone. */
export const ownedImageKeys = ['hw_machine_type', 'hw_firmware_type', 'os_secure_boot', 'os_type'] as const;

const isQ35 = (machineType: string): boolean => /(^|-)q35(-|$)/.test(machineType);

/** What the boot volume should say so that the server gets the hardware the guest knows. */
export function wantedImageMetadata(desired: DesiredMigration, vm: ObservedVm): Record<string, string> {
  const machineType = wantedMachineType(desired, vm);
  const { hw_machine_type: _, ...carried } = portableImageMetadata(vm.cloud?.imageMetadata ?? {});
  return {
    ...carried,
    ...(machineType === undefined ? {} : { hw_machine_type: machineType }),
    ...(vm.firmware === 'efi' ? { hw_firmware_type: 'uefi' } : {}),
    ...(vm.firmware === 'efi' && vm.secureBoot ? { os_secure_boot: 'required' } : {}),
    ...(vm.guest.family === 'other' ? {} : { os_type: vm.guest.family }),
    ...desired.target.imageMetadata,
  };
}

/** undefined: nothing is written and the destination's default applies. */
export function wantedMachineType({ hwMachineType }: DesiredMigration, { firmware, cloud }: ObservedVm): string | undefined {
  if (hwMachineType === 'default') return undefined;
  if (hwMachineType === 'preserve' && cloud !== undefined) return cloud.machineType?.value;
  if (hwMachineType === 'preserve') return firmware === 'efi' ? 'q35' : 'pc';
  return hwMachineType;
}

/**
 * A reason when UEFI is asked to boot on i440fx, which no release of QEMU's OVMF supports in Nova. What another cloud ran is
 * not doubted.
 */
export function machineTypeConflict(desired: DesiredMigration, vm: ObservedVm): string | undefined {
  const machineType = wantedMachineType(desired, vm);
  if (machineType === undefined || vm.firmware !== 'efi' || isQ35(machineType)) return undefined;
  if (machineType === vm.cloud?.machineType?.value) return undefined;
  return `the source boots by UEFI, which needs a q35 machine type, and hwMachineType is "${machineType}"`;
}

export interface ImageMetadataChange {
  readonly set: Record<string, string>;
  readonly unset: string[];
  /** Values of the keys in `set` and `unset` as they are now. */
  readonly before: Record<string, string>;
}

/** undefined: nothing differs among the keys we own. */
export function imageMetadataChange(
  wanted: Readonly<Record<string, string>>,
  current: Readonly<Record<string, string>>,
): ImageMetadataChange | undefined {
  const set = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => current[key] !== value));
  const unset = ownedImageKeys.filter((key) => !(key in wanted) && key in current);
  const touched = [...Object.keys(set), ...unset];
  if (touched.length === 0) return undefined;
  return { set, unset, before: Object.fromEntries(touched.filter((key) => key in current).map((key) => [key, current[key]!])) };
}
