import { Secret } from '../../../host/secret.js';
import { own } from '../../../model/own.js';
import type { ApplicationCredentialName, Credentials, DomainName, KeystoneName } from './cloud-config.js';
import { type CloudSection, isSection } from './clouds-file.js';
import { notConfigured } from './not-configured.js';

export interface NamedSection {
  readonly name: string;
  readonly origin: string;
  readonly section: CloudSection;
}

/**
 * Reads `auth` of a cloud. Keystone plugin options may also stand beside `auth`, where the OS_* variables put them:
 * names of projects and domains are taken from there first, everything else from `auth` first (openstacksdk config/loader.py).
 */
export function readCredentials(cloud: NamedSection): Credentials {
  const options = new AuthOptions(cloud);
  const type = options.authType();
  switch (type) {
    case 'password':
    case 'v3password':
      return { kind: 'password', user: userOf(options), password: options.secret('password'), project: projectOf(options) };
    case 'token':
    case 'v3token':
      return { kind: 'token', token: options.secret('token', 'auth_token'), project: projectOf(options) };
    case 'v3applicationcredential':
      return {
        kind: 'application-credential',
        credential: applicationCredentialOf(options),
        secret: options.secret('application_credential_secret'),
      };
    default:
      throw notConfigured(`auth_type '${type}' of cloud '${cloud.name}' in ${cloud.origin} is not supported`, [
        `Use password, token or v3applicationcredential${options.hint('auth_type')}.`,
      ]);
  }
}

class AuthOptions {
  private readonly auth: CloudSection;
  constructor(private readonly cloud: NamedSection) {
    const auth = cloud.section['auth'];
    this.auth = isSection(auth) ? auth : {};
  }

  authType(): string {
    const hasApplicationCredential =
      this.option('application_credential_id', 'application_credential_name', 'application_credential_secret') !== undefined;
    const implied = hasApplicationCredential ? 'v3applicationcredential' : 'password';
    return this.outside('auth_type') ?? this.outside('auth_plugin') ?? implied;
  }

  /** Of plugin options: `auth` wins. */
  option(...keys: readonly string[]): string | undefined {
    return first(keys, (key) => this.inside(key)) ?? first(keys, (key) => this.outside(key));
  }

  /** Of projects and domains: what stands beside `auth` wins, because it may come from the environment. */
  scope(...keys: readonly string[]): string | undefined {
    return first(keys, (key) => this.outside(key) ?? this.inside(key));
  }

  secret(...keys: readonly string[]): Secret {
    const value = this.option(...keys);
    if (value === undefined) throw this.missing(keys[0]!);
    return new Secret(value);
  }

  missing(key: string): Error {
    const place = this.hint(key);
    return notConfigured(`cloud '${this.cloud.name}' of ${this.cloud.origin} has no ${key}`, [`Write ${key}${place}.`]);
  }

  /** Where a key is to be written. */
  hint(key: string): string {
    const { name, origin } = this.cloud;
    if (origin === 'the environment') return ` as the variable OS_${key.toUpperCase()}`;
    const section = key === 'auth_type' ? `clouds.${name}` : `clouds.${name}.auth`;
    const secure = /password|secret|token/.test(key) ? ', or in secure.yaml beside it' : '';
    return ` below ${section} in ${origin}${secure}`;
  }

  private inside(key: string): string | undefined {
    const value = own(this.auth, key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  private outside(key: string): string | undefined {
    const value = own(this.cloud.section, key);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }
}

function first(keys: readonly string[], read: (key: string) => string | undefined): string | undefined {
  for (const key of keys) {
    const value = read(key);
    if (value !== undefined) return value;
  }
  return undefined;
}

function userOf(options: AuthOptions): KeystoneName {
  const id = options.option('user_id');
  if (id !== undefined) return { id };
  const name = options.option('username', 'user_name');
  if (name === undefined) throw options.missing('username');
  return { name, domain: domainOf(options, 'user') };
}

function projectOf(options: AuthOptions): KeystoneName {
  const id = options.scope('project_id', 'tenant_id');
  if (id !== undefined) return { id };
  const name = options.scope('project_name', 'tenant_name');
  if (name === undefined) throw options.missing('project_name');
  return { name, domain: domainOf(options, 'project') };
}

/** A domain given once counts for user and project; without any it is the one with the id `default`. */
function domainOf(options: AuthOptions, of: 'user' | 'project'): DomainName {
  const id = options.scope(`${of}_domain_id`);
  if (id !== undefined) return { id };
  const name = options.scope(`${of}_domain_name`);
  if (name !== undefined) return { name };
  const commonId = options.scope('domain_id') ?? options.option('default_domain_id', 'default_domain');
  if (commonId !== undefined) return { id: commonId };
  const commonName = options.scope('domain_name') ?? options.option('default_domain_name');
  return commonName === undefined ? { id: 'default' } : { name: commonName };
}

function applicationCredentialOf(options: AuthOptions): ApplicationCredentialName {
  const id = options.option('application_credential_id');
  if (id !== undefined) return { id };
  const name = options.option('application_credential_name');
  if (name === undefined) throw options.missing('application_credential_id');
  return { name, user: userOf(options) };
}
