import type { AttachmentId, DiskKey, ServerId, VolumeId } from './ids.js';
import type { RecordParseResult } from './sync-record.js';

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
  /** Cinder's zone. Absent: it was not told. */
  readonly availabilityZone?: string;
  readonly reading: RecordParseResult;
  /** Of the state of the project whose run wrote the record last. Absent: it says nothing. */
  readonly lineage?: string;
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
  readonly link?: PortLink;
}

/** What Neutron tells of how a port is connected. */
export interface PortLink {
  /** Neutron's word: ACTIVE, DOWN, BUILD, ERROR, N/A. */
  readonly status: string;
  /** Absent: it is on. */
  readonly isOff?: true;
  /** `binding:vnic_type`: normal, direct (SR-IOV) ... */
  readonly vnicType?: string;
  /** `binding:vif_type`, which by default only administrators may read: ovs, bridge, unbound, binding_failed ... */
  readonly vifType?: string;
}
