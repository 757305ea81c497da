/** The simulated vCenter, as one JSON document. Every default is in `world/defaults.ts` or beside the reader of the field. */
export interface WorldConfig {
  /** Seeds every random choice: ids, prefixes, page sizes, noise in answers. Default 1. */
  readonly seed?: number;
  readonly vcenter?: VcenterConfig;
  readonly users: readonly UserConfig[];
  readonly sessions?: SessionConfig;
  readonly soap?: SoapConfig;
  readonly cbt?: CbtConfig;
  readonly snapshots?: SnapshotConfig;
  readonly datacenters: readonly DatacenterConfig[];
}

export interface VcenterConfig {
  readonly instanceUuid?: string;
  readonly version?: string;
  readonly build?: string;
  readonly apiVersion?: string;
}

export interface UserConfig {
  readonly name: string;
  readonly password: string;
  /** Privileges the user lacks, such as `VirtualMachine.State.CreateSnapshot`. Default none. */
  readonly deniedPrivileges?: readonly string[];
  /** What the user may do where. Default: all of it everywhere. A place without any is not there for the user. */
  readonly permissions?: readonly PermissionConfig[];
  /** Paths of properties that the user may not read, such as `config.extraConfig`. Default none. */
  readonly unreadableProperties?: readonly string[];
}

export interface PermissionConfig {
  /** Path in the inventory, such as `/DC1/vm/erp` or `/DC1/datastore/ds1`; `/` is the root folder. */
  readonly on: string;
  /** The role, without the `System.*` privileges that every role has. */
  readonly privileges: readonly string[];
  /** Whether it holds for what lies below, unless a nearer one does. Default true. */
  readonly propagate?: boolean;
}

export interface SessionConfig {
  /** Logins beyond this number are answered with HTTP 503. Default 100. */
  readonly limit?: number;
}

export interface SoapConfig {
  /** The server pages by itself at random sizes up to this number. Default 100. */
  readonly pageMax?: number;
}

export interface CbtConfig {
  /** A window ends after this many areas. Default 2000. */
  readonly maxExtents?: number;
  /** A window never crosses a multiple of this, so that windows without any area occur. Default: none. */
  readonly windowBytes?: number;
  readonly shuffle?: boolean;
  /** Areas that overlap their neighbours, or reach past the end of the disk. */
  readonly overlap?: boolean;
  /** Share of unchanged blocks that are reported as changed. Default 0. */
  readonly falsePositives?: number;
  /** What a query with an id of another epoch, or from an abandoned future, gives. Default `InvalidArgument`. */
  readonly mismatch?: 'FileFault' | 'InvalidArgument';
  readonly onRevert?: 'new-epoch' | 'keep';
}

export interface SnapshotConfig {
  /** Every successful removal leaves consolidationNeeded. Default false. */
  readonly leavesConsolidation?: boolean;
}

export interface DatacenterConfig {
  readonly name: string;
  readonly moref?: string;
  readonly hosts?: readonly HostConfig[];
  readonly datastores?: readonly DatastoreConfig[];
  readonly networks?: readonly NetworkConfig[];
  readonly vms: readonly VmConfig[];
}

export interface HostConfig {
  readonly name: string;
  readonly moref?: string;
  readonly version?: string;
  readonly build?: string;
  readonly connectionState?: string;
}

export interface DatastoreConfig {
  readonly name: string;
  readonly moref?: string;
  /** VMFS, NFS, NFS41, vsan, VVOL. Default VMFS. */
  readonly type?: string;
  readonly capacityBytes?: number;
  readonly freeBytes?: number;
}

export interface NetworkConfig {
  readonly name: string;
  readonly moref?: string;
  /** Default `standard`. `opaque` is an NSX-T segment. */
  readonly kind?: 'standard' | 'distributed' | 'opaque';
}

export interface VmConfig {
  readonly name: string;
  readonly moref?: string;
  /** Path of folders below the datacenter's vm folder, names separated by "/". Made when missing. Default: none. */
  readonly folder?: string;
  readonly instanceUuid?: string;
  readonly biosUuid?: string;
  /** Default `poweredOn`. */
  readonly power?: 'poweredOn' | 'poweredOff' | 'suspended';
  readonly connectionState?: 'connected' | 'disconnected' | 'orphaned' | 'inaccessible' | 'invalid';
  readonly firmware?: 'bios' | 'efi';
  readonly secureBoot?: boolean;
  readonly guestId?: string;
  readonly guestFullName?: string;
  readonly guestFamily?: string;
  readonly hostName?: string;
  readonly toolsRunning?: boolean;
  readonly cpus?: number;
  readonly coresPerSocket?: number;
  readonly memoryMb?: number;
  /** 19 means vmx-19. */
  readonly hwVersion?: number;
  /** Changed block tracking wanted and already active. Default false. */
  readonly cbtEnabled?: boolean;
  readonly cbtSupported?: boolean;
  /** Keys of disks. */
  readonly bootOrder?: readonly number[];
  readonly template?: boolean;
  readonly faultTolerant?: boolean;
  readonly encrypted?: boolean;
  readonly hasTpm?: boolean;
  readonly consolidationNeeded?: boolean;
  /** Text of a question the VM waits on. */
  readonly question?: string;
  readonly disabledMethods?: readonly string[];
  /** Name of a host of the datacenter. Default the first. */
  readonly host?: string;
  /** How the guest takes a shutdown: random writes on the way down, or never going down at all. */
  readonly shutdown?: { readonly hangs?: boolean; readonly writes?: number };
  readonly annotation?: string;
  /** Values of custom attributes, by name. */
  readonly customAttributes?: Readonly<Record<string, string>>;
  readonly cpuAllocation?: AllocationConfig;
  readonly memoryAllocation?: AllocationConfig;
  /** Whether CPUs and memory can be added while it runs. Default false. */
  readonly hotAdd?: boolean;
  /** Advanced settings besides those of every VM. */
  readonly extraConfig?: Readonly<Record<string, string>>;
  readonly nics?: readonly NicConfig[];
  readonly disks: readonly DiskConfig[];
}

/** MHz or MB. Default no reservation, no limit, normal shares. */
export interface AllocationConfig {
  readonly reservation?: number;
  readonly limit?: number;
  readonly shares?: 'low' | 'normal' | 'high';
}

export interface NicConfig {
  readonly mac: string;
  /** Name of a network of the datacenter. */
  readonly network: string;
  readonly type?: 'vmxnet3' | 'vmxnet2' | 'e1000' | 'e1000e' | 'pcnet32' | 'sriov';
  /** Now, and when the VM starts. Default true. */
  readonly connected?: boolean;
  /** What VMware Tools tell of it while they run. */
  readonly ips?: readonly string[];
}

export type ControllerKind = 'pvscsi' | 'lsilogic' | 'lsisas' | 'buslogic' | 'ahci' | 'nvme' | 'ide';
export type BackingKind = 'flat' | 'sesparse' | 'sparse' | 'rdm-virtual' | 'rdm-physical' | 'raw' | 'flat-v1';
export type DiskMode =
  | 'persistent'
  | 'independent_persistent'
  | 'independent_nonpersistent'
  | 'nonpersistent'
  | 'undoable'
  | 'append';

export interface DiskConfig {
  /** Device key. Default as vSphere numbers them for the slot. */
  readonly key?: number;
  readonly uuid?: string;
  /** Multiple of 512. Default: the size of the content file. */
  readonly capacityBytes?: number;
  readonly controller?: ControllerKind;
  readonly bus?: number;
  readonly unit?: number;
  readonly mode?: DiskMode;
  readonly sharing?: 'sharingNone' | 'sharingMultiWriter';
  readonly sharedBus?: 'noSharing' | 'virtualSharing' | 'physicalSharing';
  readonly backing?: BackingKind;
  readonly thin?: boolean;
  /** Name of a datastore of the datacenter. Default the first. */
  readonly datastore?: string;
  readonly content?: DiskContent;
}

/** A raw image to copy, or 64 KiB blocks of noise on a share of the disk. Default: all zero. */
export type DiskContent = { readonly file: string } | { readonly pattern: { readonly seed: number; readonly dataRatio: number } };
