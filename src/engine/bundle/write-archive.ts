import { link, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DiagnosticsError } from '../../diag/diagnostic.js';
import { runChild } from '../../host/child.js';
import { syncFolder } from '../../host/durable-file.js';
import { makeFolders } from '../../host/make-folders.js';
import { passingPath, removeAbandonedBeside } from '../../host/passing-file.js';
import { findProgram, packagesOf } from '../../host/program.js';

export interface ArchivedFile {
  /** In the archive. */
  readonly path: string;
  readonly text: string;
}

/** GNU tar reads at most what fits on a slow disk; a bundle is some megabytes. */
const TAR_TIMEOUT_MS = 600_000;

/**
 * A `.tar.gz` of these files, in their order, mode 0600, without times and owners: the same files give the same bytes. It is there whole or not at
 * all, and nothing is written over. Throws DiagnosticsError MP8001 without tar, and what the file system says (EEXIST: it is there).
 */
export async function writeArchive(path: string, files: AsyncIterable<ArchivedFile>): Promise<void> {
  const tar = await findProgram('tar');
  if (tar === undefined) throw noTar();
  await makeFolders(dirname(path));
  await removeAbandonedBeside(path);
  const stage = await mkdtemp(join(tmpdir(), 'migplan-bundle-'));
  const passing = await passingPath(path);
  try {
    const names = await stageFiles(stage, files);
    await (await open(passing, 'wx', 0o600)).close();
    await pack(tar, { stage, names, passing });
    await sync(passing);
    await link(passing, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(passing, { force: true });
    await rm(stage, { recursive: true, force: true });
  }
}

async function stageFiles(stage: string, files: AsyncIterable<ArchivedFile>): Promise<string[]> {
  const names: string[] = [];
  for await (const { path, text } of files) {
    await makeFolders(dirname(join(stage, path)), 0o700);
    await writeFile(join(stage, path), text, { mode: 0o600, flag: 'wx' });
    names.push(path);
  }
  return names;
}

interface Packing {
  readonly stage: string;
  readonly names: readonly string[];
  readonly passing: string;
}

async function pack(program: string, { stage, names, passing }: Packing): Promise<void> {
  const same = ['--format=gnu', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--mode=0600'];
  const list = ['--no-recursion', '--null', '--verbatim-files-from', '--files-from=-'];
  const { status, stderr } = await runChild({
    program,
    args: [
      '--create',
      `--file=${passing}`,
      '--force-local',
      '--use-compress-program=gzip -n',
      ...same,
      `--directory=${stage}`,
      ...list,
    ],
    bytes: Buffer.from(names.map((name) => `${name}\0`).join('')),
    timeoutMs: TAR_TIMEOUT_MS,
  });
  if (status !== 0) throw tarFailed(status, stderr);
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}

const noTar = (): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP8001',
      detail: 'tar is not installed',
      nextSteps: packagesOf({ debian: 'tar', fedora: 'tar' }),
    },
  ]);

const tarFailed = (status: number, said: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1020',
      detail: `tar ended with ${status}; nothing was written`,
      lines: said
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => `it said: ${line}`),
      nextSteps: ['make room where the bundle is written and in the folder of TMPDIR, or write to another place'],
    },
  ]);
