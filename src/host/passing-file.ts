import { randomBytes } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { processTag, stateOfTag } from './process-tag.js';

/** After so long nobody is writing any more, wherever they were. */
const FORGOTTEN_MS = 24 * 60 * 60_000;
const NAME = /\.([0-9a-z]+-[0-9a-z]+-[0-9a-z]+)-[0-9a-f]{8}\.passing$/;

/** A path beside `path` for what is complete only when it has been renamed or linked. Its name tells whose it is. */
export async function passingPath(path: string): Promise<string> {
  return `${path}.${await processTag()}-${randomBytes(4).toString('hex')}.passing`;
}

/** Takes away what killed processes left beside `path`; without it, in the whole folder. Trouble with one is no reason not to run. */
export async function removeAbandoned(folder: string, path?: string, nowMs: number = Date.now()): Promise<void> {
  const start = path === undefined ? '' : `${basename(path)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    const tag = name.startsWith(start) ? NAME.exec(name)?.[1] : undefined;
    if (tag === undefined) continue;
    const file = join(folder, name);
    if (await isAbandoned(file, tag, nowMs)) await rm(file, { force: true }).catch(() => undefined);
  }
}

async function isAbandoned(file: string, tag: string, nowMs: number): Promise<boolean> {
  const state = await stateOfTag(tag);
  if (state !== 'elsewhere') return state === 'dead';
  const changed = await stat(file).catch(() => undefined);
  return changed !== undefined && nowMs - changed.mtimeMs > FORGOTTEN_MS;
}

export const removeAbandonedBeside = (path: string): Promise<void> => removeAbandoned(dirname(path), path);
