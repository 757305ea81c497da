import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { newBundlePath } from '../../src/cli/bundle-path.js';
import { type Bundle, makeBundle } from '../../src/engine/bundle/make-bundle.js';
import { stateIn } from '../../src/engine/runs/find-run.js';
import { RecordedRuntime } from './recorded-runs.js';

const SECRETS = {
  variable: 'planted-variable-1',
  cloud: 'planted&cloud "2"',
  short: 'pl3',
  unknown: 'planted-unknown-4',
  hook: 'planted-hook-key-5',
} as const;

let runtime: RecordedRuntime;
let folder: string;
let run: string;
let env: Record<string, string>;

beforeEach(async () => {
  runtime = await RecordedRuntime.openNew();
  folder = runtime.project.folder;
  env = {
    MIGPLAN_DATA_DIR: join(folder, 'data'),
    HOME: folder,
    VC_PASSWORD: SECRETS.variable,
    OS_PASSWORD: SECRETS.short,
    HOOK: `https://hooks.example.com/services/${SECRETS.hook}`,
    PATH: process.env['PATH']!,
  };
  run = (await runtime.apply()).run!;
});

const bundle = async (out?: string, asked?: string): Promise<Bundle> =>
  makeBundle({
    folder,
    env,
    state: await stateIn(folder, env),
    version: '1.2.3',
    pathFor: (name) => newBundlePath(folder, out, name),
    ...(asked !== undefined && { asked }),
  });

/** Text of every file of an archive, by its path in it. */
async function unpacked(path: string): Promise<Map<string, string>> {
  const into = `${path}.unpacked`;
  await mkdir(into);
  execFileSync('tar', ['--extract', '--file', path, '--directory', into]);
  const entries = await readdir(into, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(files.map(async (file) => [file.slice(into.length + 1), await readFile(file, 'utf8')] as const)),
  );
}

/** Wherever one may be: in files of people, in what a server said, in what we keep. */
async function plantSecrets(): Promise<void> {
  const all = Object.values(SECRETS);
  const logs = join(folder, 'data', 'runs', run, 'logs', 'web01');
  await mkdir(logs, { recursive: true });
  const echo = all
    .slice(0, 2)
    .flatMap((secret) => [secret, encodeURIComponent(secret), btoa(`demo:${secret}`), JSON.stringify(secret)]);
  const unknown = [`password=${SECRETS.unknown}`, `X-Auth-Token: ${SECRETS.unknown}`, `{"adminPass":"${SECRETS.unknown}"}`];
  const text = `${[...echo, ...unknown, `login ${SECRETS.short} refused`, env['HOOK']].join('\n')}\n`;
  for (const name of ['nbdkit.log', 'nbdkit.log.1', 'tell.log']) await writeFile(join(logs, name), text);
  await writeFile(join(folder, 'secure.yaml'), `clouds: {prod: {auth: {password: '${SECRETS.cloud}'}}}\n`, { mode: 0o600 });
  await appendFile(join(folder, 'data', 'runs', run, 'journal.ndjson'), `${JSON.stringify({ at: 'x', event: 'note', text })}\n`);
  await appendFile(join(folder, 'manifests', 'vm.yaml'), `# password: ${SECRETS.unknown}\n# ${SECRETS.cloud}\n`);
  await appendFile(join(folder, 'migplan.yaml'), `  notify: {webhook: {url: "env:HOOK"}}\n`);
}

describe('a bundle', () => {
  test('has what belongs to the run, and a list of it that sha256sum believes', async () => {
    const { path, files, run: of } = await bundle();
    expect([path, of]).toEqual([join(folder, `bundle-${run}.tar.gz`), run]);
    const texts = await unpacked(path);
    const root = `bundle-${run}`;
    expect([...texts.keys()].sort()).toEqual([...files.map((file) => `${root}/${file.path}`), `${root}/MANIFEST`].sort());
    for (const name of [
      'about.json',
      'project/migplan.yaml',
      'project/manifests/vm.yaml',
      'run/journal.ndjson',
      'state/state.json',
      'state/vms/web01.json',
    ])
      expect([...texts.keys()]).toContain(`${root}/${name}`);
    expect(JSON.parse(texts.get(`${root}/about.json`)!)).toMatchObject({
      migplan: '1.2.3',
      programs: { setpriv: { path: expect.any(String) as string } },
    });
    execFileSync('sha256sum', ['--check', '--strict', '--quiet', 'MANIFEST'], { cwd: join(`${path}.unpacked`, root) });
  });

  test('has no secret in any of its bytes', async () => {
    await plantSecrets();
    const { path } = await bundle();
    const texts = await unpacked(path);
    expect([...texts.keys()].filter((name) => name.endsWith('.log') || name.endsWith('.log.1')).length).toBe(3);
    for (const [name, text] of texts) {
      for (const secret of Object.values(SECRETS)) {
        for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), btoa(`demo:${secret}`)])
          expect(text.includes(form), `${name} has ${form}`).toBe(false);
      }
    }
    expect([...texts.keys()].some((name) => name.includes('secure'))).toBe(false);
  });

  test('is the same bytes for the same files, private, and nothing is left beside it', async () => {
    await plantSecrets();
    const [one, other] = [await bundle('a/x.tar.gz'), await bundle('b/x.tar.gz')];
    expect((await readFile(one.path)).equals(await readFile(other.path))).toBe(true);
    expect((await stat(one.path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'a'))).toEqual(['x.tar.gz']);
  });

  test('is never written over, and what cannot be written leaves nothing', async () => {
    await writeFile(join(folder, 'there.tar.gz'), 'mine');
    await expect(bundle('there.tar.gz')).rejects.toMatchObject({ diagnostics: [{ code: 'MP1020' }] });
    expect(await readFile(join(folder, 'there.tar.gz'), 'utf8')).toBe('mine');
    await expect(bundle('migplan.yaml/x.tar.gz')).rejects.toThrow();
  });

  test('of a run that is not there is refused', async () => {
    await expect(bundle('x.tar.gz', 'nonesuch')).rejects.toMatchObject({ diagnostics: [{ code: 'MP3040' }] });
    expect((await readdir(folder)).filter((name) => name.includes('x.tar'))).toEqual([]);
  });

  test('can be made of a project that is broken, and without any run', async () => {
    await writeFile(join(folder, 'migplan.yaml'), `not: [valid\npassword: ${SECRETS.unknown}\n`);
    env['MIGPLAN_DATA_DIR'] = join(folder, 'none');
    const { path, notes } = await bundle();
    expect(path).toBe(join(folder, 'bundle.tar.gz'));
    expect(notes).toContain('nothing was applied from here yet');
    const texts = await unpacked(path);
    expect(texts.get('bundle/project/migplan.yaml')).toContain('not: [valid');
    expect([...texts.values()].join()).not.toContain(SECRETS.unknown);
  });
});
