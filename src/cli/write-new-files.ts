import { lstat, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { makeFolders } from '../host/make-folders.js';
import { unwritable } from './unwritable.js';

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Writes all or, when one of them exists or cannot be written, none. Returns their paths. A link that leads nowhere exists. */
export async function writeNewFiles(folder: string, files: readonly NewFile[]): Promise<string[]> {
  const paths = files.map(({ path }) => join(folder, path));
  const existing: string[] = [];
  for (const path of paths) if (await isThere(path)) existing.push(path);
  if (existing.length > 0) {
    throw new DiagnosticsError(
      existing.map((path) => ({
        severity: 'error',
        code: 'MP1020',
        detail: `${path} exists and is not overwritten; nothing was written`,
        nextSteps: ['write to another folder, or move the file away'],
      })),
    );
  }
  const written: string[] = [];
  try {
    for (const [index, { text }] of files.entries()) {
      await writeNewFile(paths[index]!, text);
      written.push(paths[index]!);
    }
    return paths;
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw unwritable(error, 'write to another folder');
  }
}

/** Never follows a link, and never replaces anything. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await makeFolders(dirname(path));
  await writeFile(path, text, { flag: 'wx' });
}

export const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
