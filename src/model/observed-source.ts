import type { ChangeId } from './change-id.js';
import type { AddressPair } from './desired.js';
import type { DiskKey, SnapshotRef, VmRef, VolumeId } from './ids.js';
import type { SourceTraits } from './source-traits.js';

export type PowerState = 'on' | 'off' | 'suspended';

/** Where a disk hangs: guest disk order follows bus, controller number, unit. */
export interface DiskSlot {
  readonly bus: 'scsi' | 'sata' | 'nvme' | 'ide' | 'other';
  readonly controller: number;
  readonly unit: number;
}

export interface ObservedDisk {
  readonly key: DiskKey;
  readonly label: string;
  /** Backing uuid; with the VM's instanceUuid the disk's identity. '' when the backing has none. */
  readonly uuid: string;
  /** Bytes. */
  readonly capacity: number;
  readonly slot: DiskSlot;
  /** false: the disk is independent and no snapshot freezes it. */
  readonly inSnapshots: boolean;
  /** Why the disk cannot be read at all (physical RDM, shared, legacy backing); undefined when it can. */
  readonly unsupported?: string;
  /** Of a volume in an OpenStack cloud: absent when it is reached, or nobody can tell before it is opened. */
  readonly outOfReach?: VolumeReach;
  /**
   * Change id of the moving disk: only its epoch says something; absent when tracking is not active. Of a source without tracking:
   * names what the disk holds, and is another one when that may have changed; absent when the source cannot tell.
   */
  readonly changeId?: ChangeId;
}

/** Why a volume's bytes cannot be reached with the access that the Project gives. */
export type VolumeReach =
  /** Its attachment does not say where they are. */
  | { readonly kind: 'not-told' }
  /** On Ceph, for which there are no settings. */
  | { readonly kind: 'no-rbd' }
  /** A file or device of its storage host, below no folder that is named. */
  | { readonly kind: 'folder'; readonly path: string }
  /** Cinder's word for another kind of storage: `fibre_channel`, `iscsi` ... */
  | { readonly kind: 'driver'; readonly driver: string };

export interface ObservedSnapshot {
  readonly ref: SnapshotRef;
  readonly name: string;
  readonly description: string;
  readonly createdAt: string;
  readonly parent?: SnapshotRef;
  /** Disks whose tracking it froze. Absent: the source does not tell. */
  readonly trackedDisks?: readonly DiskKey[];
}

/** What tells whether a VM can have been reverted, and how far back its tracking reaches. */
export interface VmHistory {
  readonly snapshots: readonly ObservedSnapshot[];
  readonly currentSnapshot?: SnapshotRef;
  /** ISO time of the last power-on; absent while it is off. */
  readonly bootTime?: string;
}

export interface ObservedNic {
  readonly key: number;
  /** '' when it has none. */
  readonly mac: string;
  readonly network: string;
  readonly model: string;
  /** As vSphere shows it: `Network adapter 1`. */
  readonly label?: string;
  /** Fixed addresses, as far as the source knows them. */
  readonly addresses?: readonly string[];
  /** What VMware Tools told of the running guest: they may be fixed inside the guest, or leased. */
  readonly guestAddresses?: readonly string[];
  /** false: it is not plugged in when the VM starts. */
  readonly connected?: boolean;
  /** What an OpenStack cloud knows of a server besides. To copy, not to decide by: that is what `traits` are for. */
  readonly port?: CloudPort;
}

/** What only a port of Neutron has. */
export interface CloudPort {
  /** Names; the id of one whose name cannot be read. */
  readonly securityGroups: readonly string[];
  readonly allowedAddressPairs: readonly AddressPair[];
  readonly portSecurity: boolean;
}

/** One volume of a server in an OpenStack cloud, beyond what every disk has. */
export interface CloudVolume {
  readonly disk: DiskKey;
  readonly id: VolumeId;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly availabilityZone: string;
  readonly bootable: boolean;
  /** Such as `/dev/vda`. */
  readonly device: string;
  readonly imageMetadata: Readonly<Record<string, string>>;
  /** What its owners noted on it, as far as every cloud takes it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * What only a server of an OpenStack cloud has.
 */
export interface OpenStackGuest {
  readonly flavor: string;
  readonly keyName?: string;
  readonly availabilityZone?: string;
  /** Of all ports together. */
  readonly securityGroups: readonly string[];
  readonly description?: string;
  /** What its owners noted on the server. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** Properties the guest was built with: the boot volume's, completed by its image's where those still exist. */
  readonly imageMetadata: Readonly<Record<string, string>>;
  /** hw_machine_type among them, and where it was found. Absent: nobody recorded one. */
  readonly machineType?: { readonly value: string; readonly from: 'volume' | 'image' | 'server' };
  /** In guest order. */
  readonly volumes: readonly CloudVolume[];
}

export interface ObservedVm extends VmHistory {
  readonly ref: VmRef;
  readonly name: string;
  readonly instanceUuid: string;
  readonly power: PowerState;
  /** Reasons in plain words why no snapshot can be taken or the VM must not be touched; empty when it can. */
  readonly obstacles: readonly string[];
  readonly firmware: 'bios' | 'efi';
  readonly secureBoot: boolean;
  readonly guest: { readonly id: string; readonly fullName: string; readonly family: 'windows' | 'linux' | 'other' };
  readonly toolsRunning: boolean;
  readonly traits: SourceTraits;
  /** QEMU's name of the machine that the guest ran on, where the source says one and is no OpenStack cloud, which notes its own. */
  readonly machineType?: string;
  readonly cbt: { readonly supported: boolean; readonly enabled: boolean };
  /** The host it runs on, as far as the account may know it. */
  readonly host?: { readonly name: string; readonly version: string; readonly build: number };
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly nics: readonly ObservedNic[];
  /** In guest order. */
  readonly disks: readonly ObservedDisk[];
  readonly bootDisk?: DiskKey;
  /** boot-volume: the source calls it that. default: no boot order names a disk, and bootDisk is the first that the firmware would try. */
  readonly bootDiskFrom?: 'boot-order' | 'boot-volume' | 'default';
  /** Present when the source is an OpenStack cloud. */
  readonly openstackGuest?: OpenStackGuest;
  /** What the source has that no migration carries over, in a fixed order. */
  readonly leftBehind?: readonly NotCarried[];
}

/** One property of a source that the target will not have, or will have another value of. */
export interface NotCarried {
  /** Whose it is: `server`, `nic 0`, `disk 2000`. */
  readonly of: string;
  /** As the source calls it: `config_drive`. */
  readonly property: string;
  /** What the source has. Foreign text. */
  readonly value: string;
  /** What that means, or what to do. */
  readonly note?: string;
}

export type VmLookup =
  | { readonly kind: 'found'; readonly vm: ObservedVm }
  | {
      readonly kind: 'not-found';
      readonly nearest: readonly string[];
      /** What to check where nothing is near, imperative. */
      readonly check: string;
    }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] };
