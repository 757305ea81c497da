import { DiagnosticsError } from '../diag/diagnostic.js';
import { own } from '../model/own.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file stands where a folder should be',
  EISDIR: 'a folder stands where a file should be',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the disk cannot be read or written',
};

/** Runs work on a file of the state folder; what the file system refuses, or a damaged file, becomes a diagnostic. */
export async function inState<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw stateError(path, error) ?? error;
  }
}

function stateError(path: string, error: unknown): DiagnosticsError | undefined {
  if (error instanceof SyntaxError) {
    return diagnosticsError(error, `${path} is damaged: ${error.message}`, [
      `look at the file; removing it is safe: migplan finds out from the volumes and vCenter where every disk stands`,
    ]);
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (!(error instanceof Error) || code === undefined || !/^E[A-Z]+$/.test(code)) return undefined;
  return diagnosticsError(error, `${path}: ${own(REASONS, code) ?? code}`, [
    'make the folder writable for this user, or choose another one: export MIGPLAN_DATA_DIR=/path',
  ]);
}

const diagnosticsError = (cause: Error, detail: string, nextSteps: readonly string[]): DiagnosticsError =>
  new DiagnosticsError([{ severity: 'error', code: 'MP3013', detail, nextSteps }], { cause });
