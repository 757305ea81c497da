import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadProject } from '../../src/manifest/load.js';
import { silence } from '../../src/providers/openstack/http/errors.js';
import { Transport } from '../../src/providers/openstack/http/transport.js';
import { Runtime } from '../../src/runtime.js';
import { inFolder, migrationText, projectText } from '../manifest/in-folder.js';
import { futureServer } from '../providers/future-certificate.js';
import { SimCloud } from '../providers/openstack/sim-cloud.js';
import { refused, stepOf, type Trial } from './tried.js';

/** A command of an advice, run in the folder of the project as a person would; what it prints. */
const shell = (step: string, cwd: string): string => {
  const command = /(?:Run|see): (.+)$/.exec(step)![1]!;
  return execFileSync('sh', ['-c', `${command} 2>&1`], { cwd, encoding: 'utf8' });
};

const manifest = 'manifests/vm.yaml';

interface FileTrial {
  readonly advice: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly before?: (folder: string) => Promise<unknown>;
  /** What the command of the advice has to show. */
  readonly shows?: RegExp;
  readonly after: (folder: string) => Promise<unknown>;
}

const NOBODY = 65534;

/** By a user to whom a folder can be closed, which root is not. */
async function told(folder: string) {
  const isRoot = process.geteuid!() === 0;
  await chmod(folder, 0o755);
  if (isRoot) process.seteuid!(NOBODY);
  try {
    return (await loadProject({ cwd: folder, env: {} })).diagnostics;
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}

/** `a/b/a/b/…`: a pattern with several `**` meets each of these folders in many ways. */
const deep = Array.from({ length: 250 }, () => 'a').join('/');
const stars = Array.from({ length: 60 }, () => '**/a').join('/');

const both = projectText("  include: ['manifests/*.yaml', 'more/*.yaml']");

const rows: readonly FileTrial[] = [
  {
    advice: 'Run: ls -l <…>',
    before: (folder) => symlink('elsewhere', join(folder, manifest)),
    shows: /vm\.yaml -> elsewhere/,
    after: (folder) => writeFile(join(folder, 'manifests/elsewhere'), migrationText('web01')),
  },
  {
    advice: 'Run: ls -ld <…>',
    files: { [manifest]: migrationText('web01'), 'more/vm.yaml': migrationText('web02'), 'migplan.yaml': both },
    before: (folder) => chmod(join(folder, 'more'), 0),
    shows: /^d--------- .* more$/m,
    after: (folder) => chmod(join(folder, 'more'), 0o755),
  },
  {
    advice: 'Save it as UTF-8; see: file <…>',
    files: { [manifest]: Buffer.from(migrationText('web01', '  # größer\n'), 'latin1') },
    shows: /vm\.yaml: ISO-8859 text/,
    after: (folder) => writeFile(join(folder, manifest), migrationText('web01', '  # größer\n')),
  },
  {
    advice: 'Name the folders of the manifests in spec.include',
    files: {
      [manifest]: migrationText('web01'),
      [`${deep}/none.txt`]: '',
      'migplan.yaml': projectText(`  include: ['manifests/*.yaml', '${stars}/*.yaml']`),
    },
    after: (folder) => writeFile(join(folder, 'migplan.yaml'), projectText("  include: ['manifests/*.yaml']")),
  },
];

const fileTrial = ({ advice, files = {}, before, shows, after }: FileTrial): Trial => ({
  advice,
  run: () =>
    inFolder({ 'migplan.yaml': projectText(), 'manifests/.keep': '', ...files }, async (folder) => {
      await before?.(folder);
      const step = stepOf(
        (await told(folder)).flatMap(({ nextSteps = [] }) => [...nextSteps]),
        advice,
      );
      if (shows !== undefined) expect(shell(step, folder)).toMatch(shows);
      await after(folder);
      expect((await told(folder)).map(({ detail }) => detail)).toEqual([]);
    }),
});

/** A folder for the state that cannot be used; then one that is named. */
const stateFolder: Trial = {
  advice: 'make the folder writable for this user, or choose another one: export MIGPLAN_DATA_DIR=/path',
  run: () =>
    inFolder({ 'migplan.yaml': projectText(), [manifest]: migrationText('web01'), '.migplan': 'a file' }, async (folder) => {
      const prepare = async (env: NodeJS.ProcessEnv): Promise<string> => {
        await using runtime = await Runtime.open({ cwd: folder, env });
        return (await (await runtime.state()).prepare()).root;
      };
      const step = stepOf(await refused(() => prepare({})), stateFolder.advice);
      const other = await mkdtemp(join(tmpdir(), 'migplan-state-'));
      try {
        const line = /export .*/.exec(step)![0].replace('/path', other);
        const set = execFileSync('sh', ['-ec', `${line}; printf %s "$MIGPLAN_DATA_DIR"`], { encoding: 'utf8' });
        expect(await prepare({ MIGPLAN_DATA_DIR: set })).toBe(other);
      } finally {
        await rm(other, { recursive: true });
      }
    }),
};

/** The clock of this machine cannot be set here: a certificate of the future stands in for it, and one of today for a clock that is right. */
const clock: Trial = {
  advice: 'compare the clock of this machine with a right one and set it, then run again: date -u',
  run: async () => {
    const ask = async (caFile: string, url: string): Promise<unknown> => {
      const transport = new Transport({ verify: true, caFile }, 5_000);
      const sent = transport.send({ method: 'GET', url, headers: {} });
      return sent
        .catch((cause: unknown) =>
          Promise.reject(silence({ provider: 'cloud', call: 'GET /v3' }, cause, 'https://cloud.example.com:5000/v3')),
        )
        .finally(() => transport.close());
    };
    await using server = await futureServer();
    const step = stepOf(await refused(() => ask(server.caFile, `${server.origin}/v3`)), clock.advice);
    const told = execFileSync('sh', ['-c', /date -u/.exec(step)![0]], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    expect(Math.abs(Date.parse(told) - Date.now())).toBeLessThan(60_000);
    await using cloud = await SimCloud.start({}, { tls: true });
    await ask(cloud.sim.caFile!, cloud.sim.authUrl);
  },
};

export const fileTrials: readonly Trial[] = [...rows.map(fileTrial), stateFolder, clock];
