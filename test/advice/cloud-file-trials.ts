import { join } from 'node:path';
import { expect } from 'vitest';
import type { CloudConfig } from '../../src/providers/openstack/config/cloud-config.js';
import { loadCloud } from '../../src/providers/openstack/config/load-cloud.js';
import { inFolder, loadFiles, migrationText, projectText } from '../manifest/in-folder.js';
import { refused, stepOf, type Trial } from './tried.js';

interface Place {
  /** Below a folder; `project` is where migplan runs, `home` the home folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** `cloud:` of the provider in migplan.yaml. */
  readonly cloud?: string;
}

interface CloudFileTrial {
  readonly advice: string;
  readonly before: Place;
  /** What the advice makes of it; what is not given stays. */
  readonly after: Place;
  /** Name of the cloud that is read then. */
  readonly leads: string;
}

const cloudText = (auth: string): string => `{auth: {auth_url: "https://k.example.com", project_id: p1, ${auth}}}`;
const login = 'username: u, password: p';
const clouds = (...names: readonly string[]): string =>
  `clouds: {${names.map((name) => `${name}: ${cloudText(login)}`).join(', ')}}`;
const environment = {
  OS_AUTH_URL: 'https://k.example.com',
  OS_USERNAME: 'bob',
  OS_PASSWORD: 'pw',
  OS_PROJECT_ID: 'p1',
  OS_USER_DOMAIN_NAME: 'Default',
};

/** By way of the Project, as the provider's field is read. */
async function nameInProject(cloud: string | undefined): Promise<string | undefined> {
  if (cloud === undefined) return undefined;
  const written = projectText().replace('{type: openstack, ', `{type: openstack, cloud: ${cloud}, `);
  const { project, diagnostics } = await loadFiles({ 'migplan.yaml': written, 'manifests/vm.yaml': migrationText('web01') });
  expect(diagnostics.map(({ detail }) => detail)).toEqual([]);
  const provider = project?.providers['cloud'];
  return provider?.type === 'openstack' ? provider.cloud : undefined;
}

const read = ({ files = {}, env = {}, cloud }: Place): Promise<CloudConfig> =>
  inFolder({ 'project/none': '', 'home/none': '', ...files }, async (folder) =>
    loadCloud(await nameInProject(cloud), { HOME: join(folder, 'home'), ...env }, join(folder, 'project')),
  );

const inProject = (text: string): Place => ({ files: { 'project/clouds.yaml': text } });
const withUser = inProject(`clouds: {prod: ${cloudText(login).replace('//k', '//u:p@k')}}`);
const twoNames = "Write one of them as 'cloud:' of the provider in migplan.yaml, or set OS_CLOUD.";
const envvars = 'Rename the cloud in <…>, or set OS_CLOUD_NAME to another name.';
const none = 'Write clouds.yaml in this folder or in ~/.config/openstack, or set the OS_* variables.';
const unknown = 'Write clouds.<…> <…>.';

const rows: readonly CloudFileTrial[] = [
  {
    advice: 'name the file that is meant, or run: unset <…>',
    before: { ...inProject(clouds('prod')), env: { OS_CLIENT_CONFIG_FILE: '/nowhere/clouds.yaml' } },
    after: { env: {} },
    leads: 'prod',
  },
  ...[{ ...inProject(clouds('prod').replace('{auth', '{region_name: B, auth')), env: { OS_REGION_NAME: 'B' } }, { env: {} }].map(
    (after) => ({
      advice: 'Write region_name: <…> (and no regions) below clouds.<…> in <…>, or run: unset OS_REGION_NAME',
      before: { ...inProject(clouds('prod').replace('{auth', '{regions: [A, B], auth')), env: { OS_REGION_NAME: 'B' } },
      after,
      leads: 'prod',
    }),
  ),
  {
    advice: 'Write it such as api_timeout: 30.',
    before: inProject(clouds('prod').replace('{auth', '{api_timeout: 30s, auth')),
    after: inProject(clouds('prod').replace('{auth', '{api_timeout: 30, auth')),
    leads: 'prod',
  },
  {
    advice: envvars,
    before: { ...inProject(clouds('envvars')), env: environment },
    after: inProject(clouds('mine')),
    leads: 'envvars',
  },
  {
    advice: envvars,
    before: { ...inProject(clouds('envvars')), env: environment },
    after: { env: { ...environment, OS_CLOUD_NAME: 'mine' } },
    leads: 'mine',
  },
  { advice: twoNames, before: inProject(clouds('a', 'b')), after: { cloud: 'b' }, leads: 'b' },
  { advice: twoNames, before: inProject(clouds('a', 'b')), after: { env: { OS_CLOUD: 'b' } }, leads: 'b' },
  { advice: none, before: {}, after: inProject(clouds('a')), leads: 'a' },
  { advice: none, before: {}, after: { files: { 'home/.config/openstack/clouds.yaml': clouds('a') } }, leads: 'a' },
  { advice: none, before: {}, after: { env: environment }, leads: 'envvars' },
  { advice: unknown, before: { ...inProject(clouds('a')), cloud: 'b' }, after: inProject(clouds('a', 'b')), leads: 'b' },
  { advice: unknown, before: { cloud: 'b' }, after: inProject(clouds('b')), leads: 'b' },
  {
    advice: unknown,
    before: { cloud: 'b' },
    after: { files: { 'home/.config/openstack/clouds.yaml': clouds('b') } },
    leads: 'b',
  },
  {
    advice: 'Write <…> without what stands before @, and the password as auth.password of the cloud, best in secure.yaml.',
    before: withUser,
    after: inProject(clouds('prod')),
    leads: 'prod',
  },
  {
    advice: 'Write <…> without what stands before @, and the password as auth.password of the cloud, best in secure.yaml.',
    before: withUser,
    after: {
      files: {
        'project/clouds.yaml': `clouds: {prod: ${cloudText('username: u')}}`,
        'project/secure.yaml': 'clouds: {prod: {auth: {password: p}}}',
      },
    },
    leads: 'prod',
  },
];

export const cloudFileTrials: readonly Trial[] = rows.map(({ advice, before, after, leads }) => ({
  advice,
  run: async () => {
    stepOf(await refused(() => read(before)), advice);
    const cloud = await read({ ...before, ...after });
    expect([cloud.name, cloud.credentials.kind]).toEqual([leads, 'password']);
  },
}));
