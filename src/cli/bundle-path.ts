import { resolve } from 'node:path';
import { DiagnosticsError } from '../diag/diagnostic.js';
import { unwritable } from './unwritable.js';
import { isThere } from './write-new-files.js';

const NEXT_STEP = 'write to another file: migplan bundle --out FILE';

/** Absolute path of a bundle that is to be. Throws DiagnosticsError MP1020 where something is there. */
export async function newBundlePath(folder: string, out: string | undefined, run: string | undefined): Promise<string> {
  const path = resolve(folder, out ?? `${run === undefined ? 'bundle' : `bundle-${run}`}.tar.gz`);
  if (await isThere(path)) throw existing(path);
  return path;
}

const existing = (path: string): DiagnosticsError =>
  new DiagnosticsError([
    {
      severity: 'error',
      code: 'MP1020',
      detail: `${path} exists and is not overwritten; nothing was written`,
      nextSteps: [NEXT_STEP],
    },
  ]);

/** What a file system refused, as a diagnostic. */
export const whyNoBundle = (error: unknown): unknown =>
  error instanceof DiagnosticsError ? error : unwritable(error, NEXT_STEP);
