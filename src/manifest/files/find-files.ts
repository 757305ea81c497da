import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { isMissing } from '../../host/files.js';
import { problem } from '../base/problem.js';
import { fitsSegment } from '../explain/fits-segment.js';
import { whyUnreadable } from '../project/secret-ref.js';

export interface FoundFiles {
  /** Relative to the folder, with /, sorted. */
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The files below `folder` that fit a pattern: `*` and `?` inside one name, `**` for any number of folders. Names that start
 * with a dot must be named with it, and `**` does not follow symbolic links to folders, which may go in circles.
 */
export async function findFiles(folder: string, pattern: string): Promise<FoundFiles> {
  const found: Found = { files: new Set(), diagnostics: [], searched: new Set() };
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  await search(
    { folder, below: '', segments: segments.filter((segment, at) => segment !== '**' || segments[at - 1] !== '**') },
    found,
  );
  return { files: [...found.files].sort(), diagnostics: found.diagnostics };
}

interface Found {
  readonly files: Set<string>;
  readonly diagnostics: Diagnostic[];
  /** Folders with the part of the pattern they were searched for: stars meet in the same place in many ways. */
  readonly searched: Set<string>;
}

/** Links to folders may go in circles. */
const SEARCHES_MAX = 20_000;

interface Search {
  readonly folder: string;
  readonly below: string;
  readonly segments: readonly string[];
}

async function search({ folder, below, segments }: Search, found: Found): Promise<void> {
  const [head, ...rest] = segments;
  if (head === undefined || !isNew(below, segments.length, found)) return;
  if (head === '**') await search({ folder, below, segments: rest }, found);
  for (const entry of await entriesOf(folder, below, found)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (head === '**') {
      if (entry.isDirectory() && !entry.name.startsWith('.')) await search({ folder, below: path, segments }, found);
    } else if (fitsSegment(entry.name, head)) {
      const kind = await kindOf(entry, join(folder, path));
      if (kind === 'folder' && rest.length > 0) await search({ folder, below: path, segments: rest }, found);
      if (kind === 'file' && rest.length === 0) found.files.add(path);
    }
  }
}

function isNew(below: string, left: number, { searched, diagnostics }: Found): boolean {
  const key = `${left} ${below}`;
  if (searched.has(key) || searched.size > SEARCHES_MAX) return false;
  searched.add(key);
  if (searched.size > SEARCHES_MAX) {
    const detail = `the search for manifests was given up after ${SEARCHES_MAX} folders`;
    diagnostics.push(problem('MP1012', undefined, { detail, nextSteps: ['Name the folders of the manifests in spec.include'] }));
  }
  return true;
}

async function entriesOf(folder: string, below: string, { diagnostics }: Found): Promise<Dirent[]> {
  try {
    return await readdir(join(folder, below), { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    const detail = `the folder ${below || '.'} cannot be searched for manifests: ${whyUnreadable(error)}`;
    diagnostics.push(problem('MP1012', undefined, { detail, nextSteps: [`Run: ls -ld ${below || '.'}`] }));
    return [];
  }
}

async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other'> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'other';
  const target = await stat(path).catch(() => undefined);
  // A link that leads nowhere counts as a file: reading it then tells what is wrong.
  return target?.isDirectory() ? 'folder' : 'file';
}
