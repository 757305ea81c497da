import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DiagnosticsError } from '../diag/diagnostic.js';

/** Writes all or, when one of them exists, none. Returns their paths. */
export async function writeNewFiles(
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<string[]> {
  const paths = files.map(({ path }) => join(folder, path));
  const existing: string[] = [];
  for (const path of paths) if (await exists(path)) existing.push(path);
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
  await mkdir(folder, { recursive: true });
  for (const [index, { text }] of files.entries()) await writeFile(paths[index]!, text, { flag: 'wx' });
  return paths;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
