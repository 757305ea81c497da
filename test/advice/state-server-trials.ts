import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type StateServer, type StateServerOptions, startStateServer } from '../../lab/state-server/index.js';
import { Secret } from '../../src/host/secret.js';
import { loadProject } from '../../src/manifest/load.js';
import type { SecretRef } from '../../src/manifest/project/secret-ref.js';
import { openBackend } from '../../src/open-state.js';
import { inFolder, projectText } from '../manifest/in-folder.js';
import { refused, stepOf, type Trial } from './tried.js';

const TOKEN = 'glpat-Advice-0815';
const gitlab: StateServerOptions = { dialect: 'gitlab', people: [{ user: 'ci', token: TOKEN }] };
const terraform: StateServerOptions = { dialect: 'terraform', people: [{ user: 'ci', password: TOKEN }] };

/** Fields of `spec.state`, as a Project writes them. */
type StateText = Readonly<Record<string, string>>;

const login: StateText = { user: 'ci', password: '"env:TOKEN"' };
const inGitLab = (address: string): StateText => ({
  ...login,
  ...{ address: `"${address}"`, lockAddress: `"${address}/lock"`, lockMethod: 'POST', unlockMethod: 'DELETE' },
});
const inTerraform = (address: string): StateText => ({ ...login, address: `"${address}"` });

/** Begins a state where the text says, and locks a VM: what an apply does first. `told` are the next steps of what is wrong in the Project. */
async function begin(state: StateText, token = TOKEN): Promise<{ readonly told: readonly string[] }> {
  const fields = Object.entries({ type: 'http', ...state }).map(([name, value]) => `${name}: ${value}`);
  return inFolder({ 'migplan.yaml': projectText(`  state: {${fields.join(', ')}}\n`) }, async (cwd) => {
    const { project, diagnostics } = await loadProject({ cwd, env: {} });
    if (project === undefined) return { told: diagnostics.flatMap(({ nextSteps = [] }) => [...nextSteps]) };
    const secret = (ref: SecretRef): Promise<Secret> => {
      expect(ref).toMatchObject({ kind: 'env', name: 'TOKEN' });
      return Promise.resolve(new Secret(token));
    };
    await using backend = await openBackend(project.state, { folder: join(cwd, '.migplan'), env: {}, secret });
    await backend.prepare();
    await using _lock = await backend.lock({ kind: 'vms', name: 'web01' }).take('apply run1', new Date());
    return { told: [] };
  });
}

const works = async (state: StateText): Promise<void> => expect(await begin(state)).toEqual({ told: [] });

/** The advice comes of the first text, and the second one, which does what it says, works. */
function trial(
  advice: string,
  options: StateServerOptions,
  texts: (server: StateServer, step?: string) => { readonly wrong: StateText; readonly right: StateText },
): Trial {
  return {
    advice,
    run: async () => {
      await using server = await startStateServer(options);
      const { wrong } = texts(server);
      const step = stepOf(await refused(() => begin(wrong)), advice);
      await works(texts(server, step).right);
    },
  };
}

/** A folder that is gone after the work. */
async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'state-advice-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const page = { status: 200, body: '<html>Sign in</html>', headers: { 'Content-Type': 'text/html' } };
const authority =
  'look whether this machine reaches that server, or its proxy, and trusts its certificate (address and caFile in spec.state of the Project)';
const unread = 'make the file readable, or name another one as caFile in spec.state of the Project';
const loginStep =
  'put a login that is valid into spec.state of the Project, or where it refers to; the token of a CI job ends with the job';
const lockStep = 'Write lockAddress and unlockAddress of that server; on GitLab they are address with /lock behind it';

export const stateServerTrials: readonly Trial[] = [
  trial(
    'a proxy or a login page answers there: look whether the address in spec.state of the Project is that of the server itself',
    terraform,
    ({ url, control }) => {
      control.addFault({ path: /^\/state\/portal/, do: page });
      return { wrong: inTerraform(`${url}/portal/{name}`), right: inTerraform(`${url}/{name}`) };
    },
  ),
  trial(
    'it sends on, which is not followed: write the address it names into spec.state of the Project: <…>',
    terraform,
    ({ url, control }, step) => {
      control.addFault({ path: /^\/state\/old/, do: { status: 308, headers: { Location: `${url}/new/test__project` } } });
      const named = step === undefined ? '' : step.slice(step.lastIndexOf('http')).replace('test__project', '{name}');
      return { wrong: inTerraform(`${url}/old/{name}`), right: inTerraform(named) };
    },
  ),
  trial(
    'look whether address and lockAddress in spec.state of the Project are those of a server of states',
    gitlab,
    ({ url }) => ({ wrong: inGitLab(`${url}/no/{name}`), right: inGitLab(`${url}/{name}`) }),
  ),
  trial(
    'look whether the address in spec.state of the Project is that of this project and of nothing else',
    terraform,
    ({ url, control }) => {
      control.put('test__project', '{"version":4,"serial":3,"lineage":"x","resources":[]}');
      return { wrong: inTerraform(`${url}/{name}`), right: inTerraform(`${url}/migplan-{name}`) };
    },
  ),
  trial(
    'look whether the address in spec.state of the Project names the right project, and whether its token has access to that',
    gitlab,
    ({ url }) => ({ wrong: inGitLab(`${url.replace('/42/', '/43/')}/{name}`), right: inGitLab(`${url}/{name}`) }),
  ),
  trial(
    'nothing is done without locks: write lockAddress and the methods of this server into spec.state of the Project',
    gitlab,
    ({ url }) => ({ wrong: inTerraform(`${url}/{name}`), right: inGitLab(`${url}/{name}`) }),
  ),
  {
    advice: lockStep,
    run: async () => {
      await using server = await startStateServer(gitlab);
      const { lockAddress: _where, ...wrong } = inGitLab(`${server.url}/{name}`);
      stepOf((await begin(wrong)).told, lockStep);
      await works(inGitLab(`${server.url}/{name}`));
    },
  },
  {
    advice: loginStep,
    run: async () => {
      await using server = await startStateServer(gitlab);
      const state = inGitLab(`${server.url}/{name}`);
      stepOf(await refused(() => begin(state, 'glpat-of-yesterday')), loginStep);
      await works(state);
    },
  },
  {
    advice: authority,
    run: () =>
      withFolder(async (tlsFolder) => {
        await using server = await startStateServer({ ...gitlab, tlsFolder });
        const state = inGitLab(`${server.url}/{name}`);
        stepOf(await refused(() => begin(state)), authority);
        await works({ ...state, caFile: `"${server.caFile}"` });
      }),
  },
  {
    advice: unread,
    run: () =>
      withFolder(async (folder) => {
        await using server = await startStateServer(gitlab);
        const file = join(folder, 'authorities.pem');
        const state = { ...inGitLab(`${server.url}/{name}`), caFile: `"${file}"` };
        stepOf(await refused(() => begin(state)), unread);
        await writeFile(file, '');
        await works(state);
      }),
  },
];
