import type { Secret } from '../host/secret.js';
import type { ChangeId } from '../model/change-id.js';
import type { AddressPair, VmSelector } from '../model/desired.js';
import type { Extent } from '../model/extent.js';
import type { AttachmentId, DiskKey, ServerId, SnapshotRef, VmRef, VolumeId } from '../model/ids.js';
import type {
  ObservedServer,
  ObservedSourceRoom,
  ObservedVm,
  ObservedVolume,
  PowerState,
  TargetCatalog,
  VmHistory,
  VmLookup,
} from '../model/observed.js';
import type { DiskReader, MachineNeed } from './disk-reader.js';
import type { PrivilegeCheck, PrivilegeQuestion } from './privileges.js';

/** Which remote this is. Shown to people and bound into plans: a plan for one is refused by another. */
export interface ProviderIdentity {
  readonly kind: 'vmware' | 'openstack';
  readonly endpoint: string;
  /** vCenter: about.instanceUuid. OpenStack: project id. */
  readonly id: string;
  readonly region?: string;
}

/** One disk as a snapshot froze it. */
export interface FrozenDisk {
  readonly key: DiskKey;
  readonly uuid: string;
  /** Bytes. */
  readonly capacity: number;
  /** The point this frozen disk stands at; absent when tracking is not active for it. */
  readonly changeId?: ChangeId;
  /** What a reader opens: the frozen file in the source's own notation. */
  readonly file: string;
}

/** A frozen view of a whole VM: all disks at the same instant. */
export interface SourceSnapshot {
  readonly ref: SnapshotRef;
  readonly vm: VmRef;
  readonly name: string;
  readonly disks: readonly FrozenDisk[];
}

/** Where disks come from. Implemented by providers/vmware, providers/openstack and by lab/sim. */
export interface SourceProvider extends AsyncDisposable {
  readonly name: string;
  identify(): Promise<ProviderIdentity>;
  /** In bulk; the answers are in the order of the selectors. */
  observe(selectors: readonly VmSelector[]): Promise<readonly VmLookup[]>;
  /** Every VM that the account can see, by name; those that cannot be migrated say why in `obstacles`. For export. */
  list(): Promise<readonly ObservedVm[]>;
  /**
   * What the source keeps for a VM but tells only at the price of a snapshot, which is taken and removed. Undefined: it keeps
   * none. Absent: all that the source knows of machine types is in its lists.
   */
  recordedMachineType?(vm: VmRef): Promise<string | undefined>;
  powerState(vm: VmRef): Promise<PowerState>;
  /** All snapshots with what they tracked, and the boot time, as they are now. */
  history(vm: VmRef): Promise<VmHistory>;
  /** Asks for tracking; it becomes active with the next snapshot. Refused while the VM has snapshots. Repeating it is fine. */
  enableChangeTracking(vm: VmRef): Promise<void>;
  /**
   * All disks at one instant (an OpenStack cloud freezes the volumes of a running server one after the other). A name is used once: if a lost answer left a snapshot of this name, that one is returned.
   */
  createSnapshot(vm: VmRef, request: { readonly name: string; readonly description: string }): Promise<SourceSnapshot>;
  /** Removes this snapshot only with all that readers made of it, waits until its data are merged. One that is already gone succeeds. */
  removeSnapshot(vm: VmRef, snapshot: SnapshotRef): Promise<void>;
  /**
   * What differs between `since` and the snapshot: sorted, disjoint, inside the disk; too much is possible, too little not.
   * Throws ProviderError cbt-invalid when no answer can be trusted.
   */
  changedExtents(snapshot: SourceSnapshot, disk: DiskKey, since: ChangeId): Promise<readonly Extent[]>;
  /**
   * May take long and wait for other readers to be released: where disks are read from volumes made of the snapshot, one is made
   * and attached first. ProviderError quota, failed with the cloud's reason, or held.
   */
  reader(snapshot: SourceSnapshot, disk: DiskKey, signal?: AbortSignal): Promise<DiskReader>;
  /** What its readers use of this machine, besides the programs that every copy needs. None: nothing else. */
  readerNeeds(): readonly MachineNeed[];
  /** The room for snapshots and for what readers make of them. Absent: neither is counted anywhere. */
  room?(): Promise<ObservedSourceRoom>;
  /** What the account may do. What the source does not tell is unknown, never thrown. Absent: it has no privileges by object. */
  checkPrivileges?(question: PrivilegeQuestion): Promise<readonly PrivilegeCheck[]>;
  /** As TargetProvider has it. */
  checkHost?(): Promise<readonly HostCheck[]>;
  /** Asks the guest to shut down and returns at once; ProviderError unsupported when no tools run. Off already succeeds. */
  shutdownGuest(vm: VmRef): Promise<void>;
  /** Pulls the plug. Off already succeeds. */
  powerOff(vm: VmRef): Promise<void>;
}

/** A volume as the cloud tells it, metadata not yet understood. */
export interface TargetVolume extends Omit<ObservedVolume, 'reading'> {
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TargetServer extends ObservedServer {
  readonly metadata: Readonly<Record<string, string>>;
}

/** One pass over the project. */
export interface TargetInventory {
  readonly volumes: readonly TargetVolume[];
  readonly servers: readonly TargetServer[];
  readonly catalog: TargetCatalog;
  /** Absent: volumes are reached without a server. */
  readonly conversionHost?: ConversionHost;
}

/** The server of the target cloud that this program runs on and that volumes are attached to. */
export interface ConversionHost {
  readonly server: ServerId;
  readonly name: string;
  /** How many volumes it takes at the same time. */
  readonly volumesMax: number;
  /** What is attached to it now. */
  readonly volumes: readonly VolumeId[];
}

export interface VolumeRequest {
  readonly name: string;
  readonly sizeGiB: number;
  readonly type?: string;
  readonly availabilityZone?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a writer opens, once the attachment is complete. */
export type TargetBlock =
  | { readonly driver: 'file'; readonly path: string }
  | { readonly driver: 'host_device'; readonly path: string }
  | { readonly driver: 'rbd'; readonly pool: string; readonly image: string; readonly conf: string; readonly user: string }
  | {
      readonly driver: 'iscsi';
      /** `192.0.2.10:3260`, `[2001:db8::1]:3260`. */
      readonly portal: string;
      /** IQN, as is `initiator`: the name this host told Cinder, and the only one the target lets in. */
      readonly target: string;
      readonly lun: number;
      readonly initiator: string;
      readonly chap?: { readonly user: string; readonly password: Secret };
    }
  | { readonly driver: 'nfs'; readonly host: string; readonly path: string; readonly format: 'raw' | 'qcow2' }
  /** The unnamed export of an NBD server that this host reaches by a unix socket, such as the end of a tunnel. */
  | { readonly driver: 'nbd'; readonly socket: string };

/** Holding it is a lock that the cloud enforces: nobody deletes, boots or attaches the volume meanwhile. */
export interface HeldVolume {
  readonly attachment: AttachmentId;
  readonly volume: VolumeId;
  readonly block: TargetBlock;
  /** Why the block cannot be written any more, if so. Absent: what holds it lives as long as we do. */
  broken?(): Promise<Error | undefined>;
}

export interface PortRequest {
  /** Name or id. */
  readonly network: string;
  readonly mac?: string;
  /** None of them: the port has no address. Absent: Neutron chooses. */
  readonly fixedIps?: readonly string[];
  /** Names or ids. None of them: nothing may reach the port. Absent: the project's default group. */
  readonly securityGroups?: readonly string[];
  readonly allowedAddressPairs?: readonly AddressPair[];
  readonly portSecurity?: false;
  /** false: the port is down. */
  readonly connected?: false;
}

export interface ServerRequest {
  readonly name: string;
  readonly flavor: string;
  readonly availabilityZone?: string;
  readonly keyName?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly ports: readonly PortRequest[];
  /** Boot volume first; all are mapped at boot, none is deleted with the server. */
  readonly volumes: readonly VolumeId[];
  /** Written on the server and, as far as it goes, on its ports: what an earlier try is recognised by. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Key and value in `metadata` that identify the VM; an existing server or port with it is taken over. */
  readonly identityKey: string;
}

export interface MachineTypeProbe {
  /** Absent: whatever the cloud takes by default, which must work for other answers to mean anything. */
  readonly machineType?: string;
  /** Names this probe; unique. */
  readonly id: string;
  /** Name or id. Absent: the smallest. */
  readonly flavor?: string;
  readonly volumeType?: string;
  readonly availabilityZone?: string;
  /** Until the server has left BUILD. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface MachineTypeAnswer {
  readonly runs: boolean;
  /** What the cloud said of a server that does not run; rarely the true reason. */
  readonly fault?: string;
}

export interface RightCheck {
  /** `make servers (POST /servers)`. */
  readonly what: string;
  /** The first command that needs it. */
  readonly for: 'plan' | 'apply' | 'cutover';
  /** true: it is done without, and less is checked. */
  readonly isOptional: boolean;
  readonly verdict: 'allowed' | 'refused' | 'unknown';
  /** How that is known. */
  readonly why: string;
}

/** One thing that was looked at on the conversion host. */
export interface HostCheck {
  readonly what: string;
  /** Empty when it is not as it must be. */
  readonly found: string;
  readonly problem?: {
    /** false: it may be right when it is needed. */
    readonly isFatal: boolean;
    readonly detail: string;
    readonly nextSteps: readonly string[];
  };
}

/** Where volumes live. Implemented by providers/openstack and by lab/sim. */
export interface TargetProvider extends AsyncDisposable {
  readonly name: string;
  identify(): Promise<ProviderIdentity>;
  observe(): Promise<TargetInventory>;
  readVolume(volume: VolumeId): Promise<TargetVolume | undefined>;
  /**
   * Resolves when it is available. When an answer got lost, a volume with the same name and metadata that appeared
   * meanwhile is taken. ProviderError quota, or failed with the cloud's reason.
   */
  createVolume(request: VolumeRequest): Promise<TargetVolume>;
  /** Merges; other keys stay. Durable and read back when it resolves. */
  mergeVolumeMetadata(volume: VolumeId, patch: Readonly<Record<string, string>>): Promise<void>;
  /** Image metadata of the volume; read back. A key to unset that is not there is fine. */
  writeImageMetadata(
    volume: VolumeId,
    change: { readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[] },
  ): Promise<void>;
  setBootable(volume: VolumeId, bootable: boolean): Promise<void>;
  /**
   * Waits until so many further volumes can be held at the same time; what they take is free again when the result is disposed.
   * All or nothing, in the order asked, so that nobody waits for one who waits. ProviderError held when even the end of
   * all other work would not make room. Absent: there is no limit.
   */
  takeSlots?(volumes: readonly VolumeId[], signal: AbortSignal): Promise<AsyncDisposable>;
  /**
   * Takes the volume for us; it cannot be written yet. ProviderError held when it is not free. `own`: attachments that a
   * dead run of ours left; one of them may be taken over as it is.
   */
  reserve(volume: VolumeId, own?: readonly AttachmentId[]): Promise<AttachmentId>;
  /** Connects a reserved volume to this host, and makes sure that what the host shows is this volume. */
  connect(volume: VolumeId, attachment: AttachmentId): Promise<HeldVolume>;
  /** Gives the volume back, and waits until it is free; one that is already gone succeeds. */
  release(attachment: AttachmentId): Promise<void>;
  /** Creates ports and server, or continues an earlier try; resolves when the server runs. */
  createServer(request: ServerRequest): Promise<TargetServer>;
  /**
   * Tries a machine type on a blank server, which is gone again with its volume when this resolves or throws, also after an
   * abort. ProviderError when nothing can be told: no quota, no flavor, too slow.
   */
  probeMachineType(probe: MachineTypeProbe): Promise<MachineTypeAnswer>;
  /** Takes away what probes that were killed have left; resolves with how many things that were. */
  removeProbes(): Promise<number>;
  /** Which calls the login may make, found out without changing anything. */
  checkRights(): Promise<readonly RightCheck[]>;
  /** What writing its volumes uses of this machine, besides the programs that every copy needs. None: nothing else. */
  writerNeeds(): readonly MachineNeed[];
  /** Whether the conversion host is reached and fit. ProviderError when nothing can be told. Absent: there is none. */
  checkHost?(): Promise<readonly HostCheck[]>;
}
