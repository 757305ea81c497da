import type { ChangeId } from './change-id.js';
import type { AddressPair } from './desired.js';
import type { AttachmentId, DiskKey, ServerId, SnapshotRef, VmRef, VolumeId } from './ids.js';
import type { MachineTypeKnowledge } from './machine-types/knowledge.js';
import type { SourceTraits } from './source-traits.js';
import type { RecordParseResult } from './sync-record.js';

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
  | { readonly kind: 'not-found'; readonly nearest: readonly string[] }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] };

export interface ObservedAttachment {
  readonly id: AttachmentId;
  /** Undefined: made through the Attachments API without a server, as migplan does. */
  readonly server?: ServerId;
}

export interface ObservedVolume {
  readonly id: VolumeId;
  readonly name: string;
  /** Cinder's word: available, in-use, reserved, creating, error ... */
  readonly status: string;
  /** Bytes. */
  readonly size: number;
  readonly type: string;
  readonly encrypted: boolean;
  readonly bootable: boolean;
  readonly reading: RecordParseResult;
  readonly imageMetadata: Readonly<Record<string, string>>;
  readonly attachments: readonly ObservedAttachment[];
}

/** A volume with a record of ours. */
export interface RecordedVolume {
  readonly volume: ObservedVolume;
  /** Instance UUID of its VM, as the record has it. */
  readonly vm: string;
  readonly disk: DiskKey;
}

export interface ObservedServer {
  readonly id: ServerId;
  readonly name: string;
  /** Nova's word: ACTIVE, BUILD, ERROR, SHUTOFF ... */
  readonly status: string;
  readonly fault?: string;
  /** Absent: nothing is known of it. */
  readonly make?: ServerMake;
}

/** What a server is made of, as Nova shows it; its ports are in the catalog. Absent: Nova does not tell. */
export interface ServerMake {
  /** Name, or id where Nova is older than 2.47. */
  readonly flavor?: string;
  readonly availabilityZone?: string;
  /** '' when it has none. */
  readonly keyName?: string;
  /** Names; of all ports together. */
  readonly securityGroups?: readonly string[];
}

/** Names a manifest may refer to, and room left. Absent fields: the cloud did not say. */
export interface TargetCatalog {
  readonly flavors: readonly string[];
  /** Names and ids. */
  readonly networks: readonly string[];
  readonly volumeTypes: readonly string[];
  /** Of volumes: Cinder's. */
  readonly availabilityZones: readonly string[];
  /** Of servers: Nova's, which may be called otherwise. Absent: the cloud did not say. */
  readonly serverZones?: readonly string[];
  readonly quota: {
    readonly volumesLeft?: number;
    readonly gigabytesLeft?: number;
    readonly perVolumeGigabytes?: number;
    /** By volume type: Cinder counts these besides the totals. */
    readonly volumesLeftByType?: Readonly<Record<string, number>>;
    readonly gigabytesLeftByType?: Readonly<Record<string, number>>;
    readonly snapshotsLeft?: number;
    readonly snapshotsLeftByType?: Readonly<Record<string, number>>;
    readonly instancesLeft?: number;
    readonly coresLeft?: number;
    readonly ramMiBLeft?: number;
    readonly portsLeft?: number;
    /** Items of metadata that Nova keeps of one server. */
    readonly serverMetadataMax?: number;
  };
  /** More on what the lists above name; absent as they are empty. */
  readonly flavorSizes?: readonly FlavorSize[];
  readonly networkDetails?: readonly NetworkDetails[];
  readonly volumeTypeTraits?: readonly VolumeTypeTraits[];
  /** Names and ids of this project's groups. */
  readonly securityGroups?: readonly string[];
  /** The same, one by one. */
  readonly securityGroupDetails?: readonly { readonly id: string; readonly name: string }[];
  /** Names of the user's key pairs. Absent: the cloud did not say. */
  readonly keyPairs?: readonly string[];
  /** Addresses of the project's ports. */
  readonly ports?: readonly ObservedPort[];
  /** What servers can be made with. Absent: everything. */
  readonly servers?: ServerTraits;
}

export interface ServerTraits {
  /** Tags given when a server is made (Nova 2.52). */
  readonly tags: boolean;
  /** Ports without an address. */
  readonly portsWithoutAddress: boolean;
}

export interface FlavorSize {
  readonly id: string;
  readonly name: string;
  readonly cpus: number;
  readonly memoryMiB: number;
}

export interface NetworkDetails {
  readonly id: string;
  readonly name: string;
  /** Whether MAC and fixed IP of a port may be chosen there: by default the network's owner and administrators may. */
  readonly mayChooseAddresses: boolean;
  /** CIDR of each subnet; absent: the role may not read them. */
  readonly subnets?: readonly string[];
  /** Those of them whose addresses follow from the MAC address (SLAAC): every port has one, and none can be chosen. */
  readonly automaticSubnets?: readonly string[];
}

export interface VolumeTypeTraits {
  readonly id: string;
  readonly name: string;
  /** What a volume gets that names no type. */
  readonly isDefault: boolean;
  /** As far as the role may know: from the type, or from a volume of it. */
  readonly encrypted: boolean;
  readonly multiattach: boolean;
}

export interface ObservedPort {
  readonly id: string;
  readonly network: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  /** The server it hangs on. */
  readonly server?: ServerId;
  /** Free text; migplan writes there whose port it is. The name, where the cloud has no descriptions. */
  readonly description: string;
}

/** One finished delta. `seconds`: how long it took; `intervalSeconds`: since the sync before. */
export interface DeltaSample {
  readonly bytes: number;
  readonly seconds?: number;
  readonly intervalSeconds: number;
}

/** What was found on this machine of earlier runs of the same VM. */
export interface ObservedLocal {
  /** Attachments that a dead run of ours may have left, by id. */
  readonly ownAttachments: readonly AttachmentId[];
  /** Snapshots that a dead run of ours left. */
  readonly ownSnapshots: readonly SnapshotRef[];
  /** Runs that began on this VM and did not reach their end: their volumes are ours to continue, whatever cbtSync says. */
  readonly unfinishedRuns: readonly string[];
  /** Runs whose complete conversion overlays are here. */
  readonly overlayRuns: readonly string[];
  /** As LocalState has it: what is here of earlier runs was copied, and none of it is counted above. */
  readonly copied?: string;
  /** Bytes and seconds of earlier deltas, newest first, by disk key: what an estimate is made from. */
  readonly deltaHistory: Readonly<Record<string, readonly DeltaSample[]>>;
  /** ISO time of the last commit, by disk key. */
  readonly lastSync: Readonly<Record<string, string>>;
}

/** The server that volumes are attached to, seen from one migration. */
export interface ObservedConversionHost {
  readonly server: ServerId;
  readonly name: string;
  /** Volumes that it takes at the same time. */
  readonly volumesMax: number;
  /** Attached to it, and not by a migration: its own disks, say. */
  readonly otherVolumes: number;
}

/** What reading takes in an old cloud has to find room there. */
export interface ObservedSourceRoom {
  readonly quota: TargetCatalog['quota'];
  /** The server that volumes made of the snapshots are attached to. Absent: snapshots are read where they are. */
  readonly host?: ObservedConversionHost;
}

/** Everything the planner may know of one migration, read in one pass. Plain data. */
export interface ObservedMigration {
  readonly source: VmLookup;
  /** Volumes that hold, or claim to hold, each disk; by disk key as text. */
  readonly volumes: Readonly<Record<string, readonly ObservedVolume[]>>;
  readonly server?: ObservedServer;
  readonly catalog: TargetCatalog;
  /** What is known of the target's machine types; absent: nothing. */
  readonly machineTypes?: MachineTypeKnowledge;
  /** Absent: volumes are written without a server. */
  readonly conversionHost?: ObservedConversionHost;
  /** Absent: reading takes nothing there. */
  readonly sourceRoom?: ObservedSourceRoom;
  readonly local: ObservedLocal;
}
