import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Diagnostic, DiagnosticsError } from '../diag/diagnostic.js';
import { isMissing, readIfThere } from '../host/files.js';
import { isThere } from './write-new-files.js';

/** Throws DiagnosticsError MP1020 where one of these files, as paths in the folder, is neither there nor can be begun there. */
export async function requireRoom(folder: string, paths: readonly string[]): Promise<void> {
  const found: (Diagnostic | undefined)[] = [];
  for (const place of new Set(paths.map(dirname))) found.push(await misplaced(folder, place));
  for (const path of paths) found.push(await otherThing(folder, path));
  const problems = found.filter((one) => one !== undefined);
  if (problems.length > 0) throw new DiagnosticsError(problems);
}

const problem = (path: string, why: string): Diagnostic => ({
  severity: 'error',
  code: 'MP1020',
  detail: `${path} ${why}; nothing was written`,
  nextSteps: [`rename ${path} or take it away`, 'or start the project in another folder: migplan init --chdir DIR'],
});

/** A folder that leads elsewhere would get files that the project does not include. */
async function misplaced(folder: string, place: string): Promise<Diagnostic | undefined> {
  const path = join(folder, place);
  if (!(await isThere(path))) return undefined;
  const kind = await kindOf(path);
  if (kind !== 'folder') return problem(place, kind === 'nothing' ? 'is a link that leads nowhere' : 'is no folder');
  const way = relative(await realpath(folder), await realpath(path));
  return way.startsWith('..') ? problem(place, `leads to ${await realpath(path)}, out of the folder`) : undefined;
}

async function otherThing(folder: string, path: string): Promise<Diagnostic | undefined> {
  if (!(await isThere(join(folder, path)))) return undefined;
  const kind = await kindOf(join(folder, path));
  if (kind === 'file') return undefined;
  return problem(path, kind === 'nothing' ? 'is a link that leads nowhere' : 'is there and is no file');
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing' | 'other'> {
  try {
    const found = await stat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (isMissing(error)) return 'nothing';
    return 'other';
  }
}

/** Of what is not for git, the lines that a file of somebody else's has not, as `.migplan` or `/.migplan/`. */
export async function missingLines(path: string, wanted: readonly string[]): Promise<string[]> {
  const lines = ((await readIfThere(path)) ?? '').split(/\r?\n/).map(bare);
  return wanted.filter((one) => !lines.includes(bare(one)));
}

const bare = (line: string): string => line.trim().replace(/^\/|\/$/g, '');
