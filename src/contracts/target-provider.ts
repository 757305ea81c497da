import type { Secret } from '../host/secret.js';
import type { AddressPair } from '../model/desired.js';
import type { AttachmentId, ServerId, VolumeId } from '../model/ids.js';
import type { ObservedPort, ObservedServer, ObservedVolume, TargetCatalog } from '../model/observed-target.js';
import type { MachineNeed } from './disk-reader.js';
import type { HostCheck, ProviderIdentity } from './provider.js';
import type { ProviderError } from './provider-error.js';

/** A volume as the cloud tells it, metadata not yet understood. */
export interface TargetVolume extends Omit<ObservedVolume, 'reading'> {
  readonly metadata: Readonly<Record<string, string>>;
}

export interface TargetServer extends ObservedServer {
  readonly metadata: Readonly<Record<string, string>>;
}

/** A server that was just made, or taken over. */
export interface MadeServer extends TargetServer {
  /** Its ports as they are half a minute after it runs, at the latest. Absent: nothing is known of them. */
  readonly ports?: readonly ObservedPort[];
  /** Why nothing is known of them, where the cloud was asked. */
  readonly portsUnknown?: ProviderError;
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
export interface AttachedVolume {
  readonly attachment: AttachmentId;
  readonly volume: VolumeId;
  readonly block: TargetBlock;
  /**
   * Why the block cannot be written any more, if so. Absent: what holds it lives as long as we do.
   * Errors: none. Abort: the usual. Limit: one minute.
   */
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
  /** Absent: as the network has it. */
  readonly portSecurity?: boolean;
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

/**
 * Where volumes live. Implemented by providers/openstack and by lab/sim. What "the usual" errors, abort and limit are stands in
 * provider.ts. Disposing lets go of devices and connections on this machine and ends calls under way; what the cloud keeps (volumes,
 * attachments) stays as it is. It takes no longer than half a minute; twice is fine.
 */
export interface TargetProvider extends AsyncDisposable {
  readonly name: string;
  /** Errors: the usual. Abort: the usual. Limit: the usual. */
  identify(): Promise<ProviderIdentity>;
  /**
   * All of the project, in a fixed number of lists. What an account may not read, and is not needed, is left out of the catalog.
   * Errors: the usual; not-found when the conversion host is no server of the project. Abort: the usual. Limit: the usual for each page.
   */
  observe(): Promise<TargetInventory>;
  /** Undefined: there is none. Errors: the usual. Abort: the usual. Limit: the usual. */
  readVolume(volume: VolumeId): Promise<TargetVolume | undefined>;
  /**
   * Resolves when it is available. When an answer got lost, a volume with the same name and metadata that appeared
   * meanwhile is taken. Closes: nobody, it is what is made here.
   * Errors: the usual; quota, failed with the cloud's reason, conflict when several are what a lost answer may have left.
   * Abort: ends the wait; the volume stays, and is found by its metadata. Limit: 10 minutes until it is available.
   */
  createVolume(request: VolumeRequest): Promise<TargetVolume>;
  /**
   * Merges; other keys stay. Durable and read back when it resolves. Repeating it is fine.
   * Errors: the usual; not-found; invalid when it reads back differently. Abort: the usual. Limit: the usual.
   */
  mergeVolumeMetadata(volume: VolumeId, patch: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Image metadata of the volume; read back. A key to unset that is not there is fine. Repeating it is fine.
   * Errors: the usual; not-found; invalid when it reads back differently. Abort: the usual; some keys may be written. Limit: the usual
   * for each key that is unset, and for all that are set.
   */
  writeImageMetadata(
    volume: VolumeId,
    change: { readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[] },
  ): Promise<void>;
  /** Repeating it is fine. Errors: the usual; not-found. Abort: the usual. Limit: the usual. */
  setBootable(volume: VolumeId, bootable: boolean): Promise<void>;
  /**
   * Waits until so many further volumes can be held at the same time. All or nothing, in the order asked, so that nobody waits for one
   * who waits. Absent: there is no limit. Closes: the caller, by disposing the result: what it took is free again.
   * Errors: the usual; held when even the end of all other work would not make room. Abort: ends the wait at once, with the signal's
   * reason, and nothing is taken. Limit: none: it lasts as long as the work of this process that holds them.
   */
  takeSlots?(volumes: readonly VolumeId[], signal: AbortSignal): Promise<AsyncDisposable>;
  /**
   * Takes the volume for us; it cannot be written yet. `own`: attachments that a dead run of ours left; one of them may be taken over
   * as it is. Closes: `release` of the attachment.
   * Errors: the usual; held when it is not free; unsupported when others could attach it besides.
   * Abort: the usual, and what it took is told by its answer only: whoever counts on that calls it uninterrupted. Limit: the usual for
   * each of some requests, and 5 minutes for a volume that is being detached.
   */
  reserve(volume: VolumeId, own?: readonly AttachmentId[]): Promise<AttachmentId>;
  /**
   * Connects a reserved volume to this host, and makes sure that what the host shows is this volume. Repeating it is fine.
   * Closes: `release` of the attachment, also when it failed.
   * Errors: the usual; failed when the host does not show the volume, or another device in its place; held when somebody uses the
   * device; unsupported when this host cannot reach such a volume. Abort: ends the wait; the attachment stays. Limit: 5 minutes until it
   * is in use, 5 minutes until the host shows it.
   */
  connect(volume: VolumeId, attachment: AttachmentId): Promise<AttachedVolume>;
  /**
   * Whether `release` ends whatever still writes through the attachment, on whatever machine, and `connect` to one that is there already
   * resolves only when nobody else has it open: a disk that is taken from a server is gone there, and one that stays is claimed; a
   * program that has opened an image in a cluster of disks writes on.
   */
  readonly releaseCutsOff: boolean;
  /**
   * Gives the volume back, and waits until it is free; one that is already gone succeeds.
   * Errors: the usual; failed when the host does not let go of it. Abort: ends the wait; whoever gives back calls it uninterrupted.
   * Limit: 5 minutes, and half a minute for what serves it on the host.
   */
  release(attachment: AttachmentId): Promise<void>;
  /**
   * Creates ports and server, or continues an earlier try; resolves when the server runs. One in ERROR is deleted and made anew. So is
   * what an earlier try asked for and the cloud carries out only now; ports of it that the server does not have are taken away.
   * Errors: the usual; quota, not-found for what the request names, conflict for a server that is neither on nor coming, held when
   * somebody else has a volume, failed with the cloud's reason. Abort: ends the wait; ports and server stay, and the next call goes on
   * with them. Limit: 15 minutes until it runs, 15 until one in ERROR is gone, half a minute until
   * volumes that are taken are free or ours, and one until its ports are connected: those that
   * are not, or cannot be looked at, are told and stop nothing.
   */
  createServer(request: ServerRequest): Promise<MadeServer>;
  /**
   * Tries a machine type on a blank server, which is gone again with its volume when this resolves or throws, also after an abort.
   * Errors: the usual; when nothing can be told: quota, not-found (no flavor), transient (too slow), failed.
   * Abort: by its signal or that around it, ends the wait; it is thrown when all is taken away. Limit: 2 minutes for the volume and
   * `timeoutMs` for the server, 6 minutes to take both away.
   */
  probeMachineType(probe: MachineTypeProbe): Promise<MachineTypeAnswer>;
  /**
   * Takes away what probes that were killed have left; resolves with how many things that were.
   * Errors: the usual; transient or failed when one does not go. Abort: the usual; the rest stays for the next call. Limit: 3 minutes
   * for each thing.
   */
  removeProbes(): Promise<number>;
  /**
   * Which calls the login may make, found out without changing anything. What the cloud does not tell is unknown, never thrown.
   * Errors: the usual but denied. Abort: the usual. Limit: the usual for each call.
   */
  checkRights(): Promise<readonly RightCheck[]>;
  /**
   * What writing its volumes uses of this machine, besides the programs that every copy needs. None: nothing else.
   * Errors: none. Abort: nothing is waited for. Limit: at once.
   */
  writerNeeds(): readonly MachineNeed[];
  /**
   * Whether the conversion host is reached and fit. Absent: there is none.
   * Errors: the usual; when nothing can be told: not-found (no such server), or what ssh says. Abort: the usual; the program on the
   * host is ended first. Limit: 90 seconds until a host that is reached by ssh answers, half a minute to end there.
   */
  checkHost?(): Promise<readonly HostCheck[]>;
}
