import type { SourceRange } from '../diag/source-range.js';
import type { Reseed } from './reseed.js';
import type { MaintenanceWindow } from './window.js';

export type Phase = 'seed' | 'sync' | 'cutover';

/** How a manifest names its source VM. Paths are inventory paths such as `/DC1/vm/erp/erp-db01`. */
export type VmSelector =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'instanceUuid'; readonly instanceUuid: string }
  | { readonly kind: 'moref'; readonly moref: string }
  /** Name or id of a server in an OpenStack cloud. */
  | { readonly kind: 'server'; readonly server: string };

/**
 * preserve: what the source says of itself, or for VMware the type that fits its firmware (BIOS pc, EFI q35); default: none,
 * the destination decides; anything else is a type (pc, q35, pc-i440fx-rhel7.6.0 ...), written as it stands where the
 * destination has it.
 */
export type RequestedMachineType = 'preserve' | 'default' | (string & {});

/** One port of the server. */
export interface DesiredPort {
  /** Name or id of a Neutron network. */
  readonly network: string;
  /** `keep` (default) carries the source NIC's MAC over; `new` lets Neutron choose; else the address itself. */
  readonly mac: 'keep' | 'new' | (string & {});
  readonly fixedIp?: string;
  /** Several of them; never together with `fixedIp`. */
  readonly fixedIps?: readonly string[];
  /** Names or ids; those of the server unless given. */
  readonly securityGroups?: readonly string[];
  readonly allowedAddressPairs?: readonly AddressPair[];
  /** false: neither security groups nor protection against forged addresses. */
  readonly portSecurity?: boolean;
}

/** Further addresses that a port may send from, such as a virtual address that moves. */
export interface AddressPair {
  /** Address or CIDR. */
  readonly ip: string;
  /** The port's own unless given. */
  readonly mac?: string;
}

/** `skip`: the NIC of the source gets no port. */
export type DesiredNetwork = DesiredPort | 'skip';

/** A server as a manifest asks for it: from an OpenStack cloud, what is left out is taken from the source server. */
export interface WantedServer {
  /** Name of the Nova server; the migration's name unless given. */
  readonly name: string;
  readonly flavor?: string;
  /** Nova's zone; that of the volumes unless given. */
  readonly availabilityZone?: string;
  readonly networks?: readonly DesiredNetwork[];
  /** Of all ports; none given: from a cloud those of each source port, else the project's default. */
  readonly securityGroups?: readonly string[];
  readonly keyName?: string;
  /** These three in place of what the source server has. */
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
}

/**
 * How what a source VM uses is called on the destination. From an OpenStack cloud a name that is not listed is called the
 * same there; a port group of vSphere has to be listed. Networks may be mapped to `skip`: NICs on them get no port.
 */
export interface NameMapping {
  readonly flavors: Readonly<Record<string, string>>;
  readonly networks: Readonly<Record<string, string>>;
  readonly keyPairs: Readonly<Record<string, string>>;
  readonly securityGroups?: Readonly<Record<string, string>>;
}

export interface DesiredTarget {
  readonly provider: string;
  readonly volumeType?: string;
  readonly availabilityZone?: string;
  /** Absent: volumes only, no server is created at cutover. */
  readonly server?: WantedServer;
  readonly mapping?: NameMapping;
  /** Devices to boot from and to talk through. Absent: what the destination gives by default, taken for virtio. */
  readonly hardware?: 'virtio' | 'emulated';
  /** Image metadata of the boot volume, laid over what comes from the source. Never what decides how it boots. */
  readonly imageMetadata?: Readonly<Record<string, string>>;
}

/** What one Migration document asks for, after validation, with defaults of the Project applied. Plain data. */
export interface DesiredMigration {
  /** metadata.name; unique in the project. */
  readonly name: string;
  /** `vm/<name>`. */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly source: {
    readonly provider: string;
    readonly vm: VmSelector;
    /** Copies from a running server that keeps running; `cutover` is false then, whatever the phase. */
    readonly rehearsal?: boolean;
  };
  readonly target: DesiredTarget;
  readonly phase: Phase;
  readonly cbtSync: boolean;
  readonly cutover: boolean;
  readonly hwMachineType: RequestedMachineType;
  /** Key, place (`scsi0:1`) or label of the disk that the server boots from. Absent: what the source says. */
  readonly bootDisk?: string;
  /** Overrides what the source says of its guest. */
  readonly guestFamily?: 'windows' | 'linux';
  readonly limits: { readonly deltaBytes?: number; readonly adoptionBytes?: number; readonly downtimeSeconds?: number };
  /** Clean guest shutdown at cutover; `force` allows a hard power-off when the guest does not go down in time. */
  readonly shutdown: { readonly timeoutSeconds: number; readonly force: boolean };
  /** The existing volume is written in full again, whatever its record says, once for each request. */
  readonly reseed?: Reseed | undefined;
  /** Volumes that other tools began are compared with their disks and taken over, not converted ones. */
  readonly adopt?: boolean;
  /** `skip`: convert without a last delta; writes since the last sync are lost. */
  readonly finalSync: 'run' | 'skip';
  /** How much is read back and compared after a sync, while the snapshot still exists. */
  readonly verify: 'off' | 'sample' | 'full';
  /** A clean volume younger than this needs no sync. */
  readonly syncMaxAgeSeconds?: number;
  readonly window?: MaintenanceWindow;
  readonly file: string;
  /** Where fields stand, by dotted path (`spec.phase`); `''` is the whole document. */
  readonly ranges: Readonly<Record<string, SourceRange>>;
}
