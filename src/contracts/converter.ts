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

/**
 * Makes a synced guest boot on KVM. Implemented by convert/ and lab/sim. All but `discard` and `hasOverlay` throw DiagnosticsError
 * MP8001 to MP8003, too, when a program is missing or too old. The endpoints stay the caller's to close.
 */
export interface Converter {
  /**
   * Looks at volumes and writes nothing. Repeating it is fine.
   * Errors: ConvertError MP2057 when that is not possible. Abort: by the job's signal or that around it, with its reason, when the
   * appliance is gone. Limit: 10 minutes; twice as long where KVM does not work and that is not known yet.
   */
  inspect(job: InspectionJob): Promise<GuestInspection>;
  /**
   * Writes only to the overlays; complete and durable when it resolves. On failure or death the volumes are untouched. Repeating it is
   * fine: overlays that are there are thrown away. `onStage` is told percent from 0 to 100. Closes: `discard` of each overlay.
   * Errors: ConvertError MP7001, or MP2057 when the result cannot be looked at; ProgramTimeout MP6007. No overlay is left then.
   * Abort: by the job's signal or that around it, with its reason, when all programs are gone and the overlays too.
   * Limit: 4 hours for virt-v2v, 10 minutes for the look at the result and for each step with an overlay; twice as long where KVM does
   * not work and that is not known yet.
   */
  convert(job: ConversionJob): Promise<ConversionReport>;
  /**
   * Merges one complete overlay into its volume and flushes. Repeating it after any interruption gives the same bytes.
   * Errors: ConvertError MP7002; ProgramTimeout MP6007. From the first byte on only a repetition leads out.
   * Abort: of the work around it, ends it with the signal's reason, half merged: whoever has begun calls it uninterrupted.
   * Limit: 4 hours for the merge, 10 minutes for the step before it and for the flush.
   */
  commit(disk: ConversionDisk): Promise<void>;
  /**
   * Whether a complete overlay of an earlier run is here, unchanged: all of it is read.
   * Errors: those of the file system. Abort: not felt. Limit: that of reading a local file of some hundred megabytes.
   */
  hasOverlay(overlay: string): Promise<boolean>;
  /**
   * Throws the overlay away; one that is not there is fine.
   * Errors: those of the file system. Abort: not felt. Limit: that of removing two local files.
   */
  discard(overlay: string): Promise<void>;
}
