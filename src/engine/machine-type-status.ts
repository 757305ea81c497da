import type { DesiredMigration } from '../model/desired.js';
import type { ObservedMigration } from '../model/observed.js';
import type { ObservedVm } from '../model/observed-source.js';
import { requestedMachineType } from '../plan/core/machine-type.js';

/** One VM's machine type at every place where it can be read; `-` where it cannot, or is not. */
export interface MachineTypeStatus {
  readonly address: string;
  /** hwMachineType of the manifest. */
  readonly declared: string;
  /** What the source has: its own type, or what its firmware stands for. */
  readonly captured: string;
  /** hw_machine_type in the image metadata of the boot volume. */
  readonly volume: string;
  /** Name and status of the server. */
  readonly server: string;
  /** What can be said of the server's hardware from outside. */
  readonly said: string;
}

/** What is declared, captured, written, and can be told of the server, of one migration. */
export function machineTypeStatus(desired: DesiredMigration, observed: ObservedMigration): MachineTypeStatus {
  const { source, server } = observed;
  const { address, hwMachineType: declared } = desired;
  if (source.kind !== 'found') return { address, declared, captured: source.kind, volume: '-', server: '-', said: '-' };
  const volume = bootVolumeType(observed, source.vm);
  return {
    address,
    declared,
    captured: capturedType(desired, source.vm),
    volume,
    server: server === undefined ? '-' : `${server.name} (${server.status})`,
    said: server === undefined ? '-' : serverType(volume),
  };
}

/** A guest that is converted had no machine type: there it is the firmware that says which one it knows. */
function capturedType(desired: DesiredMigration, vm: ObservedVm): string {
  const preserved = requestedMachineType({ ...desired, hwMachineType: 'preserve' }, vm);
  if (vm.traits.conversion === 'none') return preserved ?? '(none recorded)';
  return `${preserved} (${vm.firmware === 'efi' ? 'UEFI' : 'BIOS'})`;
}

function bootVolumeType({ volumes }: ObservedMigration, { bootDisk, disks }: ObservedVm): string {
  const boot = disks.find(({ key }) => key === bootDisk) ?? disks[0];
  const volume = boot === undefined ? undefined : volumes[String(boot.key)]?.[0];
  if (volume === undefined) return '-';
  return volume.imageMetadata['hw_machine_type'] ?? "(none: the cloud's default)";
}

/** Asked for is all that can be read back. */
const serverType = (volume: string): string =>
  volume === '-' || volume.startsWith('(')
    ? "not readable; the cloud's default when it was made"
    : `not readable; asked for: ${volume}`;
