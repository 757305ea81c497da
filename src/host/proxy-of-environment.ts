import { DiagnosticsError } from '../diag/diagnostic.js';
import { parseAddress, sameAddress, subnetHolds } from '../model/ip-network.js';
import { Secret } from './secret.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** An HTTP proxy through which connections are made by CONNECT. */
export interface HttpProxy {
  /** Of the environment, for messages. */
  readonly variable: string;
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** Of its URL, as Basic: the value of the header. */
  readonly authorization?: Secret;
}

export interface Endpoint {
  readonly protocol: 'http:' | 'https:';
  /** IPv6 addresses without brackets. */
  readonly host: string;
  readonly port: number;
}

const VARIABLES = {
  'https:': ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
  'http:': ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'],
} as const;
/** That of curl, where a URL says none. */
const PORT_DEFAULT = 1080;

/** undefined: directly. Throws DiagnosticsError where the variable says what cannot be used. */
export function proxyFor(endpoint: Endpoint, env: Environment): HttpProxy | undefined {
  const variable = VARIABLES[endpoint.protocol].find((name) => (env[name] ?? '') !== '');
  if (variable === undefined || isExempt(endpoint, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined;
  return parseProxy(variable, env[variable]!);
}

function parseProxy(variable: string, text: string): HttpProxy {
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || url.hostname === '' || !/^https?:$/.test(url.protocol)) throw unusable(variable);
  const authorization = authorizationOf(url, variable);
  const tls = url.protocol === 'https:';
  // An URL does not say a port that is the usual one of its scheme.
  const isUsual = /:(80|443)(\/|$)/.test(written);
  const port = url.port === '' ? (isUsual ? (tls ? 443 : 80) : PORT_DEFAULT) : Number(url.port);
  return { variable, tls, host: url.hostname.replace(/^\[|\]$/g, ''), port, ...(authorization && { authorization }) };
}

function authorizationOf({ username, password }: URL, variable: string): Secret | undefined {
  if (username === '') return undefined;
  try {
    const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
    // Known in all its forms, wherever somebody says it.
    for (const form of [password, secret]) if (form !== '') void new Secret(form);
    return new Secret(`Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`);
  } catch {
    throw unusable(variable);
  }
}

/** Never with the value: it may have a password in it. */
const unusable = (variable: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1050',
      detail: `${variable} is no URL of an HTTP proxy`,
      nextSteps: [`write it as http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ before HOST where it wants a login`],
    },
  ]);

/**
 * As curl reads it: names separated by commas or blanks, each with all names below it, a leading dot allowed; `*` for all; addresses, and
 * subnets such as 10.0.0.0/8, where the endpoint is written as an address: no name is looked up for this. Beyond curl `HOST:PORT`.
 */
function isExempt({ host, port }: Endpoint, list: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), { name, port }));
}

function matches(entry: string, { name, port }: { name: string; port: number }): boolean {
  if (entry.includes('/')) return subnetHolds(entry, name);
  const bracketed = /^\[(.*)\](?::(\d+))?$/.exec(entry) ?? /^([^:]*)(?::(\d+))?$/.exec(entry) ?? [entry, entry, undefined];
  const [, host = '', only] = bracketed;
  if (only !== undefined && Number(only) !== port) return false;
  if (parseAddress(name) !== undefined) return sameAddress(host, name);
  const suffix = host.replace(/^\*?\./, '').replace(/\.$/, '');
  return suffix !== '' && (name === suffix || name.endsWith(`.${suffix}`));
}
