import { access, readFile } from 'node:fs/promises';

/** Whether a file system's error says that nothing has this path: a longer one than it allows nothing can have. */
export const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENAMETOOLONG'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');

/** A text file; undefined: there is none. Whatever else keeps it from being read is thrown. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** false also for what this user may not see. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
