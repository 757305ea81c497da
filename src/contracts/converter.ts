import type { DiskKey } from '../model/ids.js';
import type { NbdEndpoint } from './data-plane.js';

export interface ConversionDisk {
  readonly key: DiskKey;
  readonly endpoint: NbdEndpoint;
  /** Absolute path of the qcow2 overlay, on durable storage. */
  readonly overlay: string;
}

export interface ConversionJob {
  readonly name: string;
  readonly firmware: 'bios' | 'efi';
  readonly guestFamily: 'windows' | 'linux' | 'other';
  /** Boot disk first. */
  readonly disks: readonly ConversionDisk[];
  /** The system to convert, as an inspection names it. */
  readonly root: string;
  /** Private folder for logs and temporary data. */
  readonly folder: string;
  readonly onStage?: (stage: string, percent: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * What the converter says of the guest it made. Every field decides something: apply/judge-conversion.ts does not compile
 * without an answer to each.
 */
export interface ConversionReport {
  /** What the guest can boot from. emulated: no virtio driver could be installed; unknown: nothing was said. */
  readonly disk: 'virtio' | 'emulated' | 'unknown';
  /** What its network interface must be. */
  readonly network: 'virtio' | 'emulated';
  /** uefi: a BIOS does not boot it. */
  readonly firmware: 'uefi' | 'any';
  readonly warnings: readonly string[];
  /** The disks as they are now: what the server would boot. */
  readonly guest: GuestInspection;
}

export interface InspectionJob {
  /** Boot disk first. */
  readonly disks: readonly Pick<ConversionDisk, 'key' | 'endpoint'>[];
  readonly signal?: AbortSignal;
}

/** What is on the disks of a guest. Every field decides something: apply/judge-guest.ts does not compile without. */
export interface GuestInspection {
  /** In the order given. */
  readonly disks: readonly InspectedDisk[];
  /** All that could be found without a key. */
  readonly systems: readonly InspectedSystem[];
}

export interface InspectedDisk {
  readonly key: DiskKey;
  /** Whether a BIOS finds something to boot. */
  readonly bios: boolean;
  /** Whether there is an EFI system partition. */
  readonly efi: boolean;
  readonly encrypted: readonly ('LUKS' | 'BitLocker')[];
  /** Of its NTFS file systems. dirty: Windows wants to check it. */
  readonly windows: readonly ('hibernated' | 'dirty')[];
}

export interface InspectedSystem {
  /** Its root file system as virt-v2v calls it: /dev/sda2, /dev/vg/root. */
  readonly root: string;
  readonly family: 'windows' | 'linux' | 'other';
  readonly name: string;
  /** The disks that its file systems lie on; empty when that could not be told. */
  readonly disks: readonly DiskKey[];
}

/** Makes a synced guest boot on KVM. Implemented by convert/ and lab/sim. */
export interface Converter {
  /** Looks at volumes and writes nothing. ConvertError MP2057 when that is not possible. */
  inspect(job: InspectionJob): Promise<GuestInspection>;
  /** Writes only to the overlays; complete and durable when it resolves. On failure or death the volumes are untouched. */
  convert(job: ConversionJob): Promise<ConversionReport>;
  /** Merges one complete overlay into its volume and flushes. Repeating it after any interruption gives the same bytes. */
  commit(disk: ConversionDisk): Promise<void>;
  /** Whether a complete overlay of an earlier run is here. */
  hasOverlay(overlay: string): Promise<boolean>;
  /** Throws the overlay away; one that is not there is fine. */
  discard(overlay: string): Promise<void>;
}
