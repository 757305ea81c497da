import type { SourceRange } from '../../diag/source-range.js';
import type { ReleaseName } from '../../model/machine-types/releases.js';
import type { PlanRules } from '../../model/plan-rules.js';
import type { ProviderType } from '../../model/provider-types.js';
import type { Scalar } from '../../model/scalar.js';
import type { MaintenanceWindow } from '../../model/window.js';
import type { SecretRef } from './secret-ref.js';

/** nbdkit's vddk plugin; paths are absolute. */
export interface VddkReaderConfig {
  readonly type: 'vddk';
  readonly libdir: string;
  /** Absent: nbdkit of PATH. */
  readonly nbdkit?: string;
  /** Absent: the plugin nbdkit finds under the name vddk. */
  readonly plugin?: string;
  /** `nbdssl:nbd`; absent: VDDK chooses. */
  readonly transports?: string;
  readonly compression?: 'none' | 'zlib' | 'fastlz' | 'skipz';
}

export interface VmwareProviderConfig {
  readonly type: 'vmware';
  /** Host, with a port when one was given. */
  readonly server: string;
  /** Text: the user name itself. */
  readonly user: SecretRef | string;
  readonly password: SecretRef;
  /** Absent: the system trust store. caFile is absolute; a thumbprint has 20 (SHA-1) or 32 (SHA-256) upper-case pairs. */
  readonly tls?: { readonly caFile: string } | { readonly thumbprint: string };
  readonly reader: VddkReaderConfig;
}

export type VolumeAccessConfig = CinderAccessConfig | NovaAccessConfig;

/** Where bytes of volumes may be; what a cloud names besides is refused. Paths are absolute. */
export interface CinderAccessConfig {
  readonly type: 'cinder';
  readonly rbd?: { readonly conf: string; readonly user: string };
  readonly local?: { readonly folders: readonly string[] };
  /** `host:/path`. */
  readonly nfs?: { readonly exports: readonly string[] };
  /** `address:port`. */
  readonly iscsi?: { readonly portals: readonly string[] };
}

/** Through a server of the cloud: the one that migplan runs on, or one that is reached by ssh. */
export interface NovaAccessConfig {
  readonly type: 'nova';
  /** Name or id. */
  readonly server: string;
  /** Absent: migplan runs on it. */
  readonly ssh?: SshConfig;
  /** Absolute. */
  readonly byIdDir?: string;
  readonly maxVolumes?: number;
  readonly deviceTimeoutMs?: number;
  readonly detachTimeoutMs?: number;
}

/** Paths are absolute. What is absent is what the ssh configuration says. */
export interface SshConfig {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  readonly identityFile?: string;
  readonly configFile?: string;
  readonly sudo?: boolean;
}

export interface OpenstackProviderConfig {
  readonly type: 'openstack';
  /** Entry of clouds.yaml; absent: OS_CLOUD or the only entry. */
  readonly cloud?: string;
  readonly access: VolumeAccessConfig;
  /** What the compute hosts run, of the releases whose machine types are shipped. */
  readonly release?: ReleaseName;
  /** Machine types the cloud has besides those of the release. */
  readonly machineTypes?: readonly string[];
  /** Machine type written in place of another. */
  readonly machineTypeMap?: Readonly<Record<string, string>>;
  /** Whether MAC and fixed IP may be chosen on networks of other projects. Absent: not. */
  readonly addressesOnSharedNetworks?: boolean;
  readonly timeouts?: CloudTimeoutsConfig;
}

/** How long what the cloud makes may take, in ms; absent is the provider's default. */
export interface CloudTimeoutsConfig {
  readonly volumeMs?: number;
  readonly serverMs?: number;
  /** A volume made of a snapshot. */
  readonly cloneMs?: number;
}

/** Machines that are off, each described by a file. Paths are absolute. */
export interface NbdProviderConfig {
  readonly type: 'nbd';
  /** Files, and folders in which every `*.json` is one. */
  readonly machines: readonly string[];
  /** Folders below which their images lie. Absent: those of the machine files. */
  readonly images?: readonly string[];
  /** Folder of X.509 files for NBD servers with TLS. */
  readonly certificates?: string;
}

type ProviderConfigs = VmwareProviderConfig | OpenstackProviderConfig | NbdProviderConfig;

export type ProviderConfig<T extends ProviderType = ProviderType> = Extract<ProviderConfigs, { readonly type: T }>;

export type ConversionHostConfig = { readonly executor: 'local' } | { readonly executor: 'ssh'; readonly host: string };

export interface ProjectLimits {
  /** Disks copied at the same time. */
  readonly transfers: number;
  /** Absolute path of a file with nbdkit's bits per second for each source disk; absent: no limit. */
  readonly rateFile?: string;
  /** Bytes between two checkpoints of a copy. */
  readonly batchBytes: number;
}

export interface VariableConfig {
  readonly default?: Scalar;
  readonly description?: string;
  readonly type?: 'string' | 'number' | 'boolean';
}

export interface EnvironmentConfig {
  /** Below the project folder. */
  readonly overlay?: string;
  readonly variables?: Readonly<Record<string, Scalar>>;
}

/** What the Project document says, after validation, with defaults filled in. Plain data, no secrets. */
export interface ProjectConfig {
  /** metadata.name. */
  readonly name: string;
  /** Name of the project file inside of its folder. */
  readonly file: string;
  /** Absolute; relative paths of the project start here. */
  readonly folder: string;
  readonly providers: Readonly<Record<string, ProviderConfig>>;
  readonly conversionHost: ConversionHostConfig;
  readonly include: readonly string[];
  /** As written. They are already merged into every DesiredMigration. */
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly windows: Readonly<Record<string, MaintenanceWindow>>;
  readonly limits: ProjectLimits;
  /** As declared; values are in LoadedProject.settings. */
  readonly variables: Readonly<Record<string, VariableConfig>>;
  readonly environments: Readonly<Record<string, EnvironmentConfig>>;
  /** What every plan has to keep to. */
  readonly rules: PlanRules;
  /** Path of the trust policy: absolute, and as the Project names it. */
  readonly trust?: { readonly path: string; readonly shown: string };
  /** Where fields stand, by dotted path (`spec.providers.vc-prod.server`); `''` is the whole document. */
  readonly ranges: Readonly<Record<string, SourceRange>>;
}
