import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isMissing } from '../../host/files.js';
import { inState } from '../../state/state-errors.js';
import { aboutText } from './about.js';
import { type Collected, type CollectingFrom, collect } from './collect.js';
import { learnSecrets } from './known-secrets.js';
import { struck } from './strike.js';
import { struckYaml } from './strike-yaml.js';
import { type ArchivedFile, writeArchive } from './write-archive.js';

export interface BundledFile {
  /** In the archive, below its one folder. */
  readonly path: string;
  /** Of what is in the archive, with secrets struck. */
  readonly bytes: number;
  readonly sha256: string;
}

export interface Bundle {
  readonly path: string;
  readonly run?: string;
  readonly files: readonly BundledFile[];
  /** What is not in it, and why. */
  readonly notes: readonly string[];
}

export interface BundleAsked extends CollectingFrom {
  readonly version: string;
  /** Where it is written, by the run it is about; undefined: there is none. */
  readonly pathFor: (run: string | undefined) => Promise<string>;
}

const MANIFEST = 'MANIFEST';

/** Makes a bundle for whoever is to help: what is known of a run, its project and this machine. Throws as `collect` and `writeArchive` do. */
export async function makeBundle(asked: BundleAsked): Promise<Bundle> {
  const { files: found, run, notes } = await collect(asked);
  const path = await asked.pathFor(run?.run);
  const project = found.filter((file) => file.path.startsWith('project/'));
  await learnSecrets(await Promise.all(project.map(({ from }) => textOf(from))), asked);
  const folder = basename(path).replace(/\.(?:tar\.gz|tgz)$/, '');
  const files: BundledFile[] = [];
  await writeArchive(path, archived(folder, { found, asked, notes, files }));
  return { path, ...(run && { run: run.run }), files, notes };
}

interface Archiving {
  readonly found: readonly Collected[];
  readonly asked: BundleAsked;
  readonly notes: readonly string[];
  /** Filled as they come. */
  readonly files: BundledFile[];
}

async function* archived(folder: string, { found, asked, notes, files }: Archiving): AsyncGenerator<ArchivedFile> {
  const keep = (path: string, text: string): ArchivedFile => {
    const bytes = Buffer.from(text);
    files.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    return { path: `${folder}/${path}`, text };
  };
  yield keep('about.json', struck(await aboutText(asked.version, asked.env)));
  for (const { from, path } of [...found].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const text = await textOf(from);
    yield keep(path, /\.ya?ml$/.test(path) ? struckYaml(text) : struck(text));
  }
  yield { path: `${folder}/${MANIFEST}`, text: manifestText(files, notes) };
}

/** `sha256sum --check` reads it. */
const manifestText = (files: readonly BundledFile[], notes: readonly string[]): string =>
  [
    '# What is in this bundle of migplan. Passwords, tokens and keys were struck out: ***',
    ...notes.map((note) => `# ${note}`),
    ...files.map(({ sha256, path }) => `${sha256}  ${path}`),
    '',
  ].join('\n');

/** What is gone meanwhile, or was put aside as it grew, is empty. */
const textOf = (path: string): Promise<string> =>
  inState(path, () =>
    readFile(path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return '';
      throw error;
    }),
  );
