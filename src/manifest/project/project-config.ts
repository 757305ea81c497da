import type { SourceRange } from '../../diag/source-range.js';
import type { NotifyEvent } from '../../model/notify-events.js';
import type { OwnCommand } from '../../model/own-command.js';
import type { PlanRules } from '../../model/plan-rules.js';
import type { ProviderType } from '../../model/provider-types.js';
import type { Scalar } from '../../model/scalar.js';
import type { MaintenanceWindow } from '../../model/window.js';
import type { ProviderDocument } from '../schema/provider-shapes.js';
import type { SecretRef } from './secret-ref.js';

/** As the schema has it, with absolute paths: a field that the schema gains is here at once. */
export type VddkReaderConfig = ProviderDocument<'vmware'>['reader'];

/** Secrets are references. Without `tls` the system trust store counts; a thumbprint has 20 (SHA-1) or 32 (SHA-256) upper-case pairs. */
export interface VmwareProviderConfig extends Omit<ProviderDocument<'vmware'>, 'user' | 'password' | 'tls'> {
  /** Text: the user name itself. */
  readonly user: SecretRef | string;
  readonly password: SecretRef;
  readonly tls?: { readonly caFile: string } | { readonly thumbprint: string };
}

type AccessDocument = ProviderDocument<'openstack'>['access'];
type NovaDocument = Extract<AccessDocument, { readonly type: 'nova' }>;

export type VolumeAccessConfig = CinderAccessConfig | NovaAccessConfig;

/** Where bytes of volumes may be; what a cloud names besides is refused. Paths are absolute. */
export type CinderAccessConfig = Extract<AccessDocument, { readonly type: 'cinder' }>;

/** Through a server of the cloud: the one that migplan runs on, or, with `ssh`, one that is reached by ssh. Paths are absolute. */
export interface NovaAccessConfig extends Omit<NovaDocument, 'ssh' | 'deviceTimeout' | 'detachTimeout'> {
  readonly ssh?: SshConfig;
  readonly deviceTimeoutMs?: number;
  readonly detachTimeoutMs?: number;
}

/** Paths are absolute. What is absent is what the ssh configuration says. */
export interface SshConfig extends Omit<NonNullable<NovaDocument['ssh']>, 'config'> {
  readonly configFile?: string;
}

/** Absent: OS_CLOUD or the only entry of clouds.yaml; no release, types or map are known; addresses on shared networks stay Neutron's. */
export interface OpenstackProviderConfig extends Omit<ProviderDocument<'openstack'>, 'access' | 'timeouts'> {
  readonly access: VolumeAccessConfig;
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
export interface NbdProviderConfig extends Omit<ProviderDocument<'nbd'>, 'tls'> {
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

/** Who is told how an apply ended; at least one of webhook and command is there. */
export interface NotifyConfig {
  readonly on: readonly NotifyEvent[];
  readonly webhook?: WebhookConfig;
  readonly command?: OwnCommand;
}

export interface WebhookConfig {
  readonly url: SecretRef;
  /** Of one request. */
  readonly timeoutMs: number;
  /** Absolute; absent: what Node.js trusts. */
  readonly caFile?: string;
}

/** Where the state is kept. */
export type StateConfig = { readonly type: 'local' } | PgStateConfig | HttpStateConfig;

export interface HttpStateConfig {
  readonly type: 'http';
  /** With `{name}` in it, and no secret. */
  readonly address: string;
  readonly lockAddress: string;
  readonly unlockAddress: string;
  readonly lockMethod: string;
  readonly unlockMethod: string;
  readonly login?: { readonly user: string | SecretRef; readonly password: SecretRef };
  /** Name of the project there. */
  readonly project: string;
  /** Absolute; absent: what Node.js trusts. */
  readonly caFile?: string;
}

export interface PgStateConfig {
  readonly type: 'pg';
  readonly url: SecretRef;
  /** Absent: the one in the URL. */
  readonly password?: SecretRef;
  readonly schema: string;
  /** Name of the project there. */
  readonly project: string;
  /** Absolute; absent: what Node.js trusts. */
  readonly caFile?: string;
  /** After which a run that was not heard of loses its locks; from 10 seconds on. */
  readonly leaseMs: number;
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
  readonly notify?: NotifyConfig;
  readonly state: StateConfig;
  /** Path of the trust policy: absolute, and as the Project names it. */
  readonly trust?: { readonly path: string; readonly shown: string };
  /** Where fields stand, by dotted path (`spec.providers.vc-prod.server`); `''` is the whole document. */
  readonly ranges: Readonly<Record<string, SourceRange>>;
}
