import type { Diagnostic } from '../diag/diagnostic.js';
import { ServerStartError } from '../host/nbd-server.js';
import { readInput, UnfitInput } from '../host/read-input.js';

const BYTES_MAX = 4096;
/** As nbdkit_parse_size(3) takes it: its rate filter says of anything else that it cannot parse it, and limits nothing. */
const RATE = /^\s*\d+[bskmgtpe]?$/i;

/** Throws ServerStartError where the file says something that would limit nothing. One that is missing or empty sets no limit. */
export async function requireRate(path: string): Promise<void> {
  const [line = ''] = (await textOf(path)).split('\n');
  if (line === '' || RATE.test(line)) return;
  throw new ServerStartError(
    `${path} (limits.rateFile) says ${JSON.stringify(line)}, which is no rate and would be no limit; write bits per second into it, such as 800M`,
  );
}

/** The same before anything is touched: a VM that is off already would stay off for it. */
export const rateProblems = (path: string): Promise<Diagnostic[]> =>
  requireRate(path).then(
    () => [],
    ({ message }: Error) => [
      {
        severity: 'error',
        code: 'MP1018',
        detail: message,
        nextSteps: ['write a rate such as 800M into it, or empty it for no limit'],
      },
    ],
  );

async function textOf(path: string): Promise<string> {
  try {
    return (await readInput(path, { bytesMax: BYTES_MAX })).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    const why = error instanceof UnfitInput ? error.message : ((error as NodeJS.ErrnoException).code ?? 'unknown reason');
    throw new ServerStartError(`${path} (limits.rateFile) cannot be read: ${why}`);
  }
}
