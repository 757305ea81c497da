import { DiagnosticsError } from '../diag/diagnostic.js';
import { asStateExport, type StateExport } from '../engine/state/documents.js';
import { readInput, UnfitInput } from '../host/read-input.js';

/** A VM takes a few KiB. */
const STATE_BYTES_MAX = 256 * 2 ** 20;

/** What `state pull` wrote; `shown`: how the file was named. Throws DiagnosticsError MP3035. */
export async function readStateFile(path: string, shown: string): Promise<StateExport> {
  try {
    return asStateExport(JSON.parse((await readInput(path, { bytesMax: STATE_BYTES_MAX })).toString('utf8')));
  } catch (error) {
    const isSystem = (error as NodeJS.ErrnoException).code !== undefined;
    if (!(isSystem || error instanceof UnfitInput || error instanceof SyntaxError)) throw error;
    throw new DiagnosticsError([
      {
        severity: 'error',
        code: 'MP3035',
        detail: `${shown} cannot be read: ${(error as Error).message}`,
        nextSteps: ['make one: migplan state pull > state.json'],
      },
    ]);
  }
}
