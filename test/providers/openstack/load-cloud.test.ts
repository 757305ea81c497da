import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../../../src/diag/diagnostic.js';
import type { CloudConfig } from '../../../src/providers/openstack/config/cloud-config.js';
import { loadCloud } from '../../../src/providers/openstack/config/load-cloud.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clouds-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const PROD = `clouds:
  prod:
    region_name: RegionOne
    auth:
      auth_url: https://keystone.example.com:5000/v3
      username: alice
      password: pa55word
      project_name: web
      user_domain_name: Users
      project_domain_name: Projects
`;

interface Row {
  readonly name: string;
  /** Files below the temporary folder: cwd is `project`, home is `home`. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly cloud?: string;
  /** What is read, said briefly; or the error, when it starts with `error`. */
  readonly expected: string;
}

const application = `clouds:
  ci:
    auth_type: v3applicationcredential
    auth: {auth_url: "https://k.example.com", application_credential_id: id1, application_credential_secret: s3cret}
`;
const environment = {
  OS_AUTH_URL: 'http://k.example.com:5000',
  OS_USERNAME: 'bob',
  OS_PASSWORD: 'pw',
  OS_PROJECT_NAME: 'demo',
  OS_USER_DOMAIN_NAME: 'Default',
  OS_PROJECT_DOMAIN_NAME: 'Default',
};
const named = (name: string, more = ''): string =>
  `clouds: {${name}: {auth: {auth_url: "https://${name}.example.com/v3", username: u, password: p, project_id: p1}${more}}}`;

const rows: readonly Row[] = [
  {
    name: 'one cloud is taken without a name',
    files: { 'project/clouds.yaml': PROD },
    expected: 'prod https://keystone.example.com:5000/v3 password alice@Users web@Projects RegionOne',
  },
  {
    name: 'this folder goes before the home folder',
    files: { 'project/clouds.yaml': named('here'), 'home/.config/openstack/clouds.yaml': named('home') },
    expected: 'here https://here.example.com/v3 password u@#default #p1',
  },
  {
    name: 'XDG_CONFIG_HOME goes before ~/.config',
    files: { 'xdg/openstack/clouds.yaml': named('xdg'), 'home/.config/openstack/clouds.yaml': named('home') },
    env: { XDG_CONFIG_HOME: 'FOLDER/xdg' },
    expected: 'xdg https://xdg.example.com/v3 password u@#default #p1',
  },
  {
    name: 'XDG_CONFIG_DIRS come after the home folder',
    files: { 'site/openstack/clouds.yaml': named('site') },
    env: { XDG_CONFIG_DIRS: 'FOLDER/none:FOLDER/site' },
    expected: 'site https://site.example.com/v3 password u@#default #p1',
  },
  {
    name: 'clouds.yml and clouds.json count as well',
    files: {
      'project/clouds.json': JSON.stringify({
        clouds: { j: { auth: { auth_url: 'https://j/v3', username: 'u', password: 'p', project_id: 'p1' } } },
      }),
    },
    expected: 'j https://j/v3 password u@#default #p1',
  },
  {
    name: 'OS_CLIENT_CONFIG_FILE goes first',
    files: { 'project/clouds.yaml': named('here'), 'other.yaml': named('other') },
    env: { OS_CLIENT_CONFIG_FILE: 'FOLDER/other.yaml' },
    expected: 'other https://other.example.com/v3 password u@#default #p1',
  },
  {
    name: 'a missing OS_CLIENT_CONFIG_FILE is not passed over: the next one may be another cloud of the same name',
    files: { 'project/clouds.yaml': named('here') },
    env: { OS_CLIENT_CONFIG_FILE: 'FOLDER/none.yaml' },
    expected: 'error OS_CLIENT_CONFIG_FILE names FOLDER/none.yaml, which cannot be read; another file is not taken in its place',
  },
  {
    name: 'nor is a missing OS_CLIENT_SECURE_FILE',
    files: { 'project/clouds.yaml': named('here') },
    env: { OS_CLIENT_SECURE_FILE: 'FOLDER/none.yaml' },
    expected: 'error OS_CLIENT_SECURE_FILE names FOLDER/none.yaml, which cannot be read; another file is not taken in its place',
  },
  {
    name: 'an empty OS_CLIENT_CONFIG_FILE is none',
    files: { 'project/clouds.yaml': named('here') },
    env: { OS_CLIENT_CONFIG_FILE: '' },
    expected: 'here https://here.example.com/v3 password u@#default #p1',
  },
  {
    name: 'OS_CLOUD chooses',
    files: {
      'project/clouds.yaml': `${PROD}  other: {auth: {auth_url: "https://o/v3", username: u, password: p, project_id: p1}}\n`,
    },
    env: { OS_CLOUD: 'other' },
    expected: 'other https://o/v3 password u@#default #p1',
  },
  {
    name: 'a name from the Project goes before OS_CLOUD',
    files: { 'project/clouds.yaml': PROD },
    env: { OS_CLOUD: 'other' },
    cloud: 'prod',
    expected: 'prod https://keystone.example.com:5000/v3 password alice@Users web@Projects RegionOne',
  },
  {
    name: 'a cloud name keeps its dash',
    files: { 'project/clouds.yaml': named('my-cloud') },
    cloud: 'my-cloud',
    expected: 'my-cloud https://my-cloud.example.com/v3 password u@#default #p1',
  },
  {
    name: 'OS_* make the cloud envvars',
    env: environment,
    expected: 'envvars http://k.example.com:5000/v3 password bob@Default demo@Default',
  },
  {
    name: 'OS_CLOUD_NAME names it',
    env: { ...environment, OS_CLOUD_NAME: 'mine', OS_REGION_NAME: 'R2' },
    cloud: 'mine',
    expected: 'mine http://k.example.com:5000/v3 password bob@Default demo@Default R2',
  },
  {
    name: 'OS_* go before the only cloud of the file',
    files: { 'project/clouds.yaml': PROD },
    env: environment,
    expected: 'envvars http://k.example.com:5000/v3 password bob@Default demo@Default',
  },
  {
    name: 'selectors alone make no cloud',
    files: { 'project/clouds.yaml': PROD },
    env: { OS_REGION_NAME: 'RegionOne', OS_LOG_LEVEL: 'x' },
    expected: 'prod https://keystone.example.com:5000/v3 password alice@Users web@Projects RegionOne',
  },
  {
    name: 'secure.yaml adds the password',
    files: {
      'project/clouds.yaml': PROD.replace('      password: pa55word\n', ''),
      'home/.config/openstack/secure.yaml': 'clouds: {prod: {auth: {password: hidden}}}',
    },
    expected: 'prod https://keystone.example.com:5000/v3 password alice@Users web@Projects RegionOne',
  },
  {
    name: 'a cloud of secure.yaml alone',
    files: { 'project/secure.yaml': named('s') },
    expected: 's https://s.example.com/v3 password u@#default #p1',
  },
  {
    name: 'empty OS_* make no cloud',
    files: { 'project/clouds.yaml': named('s') },
    env: { OS_AUTH_URL: '', OS_CLOUD: '' },
    expected: 's https://s.example.com/v3 password u@#default #p1',
  },
  {
    name: 'application credential',
    files: { 'project/clouds.yaml': application },
    expected: 'ci https://k.example.com/v3 application-credential #id1',
  },
  {
    name: 'application credential by name',
    files: {
      'project/clouds.yaml': application.replace(
        'application_credential_id: id1',
        'application_credential_name: ac, username: carol, user_domain_id: d1',
      ),
    },
    expected: 'ci https://k.example.com/v3 application-credential ac of carol@#d1',
  },
  {
    name: 'token',
    files: {
      'project/clouds.yaml':
        'clouds: {t: {auth_type: token, auth: {auth_url: "https://k/identity/v3/", token: abc, project_id: p1}}}',
    },
    expected: 't https://k/identity/v3 token #p1',
  },
  {
    name: 'v2.0 in auth_url becomes v3',
    files: { 'project/clouds.yaml': named('old').replace('/v3', '/v2.0') },
    expected: 'old https://old.example.com/v3 password u@#default #p1',
  },
  {
    name: 'tenant is the old word for project',
    files: {
      'project/clouds.yaml': 'clouds: {t: {auth: {auth-url: "https://k/v3", user_name: u, password: 12345, tenant-name: old}}}',
    },
    expected: 't https://k/v3 password u@#default old@#default',
  },
  {
    name: 'one domain serves both',
    files: {
      'project/clouds.yaml':
        'clouds: {t: {auth: {auth_url: "https://k/v3", username: u, password: p, project_name: x, domain_name: Corp}}}',
    },
    expected: 't https://k/v3 password u@Corp x@Corp',
  },
  {
    name: 'the first of regions, with its values',
    files: { 'project/clouds.yaml': named('r', ', regions: [{name: A, values: {interface: internal}}, B]') },
    expected: 'r https://r.example.com/v3 password u@#default #p1 A volume=internal',
  },
  {
    name: 'OS_REGION_NAME of a cloud of variables is not laid over a named one: the first of its regions',
    files: { 'project/clouds.yaml': named('r', ', regions: [A, B]') },
    env: { ...environment, OS_REGION_NAME: 'B' },
    cloud: 'r',
    expected: 'r https://r.example.com/v3 password u@#default #p1 A',
  },
  {
    name: 'OS_REGION_NAME of a cloud of variables is not laid over a named one: none stays none',
    files: { 'project/clouds.yaml': named('r') },
    env: { ...environment, OS_REGION_NAME: 'B', OS_CLOUD: 'r' },
    expected: 'r https://r.example.com/v3 password u@#default #p1',
  },
  {
    name: 'OS_REGION_NAME that says the same as a named cloud',
    files: { 'project/clouds.yaml': named('r', ', regions: [A, B]') },
    env: { OS_REGION_NAME: 'A' },
    expected: 'r https://r.example.com/v3 password u@#default #p1 A',
  },
  {
    name: 'OS_REGION_NAME of nothing else, and another region of a named cloud',
    files: { 'project/clouds.yaml': named('r', ', regions: [A, B]') },
    env: { OS_REGION_NAME: 'B', OS_CLOUD: 'r' },
    expected: "error OS_REGION_NAME is B, and cloud 'r' of FOLDER/project/clouds.yaml is taken in A",
  },
  {
    name: 'OS_REGION_NAME of nothing else, and a named cloud without a region',
    files: { 'project/clouds.yaml': named('r') },
    env: { OS_REGION_NAME: 'B' },
    expected: "error OS_REGION_NAME is B, and cloud 'r' of FOLDER/project/clouds.yaml names none",
  },
  {
    name: 'an api_timeout that is no number of seconds',
    files: { 'project/clouds.yaml': named('r', ', api_timeout: 30s') },
    expected: "error api_timeout of cloud 'r' in FOLDER/project/clouds.yaml is no number of seconds",
  },
  {
    name: 'an api_timeout of no time',
    env: { ...environment, OS_API_TIMEOUT: '0' },
    expected: "error api_timeout of cloud 'envvars' in the environment is no number of seconds",
  },
  {
    name: 'an api_timeout that is a list',
    files: { 'project/clouds.yaml': named('r', ', api_timeout: [30]') },
    expected: "error api_timeout of cloud 'r' in FOLDER/project/clouds.yaml is no number of seconds",
  },
  {
    name: 'an empty api_timeout is none',
    files: { 'project/clouds.yaml': named('r', ', api_timeout: ""') },
    expected: 'r https://r.example.com/v3 password u@#default #p1',
  },
  {
    name: 'a region in auth_url',
    files: { 'project/clouds.yaml': named('r', ', region_name: eu').replace('https://r', 'https://{region_name}') },
    expected: 'r https://eu.example.com/v3 password u@#default #p1 eu',
  },
  {
    name: 'interface of one service',
    files: { 'project/clouds.yaml': named('r', ', volume_interface: adminURL') },
    expected: 'r https://r.example.com/v3 password u@#default #p1 volume=admin',
  },
  {
    name: 'endpoint_type is the old word for interface',
    files: { 'project/clouds.yaml': named('r', ', endpoint_type: internalURL') },
    expected: 'r https://r.example.com/v3 password u@#default #p1 volume=internal',
  },
  {
    name: 'endpoint overrides',
    files: { 'project/clouds.yaml': named('r', ', volume_endpoint_override: "https://v/v3", volume_api_version: 3') },
    expected: 'r https://r.example.com/v3 password u@#default #p1 volume at https://v/v3',
  },
  {
    name: 'verify: no is YAML 1.1',
    files: { 'project/clouds.yaml': named('r', ', verify: no') },
    expected: 'r https://r.example.com/v3 password u@#default #p1 unverified',
  },
  {
    name: 'insecure as text',
    files: { 'project/clouds.yaml': named('r', ', insecure: "True"') },
    expected: 'r https://r.example.com/v3 password u@#default #p1 unverified',
  },
  {
    name: 'OS_CACERT counts for a named cloud too, and makes none',
    files: { 'project/clouds.yaml': named('r') },
    env: { OS_CACERT: '~/ca.pem' },
    expected: 'r https://r.example.com/v3 password u@#default #p1 ca FOLDER/home/ca.pem',
  },
  {
    name: 'OS_CACERT does not go before the cacert of the cloud',
    files: { 'project/clouds.yaml': named('r', ', cacert: /own.pem') },
    env: { OS_CACERT: '/other.pem' },
    expected: 'r https://r.example.com/v3 password u@#default #p1 ca /own.pem',
  },
  {
    name: 'an application credential needs no auth_type',
    files: {
      'project/clouds.yaml':
        'clouds: {a: {auth: {auth_url: "https://k/v3", application_credential_id: id1, application_credential_secret: s3cret}}}',
    },
    expected: 'a https://k/v3 application-credential #id1',
  },
  {
    name: 'certificates',
    files: { 'project/clouds.yaml': named('r', ', cacert: ~/ca.pem, cert: /c.pem, key: /k.pem') },
    expected: 'r https://r.example.com/v3 password u@#default #p1 ca FOLDER/home/ca.pem cert /c.pem key /k.pem',
  },
  {
    name: 'YAML merge keys',
    files: {
      'project/clouds.yaml':
        'x-auth: &a {auth_url: "https://k/v3", username: u, password: p}\nclouds: {m: {auth: {<<: *a, project_id: p1}}}',
    },
    expected: 'm https://k/v3 password u@#default #p1',
  },

  { name: 'nothing configured', expected: 'error no cloud is configured: there is no clouds.yaml, and no OS_AUTH_URL is set' },
  {
    name: 'an empty file',
    files: { 'project/clouds.yaml': '' },
    expected: 'error no cloud is configured: FOLDER/project/clouds.yaml has no clouds, and no OS_AUTH_URL is set',
  },
  {
    name: 'several clouds and no name',
    files: { 'project/clouds.yaml': 'clouds: {a: {}, b: {}}' },
    expected: 'error FOLDER/project/clouds.yaml has the clouds a, b and none of them is chosen',
  },
  {
    name: 'unknown cloud',
    files: { 'project/clouds.yaml': PROD },
    cloud: 'prdo',
    expected: "error FOLDER/project/clouds.yaml has no cloud 'prdo'; it has prod",
  },
  {
    name: 'unknown cloud and no file',
    cloud: 'prod',
    env: { OS_CLIENT_CONFIG_FILE: '/none' },
    expected: 'error OS_CLIENT_CONFIG_FILE names /none, which cannot be read; another file is not taken in its place',
  },
  {
    name: 'no auth_url',
    files: { 'project/clouds.yaml': 'clouds: {a: {profile: vexxhost, auth: {}}}' },
    expected:
      "error cloud 'a' of FOLDER/project/clouds.yaml has no auth_url (vendor profiles such as 'vexxhost' are not looked up)",
  },
  {
    name: 'auth_url is no URL',
    files: { 'project/clouds.yaml': named('a').replace('https://a', 'a') },
    expected: "error auth_url of cloud 'a' in FOLDER/project/clouds.yaml is not a URL",
  },
  {
    name: 'no password',
    files: { 'project/clouds.yaml': PROD.replace('      password: pa55word\n', '') },
    expected: "error cloud 'prod' of FOLDER/project/clouds.yaml has no password",
  },
  {
    name: 'no project',
    env: { ...environment, OS_PROJECT_NAME: '' },
    expected: "error cloud 'envvars' of the environment has no project_name",
  },
  {
    name: 'auth_type that is not supported',
    files: { 'project/clouds.yaml': named('a', ', auth_type: v3oidcpassword') },
    expected: "error auth_type 'v3oidcpassword' of cloud 'a' in FOLDER/project/clouds.yaml is not supported",
  },
  {
    name: 'a password in auth_url',
    files: { 'project/clouds.yaml': named('a').replace('https://a', 'https://bob:hunter2@a') },
    expected: "error auth_url of cloud 'a' in FOLDER/project/clouds.yaml has a user name or password in it",
  },
  {
    name: 'a user in OS_AUTH_URL',
    env: { ...environment, OS_AUTH_URL: 'http://bob@k.example.com:5000' },
    expected: "error auth_url of cloud 'envvars' in the environment has a user name or password in it",
  },
  {
    name: 'a password in the URL of a service',
    files: { 'project/clouds.yaml': named('a', ', volume_endpoint_override: "https://bob:hunter2@v/v3"') },
    expected: "error volume_endpoint_override of cloud 'a' in FOLDER/project/clouds.yaml has a user name or password in it",
  },
  {
    name: 'an application credential without its secret',
    files: { 'project/clouds.yaml': 'clouds: {a: {auth: {auth_url: "https://k/v3", application_credential_id: id1}}}' },
    expected: "error cloud 'a' of FOLDER/project/clouds.yaml has no application_credential_secret",
  },
  {
    name: 'a secret without its application credential',
    files: { 'project/clouds.yaml': 'clouds: {a: {auth: {auth_url: "https://k/v3", application_credential_secret: s3cret}}}' },
    expected: "error cloud 'a' of FOLDER/project/clouds.yaml has no application_credential_id",
  },
  {
    name: 'an interface that every object has',
    files: { 'project/clouds.yaml': named('a', ', interface: constructor') },
    expected: "error interface of cloud 'a' in FOLDER/project/clouds.yaml is 'constructor'",
  },
  {
    name: 'a cloud that every object has',
    files: { 'project/clouds.yaml': PROD },
    cloud: 'constructor',
    expected: "error FOLDER/project/clouds.yaml has no cloud 'constructor'; it has prod",
  },
  {
    name: 'an unknown interface',
    files: { 'project/clouds.yaml': named('a', ', interface: secret') },
    expected: "error interface of cloud 'a' in FOLDER/project/clouds.yaml is 'secret'",
  },
  {
    name: 'a file cloud called envvars',
    files: { 'project/clouds.yaml': named('envvars') },
    env: environment,
    expected:
      "error FOLDER/project/clouds.yaml has a cloud named 'envvars', which is the name of the cloud made of OS_* variables",
  },
  {
    name: 'not YAML, and the line is not quoted',
    files: { 'project/clouds.yaml': 'clouds:\n  a: {auth: {password: "hunter2}}\n' },
    expected: 'error FOLDER/project/clouds.yaml is not valid YAML (line 3)',
  },
];

describe('loadCloud follows the rules of openstacksdk', () => {
  test.each(rows)('$name', ({ files = {}, env = {}, cloud, expected }) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const inFolder = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, value.replaceAll('FOLDER', folder)]));
    const home = { HOME: join(folder, 'home'), XDG_CONFIG_DIRS: join(folder, 'no-site') };
    const told = brief(() => loadCloud(cloud, { ...home, ...inFolder }, join(folder, 'project')));
    expect(told.replaceAll(folder, 'FOLDER')).toBe(expected);
  });
});

test('every error is MP4005 with something to do, and secrets are not printed', () => {
  mkdirSync(join(folder, 'project'));
  const path = join(folder, 'project/clouds.yaml');
  writeFileSync(path, PROD.replace('      project_name: web\n', ''));
  try {
    loadCloud('prod', { HOME: folder }, join(folder, 'project'));
    expect.unreachable();
  } catch (error) {
    const [diagnostic] = (error as DiagnosticsError).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'MP4005', nextSteps: [`Write project_name below clouds.prod.auth in ${path}.`] });
    expect(JSON.stringify(diagnostic)).not.toContain('pa55word');
  }
  writeFileSync(path, PROD);
  expect(JSON.stringify(loadCloud('prod', { HOME: folder }, join(folder, 'project')))).not.toContain('pa55word');
});

test.each([
  ['secure.yaml wins over clouds.yaml', 'clouds: {prod: {auth: {password: hidden}}}', 'hidden'],
  ['a number is kept digit by digit', 'clouds: {prod: {auth: {password: 12345678901234567890}}}', '12345678901234567890'],
])('%s', (_name, secure, password) => {
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'project/clouds.yaml'), PROD);
  writeFileSync(join(folder, 'project/secure.yaml'), secure);
  const { credentials } = loadCloud('prod', { HOME: folder }, join(folder, 'project'));
  expect(credentials.kind === 'password' && credentials.password.reveal()).toBe(password);
});

type Named = { readonly id: string } | { readonly name: string; readonly domain?: Named };

function nameOf(named: Named): string {
  if ('id' in named) return `#${named.id}`;
  return named.domain === undefined ? named.name : `${named.name}@${nameOf(named.domain)}`;
}

function brief(load: () => CloudConfig): string {
  try {
    return describeCloud(load());
  } catch (error) {
    if (error instanceof DiagnosticsError) return `error ${error.diagnostics[0]!.detail}`;
    throw error;
  }
}

function describeCloud({ name, authUrl, credentials, region, interfaces, endpointOverrides, tls }: CloudConfig): string {
  const words: (string | undefined)[] = [name, authUrl, credentials.kind];
  if (credentials.kind === 'password') words.push(nameOf(credentials.user));
  if (credentials.kind !== 'application-credential') words.push(nameOf(credentials.project));
  else
    words.push(
      'id' in credentials.credential
        ? nameOf(credentials.credential)
        : `${credentials.credential.name} of ${nameOf(credentials.credential.user)}`,
    );
  words.push(region);
  if (interfaces.volume !== 'public') words.push(`volume=${interfaces.volume}`);
  if (endpointOverrides.volume !== undefined) words.push(`volume at ${endpointOverrides.volume}`);
  if (!tls.verify) words.push('unverified');
  if (tls.caFile !== undefined) words.push(`ca ${tls.caFile}`);
  if (tls.certFile !== undefined) words.push(`cert ${tls.certFile} key ${tls.keyFile}`);
  return words.filter((word) => word !== undefined).join(' ');
}
