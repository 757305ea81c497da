import { own } from '../../../model/own.js';
import { type CloudConfig, type CloudTls, configPrefixes, type EndpointInterface, type Service } from './cloud-config.js';
import { readCredentials } from './cloud-credentials.js';
import {
  type CloudSection,
  type CloudsFile,
  type CloudValue,
  type Environment,
  expandHome,
  isSection,
  mergeSections,
  readCloudsFile,
} from './clouds-file.js';
import { notConfigured } from './not-configured.js';

const ENVIRONMENT = 'the environment';
/**
 * These choose a cloud or a file; alone they do not make a cloud of the environment (openstacksdk config/loader.py). A CA alone
 * does not say where a cloud is either.
 */
const SELECTORS = ['OS_CLOUD', 'OS_REGION_NAME', 'OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE', 'OS_CLOUD_NAME', 'OS_CACERT'];
const NOT_FOR_CLOUDS = ['OS_TEST', 'OS_STD', 'OS_LOG'];

interface FoundCloud {
  readonly name: string;
  readonly origin: string;
  readonly section: CloudSection;
}

/**
 * The cloud called `name`, or the one that openstacksdk would take without a name: OS_CLOUD, else the OS_* variables,
 * else the only one in clouds.yaml.
 * Throws DiagnosticsError MP4005 that names the file and what to write.
 */
export function loadCloud(name: string | undefined, env: Environment, cwd: string): CloudConfig {
  const file = readCloudsFile(env, cwd);
  const found = withRegion(findCloud(name, file, env));
  refuseOtherRegion(found, env);
  const { section, origin } = found;
  const fixed = (key: string): string | undefined => textOf(own(section, key));
  return {
    name: found.name,
    origin,
    authUrl: authUrlOf(found),
    credentials: readCredentials(found),
    ...optional('region', fixed('region_name')),
    interfaces: eachService((service) => interfaceOf(found, service)),
    endpointOverrides: overridesOf(found),
    tls: tlsOf(section, env),
    ...optional('apiTimeoutMs', timeoutOf(found)),
  };
}

function findCloud(name: string | undefined, file: CloudsFile, env: Environment): FoundCloud {
  const fromEnvironment = environmentCloud(env);
  const environmentName = env['OS_CLOUD_NAME'] || 'envvars';
  if (environmentName in file.clouds) {
    throw notConfigured(
      `${file.path} has a cloud named '${environmentName}', which is the name of the cloud made of OS_* variables`,
      [`Rename the cloud in ${file.path}, or set OS_CLOUD_NAME to another name.`],
    );
  }
  const names = Object.keys(file.clouds);
  const wanted =
    name ?? (env['OS_CLOUD'] || undefined) ?? (fromEnvironment && environmentName) ?? (names.length === 1 ? names[0] : undefined);
  if (wanted === undefined) throw noneChosen(file);
  if (wanted === environmentName && fromEnvironment) return { name: wanted, origin: ENVIRONMENT, section: fromEnvironment };
  const section = own(file.clouds, wanted);
  if (!isSection(section)) throw unknownCloud(wanted, file);
  return { name: wanted, origin: file.path!, section };
}

function environmentCloud(env: Environment): CloudSection | undefined {
  const keys = Object.keys(env).filter(
    (key) => key.startsWith('OS_') && own(env, key) && !NOT_FOR_CLOUDS.some((prefix) => key.startsWith(prefix)),
  );
  if (keys.every((key) => SELECTORS.includes(key))) return undefined;
  return Object.fromEntries(
    keys.map((key): [string, CloudValue] => [key.slice('OS_'.length).toLowerCase(), own(env, key) ?? null]),
  );
}

/**
 * Lays the values of the first of the cloud's `regions` over it. OS_REGION_NAME is a part of the cloud that the OS_* variables
 * make and of no other: laid over a cloud of clouds.yaml, as openstacksdk does not, it would send the work to another region.
 */
function withRegion(found: FoundCloud): FoundCloud {
  const [region] = regionsOf(found.section);
  if (region === undefined) return found;
  return { ...found, section: { ...mergeSections(found.section, region.values), region_name: region.name } };
}

/**
 * The `openstack` command would take the region of the variable, openstacksdk that of the file: whoever sets it beside a named cloud, and has no cloud
 * of OS_* variables that it belongs to, is asked which one is meant.
 */
function refuseOtherRegion({ name, origin, section }: FoundCloud, env: Environment): void {
  const wanted = env['OS_REGION_NAME'] ?? '';
  const region = textOf(own(section, 'region_name'));
  if (wanted === '' || origin === ENVIRONMENT || environmentCloud(env) !== undefined || wanted === region) return;
  const taken = region === undefined ? 'names none' : `is taken in ${region}`;
  throw notConfigured(`OS_REGION_NAME is ${wanted}, and cloud '${name}' of ${origin} ${taken}`, [
    `Write region_name: ${wanted} (and no regions) below clouds.${name} in ${origin}, or run: unset OS_REGION_NAME`,
  ]);
}

function regionsOf(section: CloudSection): { name: string; values: CloudSection }[] {
  const listed = section['regions'] ?? section['region_name'];
  const entries = typeof listed === 'string' ? listed.split(',') : Array.isArray(listed) ? (listed as readonly CloudValue[]) : [];
  return entries.flatMap((entry) => {
    if (typeof entry === 'string') return entry.trim() === '' ? [] : [{ name: entry.trim(), values: {} }];
    const name = isSection(entry) ? textOf(entry['name']) : undefined;
    if (!isSection(entry) || name === undefined) return [];
    const values = entry['values'];
    return [{ name, values: isSection(values) ? values : {} }];
  });
}

/** With the version at the end; `{region_name}` in it is replaced, as openstacksdk does. */
function authUrlOf({ name, origin, section }: FoundCloud): string {
  const auth = section['auth'];
  const written = (isSection(auth) ? textOf(auth['auth_url']) : undefined) ?? textOf(section['auth_url']);
  if (written === undefined) {
    const where = origin === ENVIRONMENT ? 'Set OS_AUTH_URL' : `Write clouds.${name}.auth.auth_url in ${origin}`;
    const profile = textOf(section['profile']) ?? textOf(section['cloud']);
    const reason = profile === undefined ? '' : ` (vendor profiles such as '${profile}' are not looked up)`;
    throw notConfigured(`cloud '${name}' of ${origin} has no auth_url${reason}`, [
      `${where}, such as https://keystone.example.com:5000/v3.`,
    ]);
  }
  const url = written.replaceAll(/\{(\w+)\}/g, (whole, key: string) => textOf(own(section, key)) ?? whole).replace(/\/+$/, '');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw notConfigured(`auth_url of cloud '${name}' in ${origin} is not a URL`, [
      'Write it such as https://keystone.example.com:5000/v3.',
    ]);
  }
  refuseUserinfo(url, 'auth_url', { name, origin });
  return /\/v3$/.test(url) ? url : `${url.replace(/\/v2\.0$/, '')}/v3`;
}

/** A password in a URL would be told wherever the URL is: in plans, in doctor's answers, in logs of proxies. */
function refuseUserinfo(url: string, field: string, { name, origin }: Pick<FoundCloud, 'name' | 'origin'>): void {
  if (!URL.canParse(url)) return;
  const { username, password } = new URL(url);
  if (username === '' && password === '') return;
  throw notConfigured(`${field} of cloud '${name}' in ${origin} has a user name or password in it`, [
    `Write ${field} without what stands before @, and the password as auth.password of the cloud, best in secure.yaml.`,
  ]);
}

const INTERFACES: Readonly<Record<string, EndpointInterface>> = {
  public: 'public',
  publicurl: 'public',
  internal: 'internal',
  internalurl: 'internal',
  admin: 'admin',
  adminurl: 'admin',
};

/** `interface` with its old name `endpoint_type`, for one service or for all. */
function interfaceOf({ name, origin, section }: FoundCloud, service: Service): EndpointInterface {
  const keys = [...configPrefixes[service].map((prefix) => `${prefix}_`), ''].flatMap((prefix) => [
    `${prefix}interface`,
    `${prefix}endpoint_type`,
  ]);
  const written = keys.map((key) => textOf(own(section, key))).find((value) => value !== undefined) ?? 'public';
  const known = own(INTERFACES, written.toLowerCase());
  if (known === undefined) {
    throw notConfigured(`interface of cloud '${name}' in ${origin} is '${written}'`, [
      'Write interface: public, internal or admin.',
    ]);
  }
  return known;
}

function overridesOf({ section, ...cloud }: FoundCloud): CloudConfig['endpointOverrides'] {
  const overrides: Partial<Record<Service, string>> = {};
  for (const service of ['volume', 'compute', 'network', 'image'] as const) {
    const keys = configPrefixes[service].flatMap((prefix) => [`${prefix}_endpoint_override`, `${prefix}_endpoint`]);
    const key = keys.find((candidate) => textOf(own(section, candidate)) !== undefined);
    const url = key && textOf(own(section, key));
    if (key === undefined || url === undefined) continue;
    refuseUserinfo(url, key, cloud);
    overrides[service] = url;
  }
  return overrides;
}

function tlsOf(section: CloudSection, env: Environment): CloudTls {
  const path = (key: string): string | undefined => {
    const written = textOf(own(section, key));
    return written === undefined ? undefined : expandHome(written, env);
  };
  const caOfEnvironment = env['OS_CACERT'] ? expandHome(env['OS_CACERT'], env) : undefined;
  const insecure = isTrue(section['insecure']);
  const verify = !insecure && !isFalse(section['verify']);
  return {
    verify,
    ...optional('caFile', verify ? (path('cacert') ?? caOfEnvironment) : undefined),
    ...optional('certFile', path('cert')),
    ...optional('keyFile', path('key')),
  };
}

function noneChosen(file: CloudsFile): Error {
  const names = Object.keys(file.clouds);
  if (names.length > 0) {
    return notConfigured(`${file.path} has the clouds ${names.join(', ')} and none of them is chosen`, [
      "Write one of them as 'cloud:' of the provider in migplan.yaml, or set OS_CLOUD.",
    ]);
  }
  return notConfigured(`no cloud is configured: ${lookedAt(file)}, and no OS_AUTH_URL is set`, [
    'Write clouds.yaml in this folder or in ~/.config/openstack, or set the OS_* variables.',
  ]);
}

function unknownCloud(name: string, file: CloudsFile): Error {
  const names = Object.keys(file.clouds);
  const known = names.length === 0 ? '' : `; it has ${names.join(', ')}`;
  const where = file.path === undefined ? 'in this folder, ~/.config/openstack or /etc/openstack' : `in ${file.path}`;
  const detail =
    file.path === undefined ? `cloud '${name}' was not found: ${lookedAt(file)}` : `${file.path} has no cloud '${name}'${known}`;
  return notConfigured(detail, [`Write clouds.${name} ${file.path === undefined ? `in a clouds.yaml ${where}` : where}.`]);
}

const lookedAt = (file: CloudsFile): string =>
  file.path === undefined ? 'there is no clouds.yaml' : `${file.path} has no clouds`;

const eachService = <T>(make: (service: Service) => T): Readonly<Record<Service, T>> => ({
  volume: make('volume'),
  compute: make('compute'),
  network: make('network'),
  image: make('image'),
});

/** Empty text counts as absent: CI systems set unused variables to ''. */
const textOf = (value: CloudValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const isTrue = (value: CloudValue | undefined): boolean =>
  value === true || (typeof value === 'string' && /^(true|yes|1)$/i.test(value));
const isFalse = (value: CloudValue | undefined): boolean =>
  value === false || (typeof value === 'string' && /^(false|no|0)$/i.test(value));

/** openstacksdk hands it on as it is written, and fails with what is no number. */
function timeoutOf({ name, origin, section }: FoundCloud): number | undefined {
  const written = own(section, 'api_timeout') ?? '';
  if (written === '') return undefined;
  const seconds = Number(textOf(written));
  if (Number.isFinite(seconds) && seconds > 0) return seconds * 1000;
  throw notConfigured(`api_timeout of cloud '${name}' in ${origin} is no number of seconds`, [
    'Write it such as api_timeout: 30.',
  ]);
}

const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
