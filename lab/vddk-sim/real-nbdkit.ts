import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The first nbdkit on PATH that is not the stand-in in `ownDirectory`. */
export function findRealNbdkit(ownDirectory: string, path: string): string {
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory === '' ? '.' : directory, 'nbdkit');
    if (isExecutable(candidate) && dirname(realpathSync(candidate)) !== ownDirectory) return candidate;
  }
  throw new Error('no real nbdkit on PATH');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
