import type { Secret } from '../../../host/secret.js';
import type { SshHost } from '../../../host/ssh.js';

/** The APIs that are called. Their names in the catalog and in clouds.yaml: service-catalog.ts. */
export type Service = 'volume' | 'compute' | 'network' | 'image';

/** Keystone's way to name things: an id, or a name inside a domain. */
export type DomainName = { readonly id: string } | { readonly name: string };
export type KeystoneName = { readonly id: string } | { readonly name: string; readonly domain: DomainName };

/** How to log in. An application credential carries its project with it, the others are scoped to `project`. */
export type Credentials =
  | { readonly kind: 'password'; readonly user: KeystoneName; readonly password: Secret; readonly project: KeystoneName }
  | { readonly kind: 'token'; readonly token: Secret; readonly project: KeystoneName }
  | { readonly kind: 'application-credential'; readonly credential: ApplicationCredentialName; readonly secret: Secret };

export type ApplicationCredentialName = { readonly id: string } | { readonly name: string; readonly user: KeystoneName };

/** Certificates are paths of PEM files. `verify` false accepts every certificate, as clouds.yaml may ask for. */
export interface CloudTls {
  readonly verify: boolean;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** One cloud as clouds.yaml or the OS_* variables describe it. */
export interface CloudConfig {
  /** Its key in clouds.yaml, or `envvars`. */
  readonly name: string;
  /** Where it was found: the path of clouds.yaml, or `the environment`. For messages. */
  readonly origin: string;
  /** Ends in the version: `https://keystone.example.com:5000/v3`. */
  readonly authUrl: string;
  readonly credentials: Credentials;
  /** Absent: the region of the first volume endpoint in the catalog. */
  readonly region?: string;
  readonly interfaces: Readonly<Record<Service, EndpointInterface>>;
  /** URLs that are used in place of the catalog's. */
  readonly endpointOverrides: Readonly<Partial<Record<Service, string>>>;
  readonly tls: CloudTls;
  /** How long one answer may take. Absent: the provider's default. */
  readonly apiTimeoutMs?: number;
}

export type EndpointInterface = 'public' | 'internal' | 'admin';

/** How volumes are written to. */
export type VolumeAccess = CinderAccess | NovaAccess;

/** Through Cinder's Attachments API and a user-space server. */
export interface CinderAccess {
  readonly type: 'cinder';
  /** Where Ceph's configuration is and as whom to log in: Cinder hands out no keys. */
  readonly rbd?: { readonly conf: string; readonly user: string };
  /** Absolute folders with the files or devices of volumes that are local to this machine. Absent: there are none. */
  readonly local?: { readonly folders: readonly string[] };
  /** `host:/path` of every share that holds volumes. Absent: there are none. */
  readonly nfs?: { readonly exports: readonly string[] };
  /** `address:port` of every iSCSI target. Absent: there are none. */
  readonly iscsi?: { readonly portals: readonly string[] };
}

/** As disks of a server: the one that this program runs on, or one that is reached by ssh. */
export interface NovaAccess {
  readonly type: 'nova';
  /** Name or id. */
  readonly server: string;
  /** How that server is reached. Absent: it is this machine. */
  readonly ssh?: SshAccess;
  /** Where udev makes links that are named for serials. Default /dev/disk/by-id. */
  readonly byIdDir?: string;
  /** Where the kernel tells of its devices. Default /sys. */
  readonly sysDir?: string;
  /** Volumes on the server at the same time, those of others included. Default 26. */
  readonly maxVolumes?: number;
  /** From attached until the link is there. Default 1 minute. */
  readonly deviceTimeoutMs?: number;
  /** Until the guest has let go of a disk. Default 5 minutes. */
  readonly detachTimeoutMs?: number;
}

export interface SshAccess extends SshHost {
  /** true: the user who logs in becomes root by sudo, which must not ask. */
  readonly sudo?: boolean;
}

/** In ms; absent: the default. */
export interface CloudTimeouts {
  /** Until a new volume is available, 10 minutes; until a snapshot is there or gone, 15 minutes. */
  readonly volumeMs?: number;
  /** Until a new server is ACTIVE. Default 15 minutes. */
  readonly serverMs?: number;
  /** Until a volume made of a snapshot is available. Default 24 hours. */
  readonly cloneMs?: number;
}

export interface OpenStackConfig {
  /** Name of the provider in the Project. */
  readonly name: string;
  readonly cloud: CloudConfig;
  readonly access: VolumeAccess;
  /** This machine's name, told to Cinder when a volume is connected. */
  readonly hostName: string;
  /** true: the cloud lets its users choose MAC and address on shared networks of other projects too. Default false. */
  readonly addressesAnywhere?: boolean;
  readonly timeouts?: CloudTimeouts;
}

/** How each service is called in keys of clouds.yaml such as `volume_endpoint_override`. */
export const configPrefixes: Readonly<Record<Service, readonly string[]>> = {
  volume: ['block_storage', 'volumev3', 'block_store', 'volume'],
  compute: ['compute'],
  network: ['network'],
  image: ['image'],
};
