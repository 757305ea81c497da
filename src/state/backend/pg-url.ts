import { isIP } from 'node:net';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { Secret } from '../../host/secret.js';
import { own } from '../../model/own.js';

/** Where a database is, as its URL says. */
export interface PgAddress {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: Secret;
  readonly database: string;
  /** Whether the connection is encrypted, and then the certificate is looked at. */
  readonly tls: boolean;
}

const PORT = 5432;
/** Where only a parameter says the host, as libpq allows and URLs do not beside a user. */
const HOSTLESS = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=[/?])/;
const NO_HOST = '-';
const TLS_MODES: Readonly<Record<string, boolean>> = { disable: false, require: true, 'verify-ca': true, 'verify-full': true };
const SCHEMES = ['postgres:', 'postgresql:'];

/**
 * `postgresql://user:password@host:5432/database?sslmode=verify-full`, or `postgresql:///database?host=/run/postgresql` for a Unix socket.
 * Read here and not by the library: what it makes of `sslmode` changes from version to version, and its errors repeat the URL. Without
 * `sslmode` a database of another machine is asked for TLS. DiagnosticsError MP3033, in which nothing of the URL is repeated.
 */
export function parsePgUrl(text: string): PgAddress {
  const whole = text.replace(HOSTLESS, `$1${NO_HOST}`);
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (url === undefined || !SCHEMES.includes(url.protocol)) throw unfit('is no URL of the form postgresql://user@host/database');
  const { host, port, mode } = parametersOf(url);
  const named = host ?? decoded(url.hostname.replace(/^\[|\]$/g, ''));
  if (named === NO_HOST) throw unfit('names no host');
  const database = decoded(url.pathname.slice(1));
  if (database === '') throw unfit('names no database');
  return {
    host: named,
    port: portOf(url.port || port),
    ...(url.username === '' ? {} : { user: decoded(url.username) }),
    ...(url.password === '' ? {} : { password: new Secret(decoded(url.password)) }),
    database,
    tls: mode ?? !isHere(named),
  };
}

interface Parameters {
  readonly host: string | undefined;
  /** '' where none is named. */
  readonly port: string;
  readonly mode: boolean | undefined;
}

function parametersOf({ searchParams }: URL): Parameters {
  for (const name of searchParams.keys())
    if (!['host', 'port', 'sslmode'].includes(name)) throw unfit('has parameters besides host, port and sslmode');
  const mode = searchParams.get('sslmode');
  if (mode !== null && !Object.hasOwn(TLS_MODES, mode))
    throw unfit(`has an sslmode that is none of ${Object.keys(TLS_MODES).join(', ')}`);
  return {
    host: searchParams.get('host') ?? undefined,
    port: searchParams.get('port') ?? '',
    mode: mode === null ? undefined : own(TLS_MODES, mode),
  };
}

function portOf(text: string): number {
  if (text === '') return PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw unfit('has a port that is none');
  return port;
}

const isHere = (host: string): boolean =>
  host.startsWith('/') || host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw unfit('has a % that no two hexadecimal digits follow');
  }
}

const unfit = (what: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP3033',
      detail: `the URL of spec.state ${what}`,
      nextSteps: [
        'write postgresql://user@host:5432/database?sslmode=verify-full, with %40 for @, %2F for / and %25 for % in user and password',
        'or leave the password out, and name it apart: spec.state.password',
      ],
    },
  ]);
