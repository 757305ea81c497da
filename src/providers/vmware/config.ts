import type { Secret } from '../../host/secret.js';

/** How vCenter's certificate is judged; without any, by the authorities this system trusts. */
export interface VmwareTls {
  /** PEM file with the authorities that vCenter's certificate must come from. The host name must match too. */
  readonly caFile?: string;
  /** SHA-256 or SHA-1 of the leaf certificate, hex, with or without colons. Only this very certificate is then accepted. */
  readonly thumbprint?: string;
}

/** nbdkit's vddk plugin, or what stands in for it. */
export interface VddkReader {
  readonly type: 'vddk';
  /** Root of the unpacked VDDK. */
  readonly libdir: string;
  /** Program; `nbdkit` unless given. */
  readonly nbdkit?: string;
  /** Name or path of the plugin; `vddk` unless given. */
  readonly plugin?: string;
  /** VDDK's transport modes in the order to try, colon-separated; VDDK's own choice unless given. */
  readonly transports?: string;
  readonly compression?: 'none' | 'zlib' | 'fastlz' | 'skipz';
  /** NBD connections to one disk; each is an NFC session on the ESXi host. 1 unless given. */
  readonly connections?: number;
}

export interface VmwareTiming {
  /** Longest wait for one vCenter task, in ms. Merging a large snapshot takes hours. */
  readonly taskTimeoutMs?: number;
  /** Longest wait for someone else's task or file lock, in ms. */
  readonly busyTimeoutMs?: number;
  /** How often an idle session is touched, in ms; vCenter drops one after 30 minutes. */
  readonly keepAliveMs?: number;
  /** Longest wait for the answer of an ordinary call, in ms. */
  readonly callTimeoutMs?: number;
}

/** One vCenter or ESXi host, as a Project names it. */
export interface VmwareConfig extends VmwareTiming {
  /** Name in the Project. */
  readonly name: string;
  /** `host` or `host:port`. */
  readonly server: string;
  readonly user: Secret | string;
  readonly password: Secret;
  readonly tls?: VmwareTls;
  readonly reader: VddkReader;
}

export const TIMING_DEFAULTS = {
  taskTimeoutMs: 4 * 60 * 60_000,
  busyTimeoutMs: 30 * 60_000,
  keepAliveMs: 5 * 60_000,
  callTimeoutMs: 120_000,
} as const satisfies Required<VmwareTiming>;

interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export const HTTPS_PORT = 443;

/** undefined when the text is no address. IPv6 addresses stand in brackets: `[::1]:8443`. */
export function parseServer(server: string): ServerAddress | undefined {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:/\s[\]]+)(?::(\d{1,5}))?$/.exec(server);
  if (match === null) return undefined;
  const port = match[2] === undefined ? HTTPS_PORT : Number(match[2]);
  return port > 0 && port < 65_536 ? { host: match[1]!.replace(/^\[|\]$/g, ''), port } : undefined;
}

export const formatServer = ({ host, port }: ServerAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}${port === HTTPS_PORT ? '' : `:${port}`}`;

export const revealUser = (user: Secret | string): string => (typeof user === 'string' ? user : user.reveal());
