/** Roles the default policies tell apart. */
export type RoleName = 'admin' | 'member' | 'reader';

/** Limits of one project; -1 means unlimited. Sizes of volumes in GiB, memory in MiB. */
export interface ProjectQuota {
  volumes: number;
  gigabytes: number;
  perVolumeGigabytes: number;
  snapshots: number;
  instances: number;
  cores: number;
  ramMiB: number;
  ports: number;
  /** Further limits by volume type; types that are not named have none. */
  byVolumeType: Readonly<Record<string, { readonly volumes?: number; readonly gigabytes?: number; readonly snapshots?: number }>>;
}

export interface ProjectConfig {
  readonly name: string;
  /** 32 hex digits; derived from the name by default. */
  readonly id?: string;
  readonly quota?: Partial<ProjectQuota>;
}

export interface UserConfig {
  readonly name: string;
  readonly id?: string;
  readonly password: string;
  /** Roles by project name. */
  readonly roles: Readonly<Record<string, readonly RoleName[]>>;
}

export interface ApplicationCredentialConfig {
  readonly name: string;
  readonly id?: string;
  readonly user: string;
  readonly project: string;
  readonly secret: string;
  /** All roles the user has on the project by default. */
  readonly roles?: readonly RoleName[];
}

export interface VolumeTypeConfig {
  readonly name: string;
  readonly default?: boolean;
  readonly multiattach?: boolean;
  readonly encrypted?: boolean;
  /**
   * What its backend tells a host in place of a local path; `VOLUME` stands for the volume's id. Empty: what an attachment
   * made in the old way has there.
   */
  readonly connection?: Readonly<Record<string, unknown>>;
}

export interface FlavorConfig {
  readonly name: string;
  /** The name by default. */
  readonly id?: string;
  readonly vcpus: number;
  readonly ramMiB: number;
}

export interface SubnetConfig {
  readonly name?: string;
  readonly id?: string;
  /** IPv4 only, such as 192.168.77.0/24. */
  readonly cidr: string;
}

export interface NetworkConfig {
  readonly name: string;
  readonly id?: string;
  /** Owning project by name; the first project by default. */
  readonly project?: string;
  readonly shared?: boolean;
  /** What its ports get unless they say otherwise; true unless given. */
  readonly portSecurity?: boolean;
  readonly subnets?: readonly SubnetConfig[];
}

export interface ImageConfig {
  readonly name: string;
  readonly id?: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** A raw file; volumes made from the image start with its content. */
  readonly file?: string;
}

export interface KeypairConfig {
  readonly user: string;
  readonly name: string;
  readonly publicKey?: string;
}

export interface SecurityGroupConfig {
  readonly name: string;
  readonly project: string;
}

/** What the one compute host can do. */
export interface HypervisorConfig {
  /** Machine types a guest may have, aliases included; anything else fails the build. */
  readonly machineTypes: readonly string[];
  /** Whether guests release a disk on live detach; a guest without an operating system never does. */
  readonly guestsAnswerDetach: boolean;
  /** When true no server can be placed. */
  readonly noValidHost: boolean;
  /** Names of flavors that no host has room for. */
  readonly flavorsWithoutHost: readonly string[];
  /** false: disks attached to the conversion host never show there. */
  readonly hostShowsDevices: boolean;
  /** By how much such a disk is smaller there than its volume. */
  readonly hostDeviceMissingBytes: number;
  /** How long after the server runs its ports are connected, in milliseconds; negative: never. */
  readonly portConnectMs: number;
}

/** A server of the cloud that is this machine. */
export interface ConversionHostConfig {
  readonly name: string;
  /** Owning project by name; the first project by default. */
  readonly project?: string;
  /** Absolute folder on this machine where its disks show, as in /dev/disk/by-id. */
  readonly byIdDir: string;
  /** `pc` by default; with `q35`, `q35HotplugSlots` counts. */
  readonly machineType?: string;
  /** What stands for a disk: a loop device, or a link to the volume's file. By default a loop device where that works. */
  readonly devices?: 'loop' | 'file';
}

/** How long the asynchronous parts take, in milliseconds of the simulator's clock. */
export interface Timings {
  readonly volumeCreateMs: number;
  readonly volumeDeleteMs: number;
  readonly snapshotCreateMs: number;
  readonly serverBuildMs: number;
  readonly serverDeleteMs: number;
  readonly serverStopMs: number;
  readonly attachMs: number;
  readonly detachMs: number;
}

/** What is kept for somebody who judges later. */
export interface EvidenceConfig {
  /** Keep a copy of a volume's bytes whenever a client writes this metadata key and its value then matches. */
  readonly claim?: { readonly key: string; readonly pattern: string };
  /** Keep the bytes of snapshots that were deleted. */
  readonly snapshots?: boolean;
}

/** Everything the simulated cloud is made of; `examples` in SPEC.md. Names are unique within their list. */
export interface CloudConfig {
  readonly region?: string;
  /** Further regions in the catalog. Their endpoints are those of the first, so they share all it has. */
  readonly otherRegions?: readonly string[];
  /** Ids and tokens are derived from it: the same seed and calls give the same ids. The region by default. */
  readonly seed?: string;
  readonly projects: readonly ProjectConfig[];
  readonly users: readonly UserConfig[];
  readonly applicationCredentials?: readonly ApplicationCredentialConfig[];
  readonly volumeTypes?: readonly VolumeTypeConfig[];
  /** Nova's, and Cinder's where `volumeZones` does not say otherwise. */
  readonly availabilityZones?: readonly string[];
  readonly volumeZones?: readonly string[];
  readonly flavors?: readonly FlavorConfig[];
  readonly networks?: readonly NetworkConfig[];
  readonly securityGroups?: readonly SecurityGroupConfig[];
  readonly images?: readonly ImageConfig[];
  readonly keypairs?: readonly KeypairConfig[];
  /** Size of the only backend. Volumes beyond it end in `error`. */
  readonly backendCapacityGiB?: number;
  readonly hypervisor?: Partial<HypervisorConfig>;
  /** None by default. */
  readonly conversionHost?: ConversionHostConfig;
  /** `off`: a cloud without resource_filters.json, which drops every list filter of a member without a word. */
  readonly resourceFilters?: 'on' | 'off';
  /** osapi_max_limit / max_limit: the longest page of volumes and servers. */
  readonly pageSize?: number;
  /** Order of volume lists when the caller asks for none, such as `created_at:desc`. */
  readonly volumeOrder?: string;
  /** `strict`: enforce_new_defaults, where a reader may change nothing. `old`: a reader may what a member may. */
  readonly policies?: 'old' | 'strict';
  readonly timings?: Partial<Timings>;
  /** Nothing by default. */
  readonly evidence?: EvidenceConfig;
}

/** A CloudConfig with every default filled in. */
export type ResolvedConfig = Required<Omit<CloudConfig, 'hypervisor' | 'timings' | 'conversionHost'>> & {
  readonly conversionHost?: ConversionHostConfig;
  readonly hypervisor: HypervisorConfig;
  readonly timings: Timings;
};
