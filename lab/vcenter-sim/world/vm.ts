import { MoRef } from '../soap/value.js';
import type { BackingKind, ControllerKind, DiskMode, NicConfig, VmConfig } from '../world-config.js';
import type { CbtMap, FrozenCbt } from './cbt-map.js';
import type { DiskImage } from './disk-image.js';

export type PowerState = 'poweredOn' | 'poweredOff' | 'suspended';

/** What a virtual disk is, apart from its bytes. */
export interface DiskHardware {
  readonly key: number;
  readonly uuid: string;
  readonly controller: ControllerKind;
  readonly bus: number;
  readonly unit: number;
  readonly mode: DiskMode;
  readonly sharing: string;
  readonly sharedBus: string;
  readonly backing: BackingKind;
  readonly thin: boolean;
  readonly datastore: MoRef;
}

/** A disk of the running VM. */
export interface Disk extends DiskHardware {
  readonly image: DiskImage;
  /** `[datastore] dir/file.vmdk` the VM writes to now. */
  fileName: string;
  /** Present while tracking is active. */
  cbt: CbtMap | undefined;
  /** Tracking was switched on while snapshots existed: some writes are silently missed. */
  isCbtIncomplete: boolean;
}

/** A disk as a snapshot holds it. */
export interface FrozenDisk extends DiskHardware {
  readonly imagePath: string;
  readonly capacity: number;
  /** Changes when a snapshot below this one is removed and its files merge. */
  fileName: string;
  readonly cbt: FrozenCbt | undefined;
}

export interface Snapshot {
  readonly ref: MoRef;
  readonly vm: MoRef;
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly createTime: Date;
  readonly state: PowerState;
  readonly isQuiesced: boolean;
  readonly disks: readonly FrozenDisk[];
  /** Memory, processors and the like as they were. */
  readonly settings: VmSettings;
  readonly isCbtWanted: boolean;
  parent: MoRef | undefined;
}

/** The part of the configuration no operation changes, or that is replaced as a whole. */
export interface VmSettings
  extends Required<
    Pick<
      VmConfig,
      | 'firmware'
      | 'secureBoot'
      | 'guestId'
      | 'guestFullName'
      | 'cpus'
      | 'coresPerSocket'
      | 'memoryMb'
      | 'hwVersion'
      | 'bootOrder'
      | 'template'
      | 'faultTolerant'
      | 'encrypted'
      | 'hasTpm'
    >
  > {
  readonly nics: readonly NicConfig[];
}

export interface Vm {
  readonly ref: MoRef;
  readonly config: VmConfig;
  readonly settings: VmSettings;
  readonly instanceUuid: string;
  readonly biosUuid: string;
  readonly datacenter: MoRef;
  readonly folder: MoRef;
  readonly host: MoRef;
  readonly disks: Disk[];
  readonly snapshots: Map<string, Snapshot>;
  /** Newest last. */
  readonly recentTasks: MoRef[];
  name: string;
  power: PowerState;
  isToolsRunning: boolean;
  connectionState: string;
  isCbtWanted: boolean;
  isConsolidationNeeded: boolean;
  question: string | undefined;
  disabledMethods: readonly string[];
  currentSnapshot: MoRef | undefined;
  bootTime: Date | undefined;
  changeVersion: number;
  /** The task that holds the VM, if any. */
  lock: MoRef | undefined;
  /** End of the queue of operations on the disks. */
  queue: Promise<unknown>;
}

/** Runs work on the disks of a VM one piece after the other: a write never falls into the middle of a snapshot. */
export function exclusively<T>(vm: Vm, work: () => Promise<T>): Promise<T> {
  const result = vm.queue.then(work);
  vm.queue = result.catch(() => undefined);
  return result;
}

export const isIndependent = (disk: DiskHardware): boolean => disk.mode.startsWith('independent');

/** Tracking never works for independent and shared disks, physical RDMs and legacy backings. */
export function isTrackable(disk: DiskHardware): boolean {
  if (isIndependent(disk) || disk.sharing !== 'sharingNone' || disk.sharedBus !== 'noSharing') return false;
  return ['flat', 'sesparse', 'sparse', 'rdm-virtual'].includes(disk.backing);
}

const SLOT_PREFIX: Readonly<Record<ControllerKind, string>> = {
  pvscsi: 'scsi',
  lsilogic: 'scsi',
  lsisas: 'scsi',
  buslogic: 'scsi',
  ahci: 'sata',
  nvme: 'nvme',
  ide: 'ide',
};

/** The name of a slot in a VM's extra configuration, such as `scsi0:1`. */
export const slotName = (disk: DiskHardware): string => `${SLOT_PREFIX[disk.controller]}${disk.bus}:${disk.unit}`;

export const virtualMachine = (value: string): MoRef => new MoRef('VirtualMachine', value);
